import { existsSync } from "node:fs";
import { join } from "node:path";

/** A setting that is missing or wrong; its message is the one line that a person needs. */
export class SettingError extends Error {}

const DEMO_SECRET = "demo-only-secret-that-production-refuses";

function read(env: Readonly<Record<string, string | undefined>>) {
	const production = env["NODE_ENV"] === "production";
	const text = (name: string, fallback: string) => env[name]?.trim() || fallback;
	const int = (name: string, fallback: number, min: number, max: number) => {
		const value = Number(text(name, String(fallback)));
		if (!Number.isInteger(value) || value < min || value > max)
			throw new SettingError(
				`${name} must be a whole number from ${min} to ${max}, not "${env[name]}"`
			);
		return value;
	};
	const oneOf = <const V extends string>(name: string, fallback: V, ...others: readonly V[]): V => {
		const value = text(name, fallback);
		const found = [fallback, ...others].find(v => v === value);
		if (found === undefined)
			throw new SettingError(
				`${name} must be one of ${[fallback, ...others].join(", ")}, not "${value}"`
			);
		return found;
	};
	const needed = (name: string) => {
		const value = text(name, "");
		if (!value) throw new SettingError(`${name} must be set for this payment channel`);
		return value;
	};
	const PEM = /-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g;
	/** A key in PEM, its line breaks real or written as \\n. */
	const pem = (name: string) => {
		const value = needed(name).replaceAll("\\n", "\n");
		if (value.match(PEM) === null) throw new SettingError(`${name} must be a key in PEM format`);
		return value;
	};
	/** Each key of those in PEM, one after the other: while a channel changes its key, the old and the new one are both in use. */
	const each = (keys: string) => keys.match(PEM) ?? [];
	/** The keys by the serials in the same order. */
	const bySerial = (serials: string, keys: readonly string[]) => {
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
	const isWeb = (address: string) => URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
	if (publicUrl && !isWeb(publicUrl))
		throw new SettingError(
			`PUBLIC_URL must be an address that begins with https:// or http://, not "${publicUrl}"`
		);
	/** An origin as browsers write it. Pages inside an app may have a scheme of their own, as in `capacitor://localhost`. */
	const originOf = (written: string) => {
		if (isWeb(written) && new URL(written).href === `${new URL(written).origin}/`)
			return new URL(written).origin;
		if (!isWeb(written) && /^[a-z][a-z\d+.-]*:\/\/[^/\s]+$/.test(written)) return written;
		throw new SettingError(
			`CORS_ORIGINS must be origins like https://shop.example, parted by commas, not "${written}"`
		);
	};
	/** An address with one of the schemes, its secrets kept out of the message; empty: not used. */
	const url = (name: string, ...schemes: readonly string[]) => {
		const value = text(name, "");
		const fits = value === "" || schemes.some(scheme => value.startsWith(`${scheme}://`));
		if (!fits || (value !== "" && /\s/.test(value)))
			throw new SettingError(
				`${name} must be an address that begins with ${schemes.map(s => `${s}://`).join(" or ")}`
			);
		return value;
	};
	const file = (name: string) => {
		const path = text(name, "");
		if (path && !existsSync(path))
			throw new SettingError(`${name} names a file that is not there: "${path}"`);
		return path;
	};
	const namespace = text("MALL_NAMESPACE", "zjmall");
	if (!/^[a-zA-Z0-9_-]{1,48}$/.test(namespace))
		throw new SettingError(`MALL_NAMESPACE must be 1 to 48 letters, digits, - or _, not "${namespace}"`);
	const natsUrl = text("NATS_URL", "");
	for (const server of natsUrl.split(",").filter(Boolean))
		if (!/^(nats|tls):\/\/\S+$/.test(server.trim()))
			throw new SettingError(
				"NATS_URL must be addresses that begin with nats:// or tls://, parted by commas"
			);
	const mongoUrl = url("MONGO_URL", "mongodb", "mongodb+srv");
	const redisUrl = url("REDIS_URL", "redis", "rediss");
	/** Who runs a cluster brings the database up to date apart from starting it. */
	const checksOnly = production && mongoUrl !== "";
	return {
		production,
		/** Answers are checked against their rule; off in production, where they are only cut to it. */
		checkAnswers: !production,
		host,
		port,
		/** Where clients and payment channels reach the gateway; empty: wherever it listens. */
		publicUrl: publicUrl.replace(/\/$/, ""),
		dataDir: text("DATA_DIR", join(process.cwd(), "data")),
		sqliteSync: oneOf("SQLITE_SYNC", "normal", "full"),
		/** Whose messages, documents and keys these are: several shops can share servers. */
		namespace,
		/** The bus and the queue of facts; null: both inside the program. */
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
		/** Hot state; null: the SQLite file of the data folder. */
		redis: !redisUrl ? null : { url: redisUrl },
		/** Indexes and migrations at the start: made where they are missing, or only looked for (and then refused). */
		migrations: oneOf("MIGRATIONS", checksOnly ? "check" : "run", checksOnly ? "run" : "check"),
		nodeId: text("NODE_ID", ""),
		logLevel: oneOf("LOG_LEVEL", "info", "trace", "debug", "warn", "error", "fatal", "silent"),
		jwtSecret,
		/** As browsers name them, so that they compare equal. */
		corsOrigins: text("CORS_ORIGINS", "")
			.split(",")
			.map(s => s.trim())
			.filter(Boolean)
			.map(originOf),
		/** How many proxies in front of the gateway may name the client's address in X-Forwarded-For. */
		trustedProxies: int("TRUSTED_PROXIES", 0, 0, 10),
		limitsPerIp: oneOf("LIMITS_PER_IP", "on", "off") === "on" || production,
		metrics: oneOf("METRICS", "on", "off") === "on",
		/** Where this process serves its metrics; null: only a gateway does, at its own `/metrics`. */
		metricsServer:
			oneOf("METRICS", "on", "off") === "off" || text("METRICS_PORT", "off") === "off"
				? null
				: { port: int("METRICS_PORT", 0, 1, 65_535), host: text("METRICS_HOST", "127.0.0.1") },
		/** Seconds between two checks of the invariants, at the least; 0: never. */
		checkInvariantsEvery: int("CHECK_INVARIANTS_EVERY", 60, 0, 86_400),
		tracing: oneOf("TRACING", "off", "console"),
		/** Demo accounts. */
		demo: !production && oneOf("DEMO", "on", "off") === "on",
		/** Demo catalogue at the first start. */
		demoCatalogue: !production && oneOf("DEMO_CATALOGUE", "on", "off") === "on",
		sandbox: !production && oneOf("SANDBOX", "on", "off") === "on",
		/** The shop's account at Alipay (key mode); null where it has none. */
		alipay: !text("ALIPAY_APP_ID", "")
			? null
			: {
					baseUrl: text("ALIPAY_BASE_URL", "https://openapi.alipay.com"),
					appId: text("ALIPAY_APP_ID", ""),
					sellerId: needed("ALIPAY_SELLER_ID"),
					keys: {
						merchantPrivateKey: pem("ALIPAY_PRIVATE_KEY"),
						alipayPublicKeys: each(pem("ALIPAY_PUBLIC_KEY"))
					}
				},
		/** The shop's account at WeChat Pay (APIv3); null where it has none. */
		wechat: !text("WECHAT_MCH_ID", "")
			? null
			: {
					baseUrl: text("WECHAT_BASE_URL", "https://api.mch.weixin.qq.com"),
					appId: needed("WECHAT_APP_ID"),
					merchantId: text("WECHAT_MCH_ID", ""),
					keys: {
						merchantSerial: needed("WECHAT_SERIAL"),
						merchantPrivateKey: pem("WECHAT_PRIVATE_KEY"),
						platformPublicKeys: bySerial(
							needed("WECHAT_PLATFORM_SERIAL"),
							each(pem("WECHAT_PLATFORM_KEY"))
						),
						apiV3Key: needed("WECHAT_API_V3_KEY")
					}
				},
		/** Of a client's request; a call from service to service gets half, so that one lost on the way can be tried again. */
		requestTimeoutMs: int("REQUEST_TIMEOUT_MS", 6000, 100, 120_000)
	};
}
export type Settings = ReturnType<typeof read>;

/** Every setting of the program, read from the environment and checked in this one place, when it is first asked for. */
export const settings: Settings = read(process.env);
