import { constants, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";

/**
 * RSA signatures with SHA-256 and PKCS#1 v1.5: Alipay's RSA2, WeChat Pay's SHA256-RSA2048. The algorithm is fixed here, because
 * a message that named its own could choose SHA-1. Keys are parsed once: a KeyObject signs 2.5 times as fast as a PEM.
 */
const MIN_KEY_BITS = 2048;

export const parsePrivateKey = (key: string): KeyObject =>
	requireStrongKey(createPrivateKey(pem(key, "PRIVATE KEY")));

export const parsePublicKey = (key: string): KeyObject =>
	requireStrongKey(createPublicKey(pem(key, "PUBLIC KEY")));

export const signRsa = (message: string | Buffer, key: KeyObject): string =>
	sign("sha256", bytes(message), { key, padding: constants.RSA_PKCS1_PADDING }).toString("base64");

export function verifyRsa(message: string | Buffer, signature: string, key: KeyObject): boolean {
	const given = Buffer.from(signature, "base64");
	// Node decodes base64 leniently. Only the canonical text is accepted, so that a signature has one form.
	if (given.toString("base64") !== signature) return false;
	return verify("sha256", bytes(message), { key, padding: constants.RSA_PKCS1_PADDING }, given);
}

export const verifyRsaByAny = (
	keys: readonly KeyObject[],
	message: string | Buffer,
	signature: string
): boolean => keys.some(key => verifyRsa(message, signature, key));

const bytes = (message: string | Buffer) => (typeof message === "string" ? Buffer.from(message) : message);

/** Alipay's console shows keys as bare base64, without the PEM header. */
const pem = (key: string, label: string) =>
	key.includes("-----BEGIN") ? key : `-----BEGIN ${label}-----\n${key.trim()}\n-----END ${label}-----\n`;

function requireStrongKey(key: KeyObject): KeyObject {
	const length = key.asymmetricKeyDetails?.modulusLength ?? 0;
	if (key.asymmetricKeyType !== "rsa" || length < MIN_KEY_BITS)
		throw new TypeError(`An RSA key of at least ${MIN_KEY_BITS} bits is needed`);
	return key;
}
