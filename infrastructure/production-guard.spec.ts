import { createHash, randomBytes } from "node:crypto";
import { generateKeyPair } from "../tests/support/payments/key-pair";
import {
	isGuessable,
	isPublicSecret,
	refuseKnownSecrets,
	refuseOpenServers,
	type NamedSecret
} from "./production-guard";
import { SANDBOX_ALIPAY, SANDBOX_WECHAT } from "./sandbox-keys/keys";

const random = () => randomBytes(24).toString("hex");
const messageOf = (run: () => void): string | null => {
	try {
		run();
		return null;
	} catch (err) {
		return (err as Error).message;
	}
};

it.each([
	"a-secret-of-this-shop-0123456789",
	"ChangeMe-ChangeMe-ChangeMe-123456",
	"my-demo-key-that-nobody-would-guess",
	"abababababababababababababababab",
	"kx7Qkx7Qkx7Qkx7Qkx7Qkx7Qkx7Qkx7Q",
	"00000000000000000000000000000000",
	"k3v9abcdefghijklmnopqrstuvwxyzr7",
	"k3v987654321098765432109876543r7",
	"k3v9r7Qz"
])("takes %s for guessable", secret => {
	expect(isGuessable(secret)).toBe(true);
});

it("takes random characters for what they are", () => {
	// Digests instead of random characters: one in some thousand of those has a word in it by chance.
	for (let n = 0; n < 500; n++) {
		const digest = createHash("sha256").update(`secret ${n}`).digest();
		const secrets = [digest.toString("hex"), digest.subarray(0, 24).toString("base64url")];
		expect(secrets.filter(isGuessable)).toEqual([]);
		expect(secrets.filter(isPublicSecret)).toEqual([]);
	}
});

it("knows the keys of the sandbox, whichever half is given, and no new one", () => {
	const { merchant, platform } = SANDBOX_ALIPAY;
	const own = generateKeyPair();

	expect(
		[merchant.privateKey, platform.publicKey, SANDBOX_WECHAT.platform.publicKey].map(isPublicSecret)
	).toEqual([true, true, true]);
	expect([own.privateKey, own.publicKey].map(isPublicSecret)).toEqual([false, false]);
});

it("names the variable of a secret that is public, guessable, or used twice", () => {
	const secret = random();
	const named = (variable: string, value: string): NamedSecret => ({ variable, value });
	const refusals = [
		[[named("JWT_SECRET", secret)], [named("ALIPAY_PUBLIC_KEY", SANDBOX_ALIPAY.platform.publicKey)]],
		[[named("WECHAT_API_V3_KEY", SANDBOX_WECHAT.apiV3Key)], []],
		[[named("JWT_SECRET", secret), named("REDIS_URL", secret)], []],
		[[named("JWT_SECRET", secret), named("REDIS_URL", random())], []]
	].map(([chosen = [], given = []]) => messageOf(() => refuseKnownSecrets(chosen, given)));

	expect(refusals).toEqual([
		expect.stringMatching(/^ALIPAY_PUBLIC_KEY .* is public: /),
		expect.stringMatching(/^WECHAT_API_V3_KEY .* is easy to guess: /),
		expect.stringMatching(/^REDIS_URL .* uses the same secret as JWT_SECRET: /),
		null
	]);
});

it.each([
	["NATS_URL", "nats://nats:4222", "has no user or password"],
	["NATS_URL", "nats://shop:k3v9r7Qz@nats:4222", "is plain text"],
	["NATS_URL", "tls://shop:k3v9r7Qz@nats:4222", null],
	["NATS_URL", "nats://127.0.0.1:4222", null],
	["MONGO_URL", "mongodb://a:27017,b:27017/shop", "has no user or password"],
	["MONGO_URL", "mongodb://shop:x@a:27017,b:27017/shop?replicaSet=r", "is plain text"],
	["MONGO_URL", "mongodb://shop:x@a:27017,b:27017/shop?replicaSet=r&tls=true", null],
	["MONGO_URL", "mongodb+srv://shop:x@cluster.example/shop", null],
	["MONGO_URL", "mongodb://127.0.0.1:1,elsewhere:2/", "has no user or password"],
	["REDIS_URL", "redis://:x@localhost.evil.example:6379", "is plain text"],
	["REDIS_URL", "rediss://:x@redis:6379", null],
	["REDIS_URL", "redis://[::1]:6379", null]
] as const)("judges the server %s=%s", (variable, url, refusal) => {
	const message = messageOf(() => refuseOpenServers([{ variable, url }], false));

	expect(message).toEqual(refusal === null ? null : expect.stringContaining(`${variable} ${refusal}`));
});

it("takes plain text in a network that the operator declares private, but no server without a password", () => {
	const judge = (url: string) => messageOf(() => refuseOpenServers([{ variable: "NATS_URL", url }], true));

	expect(judge("nats://shop:k3v9r7Qz@nats:4222")).toBeNull();
	expect(judge("nats://nats:4222")).toContain("has no user or password");
});
