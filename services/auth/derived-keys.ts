import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { settings } from "../../settings";

const deriveKey = (use: string): Buffer =>
	Buffer.from(hkdfSync("sha256", settings.jwtSecret, "zjmall", use, 32));

/** An HMAC under a key of its own, derived from the one secret (HKDF): a MAC made for one use is invalid for any other. */
const createMac = (use: string) => {
	const key = deriveKey(use);
	return (text: string): string => createHmac("sha256", key).update(text).digest("base64url");
};
export const signCode = createMac("one-time codes");
export const signRefreshToken = createMac("refresh tokens");

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;
const sealingKey = deriveKey("second factors");

/** Encrypts a text for the store, bound to its owner: under another owner's id it can't be opened. */
export function sealText(text: string, ownerId: string): string {
	const iv = randomBytes(IV_BYTES);
	const cipher = createCipheriv(CIPHER, sealingKey, iv).setAAD(Buffer.from(ownerId));
	const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
	return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
}

/** Decrypts a text of `sealText`. Throws if it was changed, or sealed for another owner or under another secret. */
export function openText(sealed: string, ownerId: string): string {
	const bytes = Buffer.from(sealed, "base64url");
	const decipher = createDecipheriv(CIPHER, sealingKey, bytes.subarray(0, IV_BYTES))
		.setAAD(Buffer.from(ownerId))
		.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
	return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
}
