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
	/** A key in PEM, its line breaks real or written as \\n. */
	const pem = (name: string) => {
		const value = needed(name).replaceAll("\\n", "\n");
		if (!value.includes("-----BEGIN")) throw new SettingError(`${name} must be a key in PEM format`);
		return value;
	};
	const jwtSecret = text("JWT_SECRET", DEMO_SECRET);
	if (jwtSecret.length < 32) throw new SettingError("JWT_SECRET must have at least 32 characters");
	if (production && jwtSecret === DEMO_SECRET)
		throw new SettingError("JWT_SECRET must be set when NODE_ENV=production (32 characters or more)");
	const port = int("PORT", 3000, 0, 65535);
	const host = text("HOST", production ? "0.0.0.0" : "127.0.0.1");
	const publicUrl = text("PUBLIC_URL", "");
	if (publicUrl && !URL.canParse(publicUrl))
		throw new SettingError(`PUBLIC_URL is not a URL: "${publicUrl}"`);
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
		namespace: text("MALL_NAMESPACE", "zjmall"),
		nodeId: text("NODE_ID", ""),
		logLevel: oneOf("LOG_LEVEL", "info", "trace", "debug", "warn", "error", "fatal", "silent"),
		jwtSecret,
		corsOrigins: text("CORS_ORIGINS", "")
			.split(",")
			.map(s => s.trim())
			.filter(Boolean),
		/** How many proxies in front of the gateway may name the client's address in X-Forwarded-For. */
		trustedProxies: int("TRUSTED_PROXIES", 0, 0, 10),
		limitsPerIp: oneOf("LIMITS_PER_IP", "on", "off") === "on" || production,
		metrics: oneOf("METRICS", "on", "off") === "on",
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
						alipayPublicKey: pem("ALIPAY_PUBLIC_KEY")
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
						platformPublicKeys: {
							[needed("WECHAT_PLATFORM_SERIAL")]: pem("WECHAT_PLATFORM_KEY")
						},
						apiV3Key: needed("WECHAT_API_V3_KEY")
					}
				},
		requestTimeoutMs: int("REQUEST_TIMEOUT_MS", 8000, 100, 120_000)
	};
}
export type Settings = ReturnType<typeof read>;

/** Every setting of the program, read from the environment and checked in this one place, when it is first asked for. */
export const settings: Settings = read(process.env);
