import { availableParallelism } from "node:os";
import { join } from "node:path";
import { CHANNEL_VARIABLES, readAlipayAccount, readWechatAccount } from "./infrastructure/channel-settings";
import { environmentReader, isWebAddress, SettingError } from "./infrastructure/environment";
import { CALLER_VARIABLES, readCallerKeys } from "./infrastructure/caller-settings";
import { readSearchEngine, SEARCH_VARIABLES } from "./infrastructure/search-settings";
import { readS3Account, S3_VARIABLES } from "./infrastructure/s3-settings";
import { readSmsAccounts, SMS_VARIABLES } from "./infrastructure/sms-settings";
import { readTrackingAccount, SHIPPING_VARIABLES } from "./infrastructure/shipping-settings";
import { assertFitForProduction } from "./infrastructure/production-settings";
import { readTraceCollector, TRACE_VARIABLES } from "./infrastructure/trace-settings";
import { refuseMisspelled } from "./infrastructure/misspelled-settings";
import { readVariableFiles } from "./infrastructure/variable-files";

const DEMO_SECRET = "demo-only-secret-that-production-refuses";

/** An IP address or the name of a host. */
const HOST_NAME = /^[\w.:-]+$/;

/** Every environment variable of the program; `<NAME>_FILE` names a file with its value. Both READMEs explain each of them. */
export const VARIABLES = [
	"NODE_ENV",
	"PORT",
	"HOST",
	"WORKERS",
	"PUBLIC_URL",
	"DATA_DIR",
	"SQLITE_SYNC",
	"JWT_SECRET",
	"JWT_SECRET_PREVIOUS",
	...CALLER_VARIABLES,
	"AUDIT_KEYS",
	"CORS_ORIGINS",
	"TRUSTED_PROXIES",
	"LIMITS_PER_IP",
	"REQUEST_TIMEOUT_MS",
	"START_TIMEOUT",
	"FACT_LEASE",
	"STOP_GRACE",
	"SERVERS_PLAIN_TEXT",
	"OPEN_DEVELOPMENT",
	"LOG_LEVEL",
	"ACCESS_LOG",
	"METRICS",
	"METRICS_PORT",
	"METRICS_HOST",
	"CHECK_INVARIANTS_EVERY",
	"TRACING",
	...TRACE_VARIABLES,
	"DEMO",
	"DEMO_CATALOGUE",
	"DEMO_ORDERS",
	"SANDBOX",
	"WEBHOOKS_ALLOW_PRIVATE",
	"MALL_NAMESPACE",
	"NODE_ID",
	"NATS_URL",
	"NATS_CREDS",
	"NATS_TLS_CA",
	"NATS_TLS_CERT",
	"NATS_TLS_KEY",
	"NATS_REPLICAS",
	"NATS_MAX_AGE_HOURS",
	"NATS_MAX_BYTES",
	"MONGO_URL",
	"MONGO_POOL",
	"REDIS_URL",
	"MIGRATIONS",
	...CHANNEL_VARIABLES,
	...SMS_VARIABLES,
	...SHIPPING_VARIABLES,
	...S3_VARIABLES,
	...SEARCH_VARIABLES
] as const;
type Variable = (typeof VARIABLES)[number];

/** Reads the settings from environment variables; throws a SettingError for the first one that can't work. */
export function readSettings(env: Readonly<Record<string, string | undefined>>) {
	refuseMisspelled(
		env,
		VARIABLES.flatMap(name => [name, `${name}_FILE`])
	);
	const reader = environmentReader<Variable>(readVariableFiles(env, VARIABLES));
	const { text, int, oneOf, matching, required, url, urls, webUrl, file } = reader;
	const production = oneOf("NODE_ENV", "development", "test", "production") === "production";
	const jwtSecret = text("JWT_SECRET", DEMO_SECRET);
	if (jwtSecret.length < 32)
		throw new SettingError(
			"JWT_SECRET",
			"至少 32 个字符，可用 openssl rand -hex 32 生成",
			"must have at least 32 characters: openssl rand -hex 32 makes one"
		);
	if (production && jwtSecret === DEMO_SECRET)
		throw new SettingError(
			"JWT_SECRET",
			"在生产环境中必须设置，至少 32 个字符，可用 openssl rand -hex 32 生成",
			"must be set when NODE_ENV=production, to 32 characters or more: openssl rand -hex 32 makes one"
		);
	const jwtSecretPrevious = text("JWT_SECRET_PREVIOUS", "") || null;
	if (jwtSecretPrevious !== null && (jwtSecretPrevious.length < 32 || jwtSecretPrevious === jwtSecret))
		throw new SettingError(
			"JWT_SECRET_PREVIOUS",
			"须为轮换前的 JWT_SECRET：至少 32 个字符，且与现用密钥不同",
			"must be the JWT_SECRET before the rotation: 32 characters or more, and not the present one"
		);
	if (production && jwtSecretPrevious === DEMO_SECRET)
		throw new SettingError(
			"JWT_SECRET_PREVIOUS",
			"在生产环境中不能是演示密钥",
			"must not be the demo secret when NODE_ENV=production"
		);
	const auditKeys = text("AUDIT_KEYS", "")
		.split(",")
		.map(key => key.trim())
		.filter(Boolean);
	if (auditKeys.some(key => key.length < 32))
		throw new SettingError(
			"AUDIT_KEYS",
			"每个密钥至少 32 个字符，可用 openssl rand -hex 32 生成",
			"must be keys of 32 characters or more, separated by commas: openssl rand -hex 32 makes one"
		);
	const webhooksAllowPrivate = oneOf("WEBHOOKS_ALLOW_PRIVATE", "off", "on") === "on";
	if (production && webhooksAllowPrivate)
		throw new SettingError(
			"WEBHOOKS_ALLOW_PRIVATE",
			"在生产环境中不能开启：webhook 会访问到本机",
			"must be off when NODE_ENV=production: webhooks could reach this machine"
		);
	const port = int("PORT", 3000, 0, 65535);
	const host = matching("HOST", HOST_NAME, "0.0.0.0", production ? "0.0.0.0" : "127.0.0.1");
	const publicUrl = webUrl("PUBLIC_URL", "");
	/** An origin as browsers write it. Apps may have a scheme of their own, as in `capacitor://localhost`. */
	const parseOrigin = (written: string) => {
		if (isWebAddress(written) && new URL(written).href === `${new URL(written).origin}/`)
			return new URL(written).origin;
		if (!isWebAddress(written) && /^[a-z][a-z\d+.-]*:\/\/[^/\s]+$/.test(written)) return written;
		throw new SettingError(
			"CORS_ORIGINS",
			`应为以逗号分隔的源，如 https://shop.example，而不是 "${written}"`,
			`must be origins like https://shop.example, separated by commas, not "${written}"`
		);
	};
	const namespace = text("MALL_NAMESPACE", "zjmall");
	if (!/^[a-zA-Z0-9_-]{1,48}$/.test(namespace))
		throw new SettingError(
			"MALL_NAMESPACE",
			`应为 1 到 48 个字母、数字、- 或 _，而不是 "${namespace}"`,
			`must be 1 to 48 letters, digits, - or _, not "${namespace}"`
		);
	const natsServers = urls("NATS_URL", "nats", "tls");
	if (text("NATS_TLS_CERT", "") || text("NATS_TLS_KEY", "")) {
		required("NATS_TLS_KEY", "NATS_TLS_CERT");
		required("NATS_TLS_CERT", "NATS_TLS_KEY");
	}
	const mongoUrl = url("MONGO_URL", "mongodb", "mongodb+srv");
	const redisUrl = url("REDIS_URL", "redis", "rediss");

	/** With MongoDB in production, migrations run apart from the start of the processes (`npm run migrate`). */
	const checksOnly = production && mongoUrl !== "";
	const settings = {
		production,
		/** Whether answers of actions are checked against their contract. In production unknown fields are removed instead. */
		checkAnswers: !production,
		host,
		port,
		/** The number of processes that share the port. */
		workers: text("WORKERS", "1") === "auto" ? availableParallelism() : int("WORKERS", 1, 1, 64),
		/** The address at which clients and payment channels reach the gateway; empty: the one it listens on. */
		publicUrl,
		dataDir: text("DATA_DIR", join(process.cwd(), "data")),
		sqliteSync: oneOf("SQLITE_SYNC", "normal", "full"),
		/** Prefix of the shop's messages, databases and keys: several shops can share servers. */
		namespace,
		/** The bus and the facts transport; null: one process without a bus, facts in the SQLite file. */
		nats: !natsServers.length
			? null
			: {
					servers: natsServers,
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
		/** How long a start waits for NATS, MongoDB, Redis and the search engine. */
		startTimeoutMs: 1000 * int("START_TIMEOUT", 60, 0, 86_400),
		/** After so long without a sign of life of its process, a fact is delivered to another one. */
		factLeaseMs: 1000 * int("FACT_LEASE", 10, 1, 600),
		/** How long a stopping gateway goes on answering, each time with `Connection: close`, before it closes idle connections. */
		stopGraceMs: 1000 * int("STOP_GRACE", production ? 5 : 1, 0, 300),
		nodeId: text("NODE_ID", ""),
		/** At a terminal the first screen is the banner, so less is logged there. */
		logLevel: text("LOG_LEVEL", "")
			? oneOf("LOG_LEVEL", "info", "trace", "debug", "warn", "error", "fatal", "silent")
			: process.stdout.isTTY
				? "warn"
				: "info",
		/** Whether the gateway logs every request, and not only the refused ones. */
		accessLog: oneOf("ACCESS_LOG", "off", "on") === "on",
		jwtSecret,
		/** The secret before the present one, whose tokens and codes are still valid during a rotation. */
		jwtSecretPrevious,
		/** The keys by which gateways vouch for users on the bus; null: derived from the secrets above. */
		callerKeys: readCallerKeys(reader),
		/** Secrets of the audit log: the first one signs new entries, the others verify older ones. */
		auditKeys,
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
				: {
						port: int("METRICS_PORT", 0, 1, 65_535),
						host: matching("METRICS_HOST", HOST_NAME, "127.0.0.1", "127.0.0.1")
					},
		/** The least number of seconds between two checks of the invariants; 0: no checks. */
		checkInvariantsEvery: int("CHECK_INVARIANTS_EVERY", 60, 0, 86_400),
		tracing: oneOf("TRACING", "off", "console"),
		/** Where traces are sent (OTLP over HTTP) and the share of them; null: nowhere. The SDK reads the other OTEL_* variables. */
		openTelemetry: readTraceCollector(reader),
		/** Whether demo accounts are created. */
		demo: !production && oneOf("DEMO", "on", "off") === "on",
		/** Whether the first start loads the demo catalogue. */
		demoCatalogue: !production && oneOf("DEMO_CATALOGUE", "on", "off") === "on",
		/** Whether the first start places demo orders after it loaded the catalogue. They need the demo accounts and the sandbox. */
		demoOrders:
			oneOf("DEMO_ORDERS", "on", "off") === "on" &&
			oneOf("DEMO", "on", "off") === "on" &&
			oneOf("SANDBOX", "on", "off") === "on" &&
			!production,
		/** Whether webhooks may be on this machine (loopback), for development and tests. */
		webhooksAllowPrivate,
		sandbox: !production && oneOf("SANDBOX", "on", "off") === "on",
		/** The shop's account at Alipay (key mode); null where it has none. */
		alipay: readAlipayAccount(reader, production),
		/** The shop's account at WeChat Pay (APIv3); null where it has none. */
		wechat: readWechatAccount(reader, production),
		/** The accounts at SMS providers, in the order in which a message is offered to them. */
		sms: readSmsAccounts(reader, production),
		/** The account at the tracking service; null: parcels are not tracked. */
		tracking: readTrackingAccount(reader, production),
		/** The bucket for pictures; null: they are kept in the shop's documents. */
		s3: readS3Account(reader, production),
		/** The search engine; null: every `search` process has an index in its memory. */
		searchEngine: readSearchEngine(reader),
		/** The time-out of a client's request. A call between services gets half of it, so that a lost call can be retried once. */
		requestTimeoutMs: int("REQUEST_TIMEOUT_MS", 6000, 100, 120_000)
	};
	if (production)
		assertFitForProduction(settings, oneOf("SERVERS_PLAIN_TEXT", "refuse", "allow") === "allow");
	else if (!isLoopback(host) && oneOf("OPEN_DEVELOPMENT", "off", "on") === "off")
		throw new SettingError(
			"HOST",
			"会把密码公开的开发环境开放给网络：请设 NODE_ENV=production，或明示 OPEN_DEVELOPMENT=on",
			"opens development, whose passwords are public, to the network: set NODE_ENV=production, or OPEN_DEVELOPMENT=on if you mean it"
		);
	return settings;
}

const isLoopback = (host: string) => /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);

export type Settings = ReturnType<typeof readSettings>;

/** Every environment setting of the program, read and checked here when the module is first loaded. */
export const settings: Settings = readSettings(process.env);
