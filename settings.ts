import { join } from "node:path";
import { environmentReader, isWebAddress, SettingError, splitPem } from "./infrastructure/environment";

const DEMO_SECRET = "demo-only-secret-that-production-refuses";

function readSettings(env: Readonly<Record<string, string | undefined>>) {
	const production = env["NODE_ENV"] === "production";
	const { text, int, oneOf, required, pem, url, file } = environmentReader(env);
	/** WeChat Pay's platform keys by their serials; both lists have the same order. */
	const keysBySerial = (serials: string, keys: readonly string[]) => {
		const names = serials.split(",").map(serial => serial.trim());
		if (names.length !== keys.length || new Set(names).size !== names.length)
			throw new SettingError(
				"WECHAT_PLATFORM_KEY must have one key in PEM format for each serial in WECHAT_PLATFORM_SERIAL"
			);
		return Object.fromEntries(names.map((serial, n) => [serial, keys[n] ?? ""]));
	};
	const jwtSecret = text("JWT_SECRET", DEMO_SECRET);
	if (jwtSecret.length < 32) throw new SettingError("JWT_SECRET must have at least 32 characters");
	if (production && jwtSecret === DEMO_SECRET)
		throw new SettingError("JWT_SECRET must be set when NODE_ENV=production (32 characters or more)");
	const port = int("PORT", 3000, 0, 65535);
	const host = text("HOST", production ? "0.0.0.0" : "127.0.0.1");
	const publicUrl = text("PUBLIC_URL", "");
	if (publicUrl && !isWebAddress(publicUrl))
		throw new SettingError(
			`PUBLIC_URL must be an address that begins with https:// or http://, not "${publicUrl}"`
		);
	/** An origin as browsers write it. Apps may have a scheme of their own, as in `capacitor://localhost`. */
	const parseOrigin = (written: string) => {
		if (isWebAddress(written) && new URL(written).href === `${new URL(written).origin}/`)
			return new URL(written).origin;
		if (!isWebAddress(written) && /^[a-z][a-z\d+.-]*:\/\/[^/\s]+$/.test(written)) return written;
		throw new SettingError(
			`CORS_ORIGINS must be origins like https://shop.example, separated by commas, not "${written}"`
		);
	};
	const namespace = text("MALL_NAMESPACE", "zjmall");
	if (!/^[a-zA-Z0-9_-]{1,48}$/.test(namespace))
		throw new SettingError(`MALL_NAMESPACE must be 1 to 48 letters, digits, - or _, not "${namespace}"`);
	const natsUrl = text("NATS_URL", "");
	for (const server of natsUrl.split(",").filter(Boolean))
		if (!/^(nats|tls):\/\/\S+$/.test(server.trim()))
			throw new SettingError(
				"NATS_URL must be addresses that begin with nats:// or tls://, separated by commas"
			);
	const mongoUrl = url("MONGO_URL", "mongodb", "mongodb+srv");
	const redisUrl = url("REDIS_URL", "redis", "rediss");
	/** With MongoDB in production, migrations run apart from the start of the processes (`npm run migrate`). */
	const checksOnly = production && mongoUrl !== "";
	return {
		production,
		/** Whether answers of actions are checked against their contract. In production unknown fields are removed instead. */
		checkAnswers: !production,
		host,
		port,
		/** The address at which clients and payment channels reach the gateway; empty: the one it listens on. */
		publicUrl: publicUrl.replace(/\/$/, ""),
		dataDir: text("DATA_DIR", join(process.cwd(), "data")),
		sqliteSync: oneOf("SQLITE_SYNC", "normal", "full"),
		/** Prefix of the shop's messages, databases and keys: several shops can share servers. */
		namespace,
		/** The bus and the facts transport; null: one process without a bus, facts in the SQLite file. */
		nats: !natsUrl
			? null
			: {
					servers: natsUrl.split(",").map(server => server.trim()),
					credsFile: file("NATS_CREDS"),
					tls: {
						caFile: file("NATS_TLS_CA"),
						certFile: file("NATS_TLS_CERT"),
						keyFile: file("NATS_TLS_KEY")
					},
					replicas: int("NATS_REPLICAS", 1, 1, 5),
					maxAgeHours: int("NATS_MAX_AGE_HOURS", 168, 1, 8760),
					maxBytes: int("NATS_MAX_BYTES", -1, -1, Number.MAX_SAFE_INTEGER)
				},
		/** The document store; null: the SQLite file of the data folder. */
		mongo: !mongoUrl ? null : { url: mongoUrl, poolSize: int("MONGO_POOL", 50, 1, 1000) },
		/** The key-value store; null: the SQLite file of the data folder. */
		redis: !redisUrl ? null : { url: redisUrl },
		/** At the start `run` makes missing indexes and migrations, `check` refuses to start without them. */
		migrations: oneOf("MIGRATIONS", checksOnly ? "check" : "run", checksOnly ? "run" : "check"),
		nodeId: text("NODE_ID", ""),
		logLevel: oneOf("LOG_LEVEL", "info", "trace", "debug", "warn", "error", "fatal", "silent"),
		jwtSecret,
		/** The origins whose pages may use the API, as browsers write them: they are compared as texts. */
		corsOrigins: text("CORS_ORIGINS", "")
			.split(",")
			.map(s => s.trim())
			.filter(Boolean)
			.map(parseOrigin),
		/** The number of proxies in front of the gateway whose entries in X-Forwarded-For are trusted. */
		trustedProxies: int("TRUSTED_PROXIES", 0, 0, 10),
		limitsPerIp: oneOf("LIMITS_PER_IP", "on", "off") === "on" || production,
		metrics: oneOf("METRICS", "on", "off") === "on",
		/** The address at which this process serves its metrics; null: only gateways do, at their own `/metrics`. */
		metricsServer:
			oneOf("METRICS", "on", "off") === "off" || text("METRICS_PORT", "off") === "off"
				? null
				: { port: int("METRICS_PORT", 0, 1, 65_535), host: text("METRICS_HOST", "127.0.0.1") },
		/** The least number of seconds between two checks of the invariants; 0: no checks. */
		checkInvariantsEvery: int("CHECK_INVARIANTS_EVERY", 60, 0, 86_400),
		tracing: oneOf("TRACING", "off", "console"),
		/** Whether demo accounts are created. */
		demo: !production && oneOf("DEMO", "on", "off") === "on",
		/** Whether the first start loads the demo catalogue. */
		demoCatalogue: !production && oneOf("DEMO_CATALOGUE", "on", "off") === "on",
		sandbox: !production && oneOf("SANDBOX", "on", "off") === "on",
		/** The shop's account at Alipay (key mode); null where it has none. */
		alipay: !text("ALIPAY_APP_ID", "")
			? null
			: {
					baseUrl: text("ALIPAY_BASE_URL", "https://openapi.alipay.com"),
					appId: text("ALIPAY_APP_ID", ""),
					sellerId: required("ALIPAY_SELLER_ID"),
					keys: {
						merchantPrivateKey: pem("ALIPAY_PRIVATE_KEY"),
						alipayPublicKeys: splitPem(pem("ALIPAY_PUBLIC_KEY"))
					}
				},
		/** The shop's account at WeChat Pay (APIv3); null where it has none. */
		wechat: !text("WECHAT_MCH_ID", "")
			? null
			: {
					baseUrl: text("WECHAT_BASE_URL", "https://api.mch.weixin.qq.com"),
					appId: required("WECHAT_APP_ID"),
					merchantId: text("WECHAT_MCH_ID", ""),
					keys: {
						merchantSerial: required("WECHAT_SERIAL"),
						merchantPrivateKey: pem("WECHAT_PRIVATE_KEY"),
						platformPublicKeys: keysBySerial(
							required("WECHAT_PLATFORM_SERIAL"),
							splitPem(pem("WECHAT_PLATFORM_KEY"))
						),
						apiV3Key: required("WECHAT_API_V3_KEY")
					}
				},
		/** The time-out of a client's request. A call between services gets half of it, so that a lost call can be retried once. */
		requestTimeoutMs: int("REQUEST_TIMEOUT_MS", 6000, 100, 120_000)
	};
}
export type Settings = ReturnType<typeof readSettings>;

/** Every environment setting of the program, read and checked here when the module is first loaded. */
export const settings: Settings = readSettings(process.env);
