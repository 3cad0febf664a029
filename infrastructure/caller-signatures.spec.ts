import { generateKeyPairSync, sign } from "node:crypto";
import { environmentReader } from "./environment";
import { readCallerKeys } from "./caller-settings";
import { CallerSignatures, deriveCallerKeys } from "./caller-signatures";

const USER = { id: "u1", roles: ["customer"], sessionId: "s1" } as const;
const NOW = Date.parse("2026-05-01T08:00:00Z");
const MINUTE = 60_000;
const secret = (text: string) => ({ id: text, text });
const derived = (...texts: string[]) => new CallerSignatures(deriveCallerKeys(texts.map(secret)));

/** A key pair as the settings have it. */
function aKeyPair() {
	const { privateKey, publicKey } = generateKeyPairSync("ed25519");
	return {
		privateKey,
		signing: privateKey.export({ type: "pkcs8", format: "der" }).toString("base64"),
		accepted: publicKey.export({ type: "spki", format: "der" }).toString("base64")
	};
}
const read = (env: Readonly<Record<string, string>>) => readCallerKeys(environmentReader(env));
const withKeys = (env: Readonly<Record<string, string>>) =>
	new CallerSignatures(read(env) ?? deriveCallerKeys([]));

it("vouches for a user until its time is over", () => {
	const shop = derived("one");

	const token = shop.sign(USER, 3000, NOW);

	expect(derived("one").verify(token, NOW)).toEqual(USER);
	expect(shop.verify(token, NOW + 2 * MINUTE - 1)).toEqual(USER);
	expect(shop.verify(token, NOW + 2 * MINUTE)).toBeNull();
});

it("lasts as long as a long call, and a minute longer", () => {
	const token = derived("one").sign(USER, 60 * MINUTE, NOW);

	expect(derived("one").verify(token, NOW + 61 * MINUTE - 1)).toEqual(USER);
	expect(derived("one").verify(token, NOW + 61 * MINUTE)).toBeNull();
});

it("is computed once for the calls of half a minute, and never given to another user", () => {
	const shop = derived("one");
	const token = shop.sign(USER, 3000, NOW);

	expect(shop.sign(USER, 3000, NOW + 29_999)).toBe(token);
	expect(shop.sign(USER, 3000, NOW + 30_000)).not.toBe(token);
	expect(shop.sign({ ...USER, roles: ["admin"] }, 3000, NOW)).not.toBe(token);
});

it("refuses what another key signed, what was changed and what is no token", () => {
	const shop = derived("one");
	const [body = "", signature = ""] = (shop.sign(USER, 3000, NOW) ?? "").split(".");
	const admin = Buffer.from(JSON.stringify({ user: { ...USER, roles: ["admin"] }, until: NOW + MINUTE }));
	const forged = [
		derived("two").sign(USER, 3000, NOW),
		`${admin.toString("base64url")}.${signature}`,
		`${admin.toString("base64url")}.${sign(null, admin, aKeyPair().privateKey).toString("base64url")}`,
		`${body}.`,
		body,
		`.${signature}`,
		"",
		undefined,
		null,
		{},
		"x.y"
	];

	expect(forged.map(token => derived("one").verify(token, NOW))).toEqual(forged.map(() => null));
});

it("accepts both secrets during a rotation, and signs under the new one", () => {
	const before = derived("old").sign(USER, 3000, NOW);
	const rotating = derived("new", "old");

	expect(rotating.verify(before, NOW)).toEqual(USER);
	expect(derived("new").verify(rotating.sign(USER, 3000, NOW), NOW)).toEqual(USER);
	expect(derived("new").verify(before, NOW)).toBeNull();
});

it("signs by the gateway's key alone, where the settings have keys", () => {
	const [pair, next] = [aKeyPair(), aKeyPair()];
	const gateway = withKeys({ CALLER_SIGNING_KEY: pair.signing, CALLER_PUBLIC_KEYS: pair.accepted });
	const inner = withKeys({ CALLER_PUBLIC_KEYS: `${next.accepted}, ${pair.accepted}` });

	expect(inner.canSign).toBe(false);
	expect(inner.sign(USER, 3000, NOW)).toBeNull();
	expect(inner.verify(gateway.sign(USER, 3000, NOW), NOW)).toEqual(USER);
	expect(inner.verify(derived("one").sign(USER, 3000, NOW), NOW)).toBeNull();
});

it("derives its keys unless the settings have some, and refuses unfit ones", () => {
	const [pair, other] = [aKeyPair(), aKeyPair()];
	const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const unfit: Record<string, string>[] = [
		{ CALLER_SIGNING_KEY: pair.signing },
		{ CALLER_SIGNING_KEY: pair.signing, CALLER_PUBLIC_KEYS: other.accepted },
		{ CALLER_PUBLIC_KEYS: pair.signing },
		{ CALLER_PUBLIC_KEYS: "nonsense" },
		{ CALLER_PUBLIC_KEYS: `${pair.accepted},` },
		{ CALLER_PUBLIC_KEYS: rsa.publicKey.export({ type: "spki", format: "der" }).toString("base64") }
	];

	expect(read({})).toBeNull();
	for (const env of unfit) expect(() => read(env)).toThrow(/^CALLER_(SIGNING_KEY|PUBLIC_KEYS) [^\n]+$/);
});
