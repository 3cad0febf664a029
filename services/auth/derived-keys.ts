import {
	createCipheriv,
	createDecipheriv,
	createHmac,
	hkdfSync,
	randomBytes,
	timingSafeEqual
} from "node:crypto";
import { ACCEPTED_SECRETS, CURRENT_SECRET, type Secret } from "./secrets";

/** A key for one use, derived from a secret (HKDF): what is made for one use is invalid for any other. */
const deriveKey = ({ text }: Secret, use: string): Buffer =>
	Buffer.from(hkdfSync("sha256", text, "zjmall", use, 32));

/** HMACs for one use: made under the current secret, valid under every accepted one. */
function createMac(use: string) {
	const keys = ACCEPTED_SECRETS.map(secret => deriveKey(secret, use));
	const signAll = (text: string) =>
		keys.map(key => createHmac("sha256", key).update(text).digest("base64url"));
	return {
		sign: (text: string): string => signAll(text)[0] ?? "",
		/** The MACs of the text that are valid. */
		signAll,
		isValid: (text: string, mac: string): boolean =>
			signAll(text).some(
				valid => valid.length === mac.length && timingSafeEqual(Buffer.from(valid), Buffer.from(mac))
			)
	};
}

export const codeMac = createMac("one-time codes");
export const refreshTokenMac = createMac("refresh tokens");
const deviceMac = createMac("devices");
export const signDevice = deviceMac.sign;
export const isDeviceMac = deviceMac.isValid;
/** Names a password in the counts of failed log-ins, so that the password itself is stored nowhere. */
export const signPassword = createMac("failed passwords").sign;

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;
const SEALING = "second factors";

/** A text encrypted for the store, and the id of the secret under which it is. */
export type Sealed = { readonly sealedSecret: string; readonly sealedUnder: string };

/** Encrypts a text, bound to its owner: under another owner's id it can't be opened. */
export function sealText(text: string, ownerId: string): Sealed {
	const iv = randomBytes(IV_BYTES);
	const key = deriveKey(CURRENT_SECRET, SEALING);
	const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(ownerId));
	const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
	return {
		sealedSecret: Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url"),
		sealedUnder: CURRENT_SECRET.id
	};
}

/** Decrypts a text of `sealText`. Throws if it was changed, or sealed for another owner or under an unknown secret. */
export function openText({ sealedSecret, sealedUnder }: Sealed, ownerId: string): string {
	const secret = ACCEPTED_SECRETS.find(({ id }) => id === sealedUnder);
	if (!secret) throw new Error("A second factor is encrypted under a secret that is gone");
	const bytes = Buffer.from(sealedSecret, "base64url");
	const decipher = createDecipheriv(CIPHER, deriveKey(secret, SEALING), bytes.subarray(0, IV_BYTES))
		.setAAD(Buffer.from(ownerId))
		.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
	return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
}
