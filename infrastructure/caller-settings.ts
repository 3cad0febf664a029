import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { SettingError, type environmentReader } from "./environment";

/** The variables of the keys by which a gateway vouches for the users in whose name it calls. */
export const CALLER_VARIABLES = ["CALLER_SIGNING_KEY", "CALLER_PUBLIC_KEYS"] as const;
type Variable = (typeof CALLER_VARIABLES)[number];
type Reader = Pick<ReturnType<typeof environmentReader<Variable>>, "text" | "required">;

/** Ed25519 keys: the one that signs, which gateways alone have, and those whose signatures count. */
export type CallerKeys = { readonly signing: KeyObject | null; readonly accepted: readonly KeyObject[] };

const toPublicText = (key: KeyObject) => key.export({ type: "spki", format: "der" }).toString("base64");

function parseKey(name: Variable, text: string): KeyObject {
	const der = Buffer.from(text, "base64");
	try {
		const key =
			name === "CALLER_SIGNING_KEY"
				? createPrivateKey({ key: der, format: "der", type: "pkcs8" })
				: createPublicKey({ key: der, format: "der", type: "spki" });
		if (key.asymmetricKeyType === "ed25519") return key;
	} catch {
		// what OpenSSL says about the key helps nobody
	}
	const command = name === "CALLER_SIGNING_KEY" ? "openssl genpkey" : "openssl pkey -pubout";
	throw new SettingError(
		name,
		`应为 Base64 编码的 Ed25519 密钥（DER），见 docs/operations.md：${command}`,
		`must be Ed25519 keys (DER) in base64, see docs/operations.md: ${command}`
	);
}

/** The keys of the settings; null where they are derived from JWT_SECRET. During a rotation two public keys count. */
export function readCallerKeys({ text, required }: Reader): CallerKeys | null {
	const signingText = text("CALLER_SIGNING_KEY", "");
	if (!signingText && !text("CALLER_PUBLIC_KEYS", "")) return null;
	const accepted = required("CALLER_PUBLIC_KEYS", "CALLER_SIGNING_KEY")
		.split(",")
		.map(key => parseKey("CALLER_PUBLIC_KEYS", key.trim()));
	const signing = signingText ? parseKey("CALLER_SIGNING_KEY", signingText) : null;
	const known = accepted.map(toPublicText);
	if (signing && !known.includes(toPublicText(createPublicKey(signing))))
		throw new SettingError(
			"CALLER_PUBLIC_KEYS",
			"未包含 CALLER_SIGNING_KEY 的公钥",
			"must include the public key of CALLER_SIGNING_KEY"
		);
	return { signing, accepted };
}
