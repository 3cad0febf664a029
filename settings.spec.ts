import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readSettings } from "./settings";
import { generateKeyPair } from "./tests/support/payments/key-pair";

const shopKeys = generateKeyPair();
const { publicKey } = generateKeyPair();
const ALIPAY = {
	ALIPAY_APP_ID: "2021000000000000",
	ALIPAY_SELLER_ID: "2088000000000002",
	ALIPAY_PRIVATE_KEY: shopKeys.privateKey,
	ALIPAY_PUBLIC_KEY: publicKey
};
const WECHAT = {
	WECHAT_MCH_ID: "1900000001",
	WECHAT_APP_ID: "wx0000000000000001",
	WECHAT_SERIAL: "5A4D",
	WECHAT_PRIVATE_KEY: shopKeys.privateKey,
	WECHAT_PLATFORM_SERIAL: "PUB_KEY_ID_1",
	WECHAT_PLATFORM_KEY: publicKey,
	WECHAT_API_V3_KEY: randomBytes(16).toString("hex")
};
const LIVE = { NODE_ENV: "production", JWT_SECRET: randomBytes(32).toString("hex") };

/** The message of the refusal, or null when the variables are accepted. */
function refusal(env: Record<string, string>): string | null {
	try {
		readSettings(env);
		return null;
	} catch (err) {
		return (err as Error).message;
	}
}

it("needs no variable, and takes an empty one as unset", () => {
	expect(readSettings({})).toEqual(readSettings({ PORT: "", NATS_URL: " ", ALIPAY_APP_ID: "" }));
});

it("reads where traces are sent, and with which headers", () => {
	const OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318/";
	const OTEL_EXPORTER_OTLP_HEADERS = "authorization=Bearer%20a=b%2C, tenant=shop";

	expect(readSettings({ OTEL_EXPORTER_OTLP_HEADERS }).openTelemetry).toBeNull();
	expect(
		readSettings({
			OTEL_EXPORTER_OTLP_ENDPOINT,
			OTEL_EXPORTER_OTLP_HEADERS,
			OTEL_TRACES_SAMPLER_ARG: ".25"
		}).openTelemetry
	).toEqual({
		endpoint: "http://127.0.0.1:4318",
		headers: { authorization: "Bearer a=b,", tenant: "shop" },
		serviceName: "zjmall",
		ratio: 0.25
	});
	for (const wrong of ["no-value", "a=%zz"])
		expect(refusal({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: wrong })).toContain(
			"OTEL_EXPORTER_OTLP_HEADERS"
		);
	expect(refusal({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER_ARG: "2" })).toContain(
		"OTEL_TRACES_SAMPLER_ARG"
	);
});

it("normalizes origins as browsers do", () => {
	const typed =
		"https://Shop.example/, http://localhost:5173 ,https://m.shop.example:443,capacitor://localhost";

	expect(readSettings({ CORS_ORIGINS: typed }).corsOrigins).toEqual([
		"https://shop.example",
		"http://localhost:5173",
		"https://m.shop.example",
		"capacitor://localhost"
	]);
});

it("takes several keys of a channel, with real line breaks or written ones", () => {
	const other = generateKeyPair().publicKey;
	const { alipay, wechat } = readSettings({
		...ALIPAY,
		...WECHAT,
		ALIPAY_PUBLIC_KEY: `${publicKey}${other}`,
		WECHAT_PLATFORM_SERIAL: "5A4D, PUB_KEY_ID_2",
		WECHAT_PLATFORM_KEY: `${publicKey}${other}`.replaceAll("\n", "\\n")
	});

	expect(alipay?.keys.alipayPublicKeys).toHaveLength(2);
	expect(Object.keys(wechat?.keys.platformPublicKeys ?? {})).toEqual(["5A4D", "PUB_KEY_ID_2"]);
});

it.each([
	["NODE_ENV", "prod", "must be one of development, test, production"],
	["PORT", "http", "a whole number from 0 to 65535"],
	["HOST", "http://shop.example", "must look like 0.0.0.0"],
	["JWT_SECRET", "short", "openssl rand -hex 32"],
	["CORS_ORIGINS", "*", '"*"'],
	["CORS_ORIGINS", "shop.example", '"shop.example"'],
	["CORS_ORIGINS", "https://shop.example/page", '"https://shop.example/page"'],
	["CORS_ORIGINS", "https://user@shop.example", "https://shop.example"],
	["CORS_ORIGINS", "https://", '"https://"'],
	["PUBLIC_URL", "shop.example", '"shop.example"'],
	["PUBLIC_URL", "ftp://shop.example", "https:// or http://"],
	["PUBLIC_URL", "https://shop.example?a=1", "no ? or #"],
	["NATS_URL", "127.0.0.1:4222", "nats:// or tls://, such as nats://127.0.0.1:4222"],
	["NATS_URL", "nats://one:4222,http://two", "nats:// or tls://"],
	["NATS_URL", "amqp://127.0.0.1", "nats:// or tls://"],
	["MONGO_URL", "mysql://127.0.0.1", "mongodb:// or mongodb+srv://"],
	["MONGO_URL", "localhost:27017", "mongodb:// or mongodb+srv://, such as mongodb://127.0.0.1:27017"],
	["MONGO_URL", "mongodb://shop:p@ss@mongo", "percent-encode"],
	["MONGO_URL", "mongodb://shop:p/ss@mongo", "percent-encode"],
	["REDIS_URL", "redis", "redis:// or rediss://"],
	["REDIS_URL", "redis:///0", "redis:// or rediss://"],
	["LOG_LEVEL", "verbose", "info, trace"],
	["MALL_NAMESPACE", "my shop", "letters, digits"]
])("refuses %s=%s in one line of two languages that says what to write", (name, value, advice) => {
	const line = refusal({ [name]: value });

	expect(line).toContain(`${name} `);
	expect(line).toContain(advice);
	expect(line).toMatch(/\p{Script=Han}/u);
	expect(line).not.toContain("\n");
});

it.each([
	["a key that is cut off", { ALIPAY_PUBLIC_KEY: publicKey.slice(0, 100) }, "a key in PEM format"],
	[
		"a key with a hole",
		{ ALIPAY_PUBLIC_KEY: publicKey.replace(/\n.{64}\n/, "\n") },
		"a whole RSA key of at least 2048 bits"
	],
	["bytes without a header", { WECHAT_PRIVATE_KEY: "MIIEvgIBADANBgkq" }, "-----BEGIN PRIVATE KEY-----"],
	[
		"a public key in place of a private one",
		{ ALIPAY_PRIVATE_KEY: publicKey },
		"must be the shop's private key"
	],
	[
		"a private key in place of a public one",
		{ WECHAT_PLATFORM_KEY: shopKeys.privateKey },
		"must be the channel's public key"
	],
	[
		"the shop's own public key in place of the channel's",
		{ ALIPAY_PUBLIC_KEY: shopKeys.publicKey },
		"is the shop's own public key"
	],
	["a key that is too short", { ALIPAY_PUBLIC_KEY: publicKeyOf(1024) }, "at least 2048 bits"],
	[
		"fewer keys than serials",
		{ WECHAT_PLATFORM_SERIAL: "5A4D,PUB_KEY_ID_2" },
		"one key in PEM format for each"
	],
	["an APIv3 key of another length", { WECHAT_API_V3_KEY: "0".repeat(31) }, "exactly-32-characters"],
	["a seller that is none", { ALIPAY_SELLER_ID: "shop@example.com" }, "2088000000000000"],
	[
		"a channel without its id",
		{ ALIPAY_APP_ID: "" },
		"ALIPAY_APP_ID must be set because ALIPAY_SELLER_ID is"
	],
	[
		"a channel without a key",
		{ WECHAT_PRIVATE_KEY: "" },
		"WECHAT_PRIVATE_KEY must be set because WECHAT_MCH_ID is"
	],
	[
		"the path of Alipay's gateway",
		{ ALIPAY_BASE_URL: "https://a.example/gateway.do" },
		"without /gateway.do"
	],
	["a channel without PUBLIC_URL in production", LIVE, "PUBLIC_URL must be set because ALIPAY_APP_ID is"],
	[
		"WeChat Pay without https in production",
		{ ...LIVE, PUBLIC_URL: "http://shop.example" },
		"begin with https://"
	],
	[
		"a channel over http in production",
		{ ...LIVE, PUBLIC_URL: "https://shop.example", ALIPAY_BASE_URL: "http://a.example" },
		"ALIPAY_BASE_URL must begin with https:// in production"
	]
])("refuses %s", (_, env, advice) => {
	const line = refusal({ ...ALIPAY, ...WECHAT, ...env });

	expect(line).toContain(advice);
	expect(line).not.toMatch(/MII[\w+/]{20}/);
});

it("accepts both channels in production, at a public address", () => {
	expect(refusal({ ...ALIPAY, ...WECHAT, ...LIVE, PUBLIC_URL: "https://shop.example/" })).toBeNull();
});

it("refuses production without a secret of its own", () => {
	expect(refusal({ NODE_ENV: "production" })).toContain("JWT_SECRET must be set");
});

it("refuses a file that is not there", () => {
	expect(refusal({ NATS_URL: "nats://127.0.0.1", NATS_CREDS: "/nowhere/shop.creds" })).toContain(
		'NATS_CREDS names a file that is not there: "/nowhere/shop.creds"'
	);
});

it("refuses a client certificate for NATS without its key", () => {
	expect(refusal({ NATS_TLS_CERT: __filename })).toContain(
		"NATS_TLS_KEY must be set because NATS_TLS_CERT is"
	);
});

function publicKeyOf(modulusLength: number): string {
	return generateKeyPairSync("rsa", { modulusLength })
		.publicKey.export({ type: "spki", format: "pem" })
		.toString();
}

it.each([
	["development on the network", { HOST: "0.0.0.0" }, "HOST opens development"],
	[
		"a guessable secret",
		{ ...LIVE, JWT_SECRET: "my-secret-of-32-characters-or-more!" },
		"JWT_SECRET is easy"
	],
	["a bus that anybody may use", { ...LIVE, NATS_URL: "nats://nats:4222" }, "NATS_URL has no user"],
	[
		"a store in plain text",
		{ ...LIVE, MONGO_URL: "mongodb://a:k3v9r7Qzp2Lm@db/" },
		"MONGO_URL is plain text"
	],
	[
		"a search engine that anybody may use",
		{ ...LIVE, SEARCH_URL: "https://search:9200" },
		"SEARCH_URL has no"
	],
	[
		"one secret for two uses",
		{ ...LIVE, REDIS_URL: `rediss://:${LIVE.JWT_SECRET}@redis` },
		"REDIS_URL uses the same secret as JWT_SECRET"
	]
])("refuses %s", (_, env, expected) => {
	expect(refusal(env)).toContain(expected);
});

it("takes development on the network, and plain text in a private one, when told so", () => {
	expect(refusal({ HOST: "0.0.0.0", OPEN_DEVELOPMENT: "on" })).toBeNull();
	expect(
		refusal({ ...LIVE, SERVERS_PLAIN_TEXT: "allow", REDIS_URL: "redis://:k3v9r7Qzp2Lm@redis" })
	).toBeNull();
});
