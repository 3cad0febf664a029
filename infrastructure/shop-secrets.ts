import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { settings } from "../settings";

/** A secret of the shop with the id by which tokens name it; the id says nothing about the secret. */
export type Secret = { readonly id: string; readonly text: string };

export const toSecret = (text: string): Secret => ({
	id: createHash("sha256").update(`zjmall secret id:${text}`).digest("base64url").slice(0, 8),
	text
});

/** The secret that signs and encrypts. */
export const CURRENT_SECRET = toSecret(settings.jwtSecret);
/** The secrets whose signatures are valid: the current one, and during a rotation the one before. */
export const ACCEPTED_SECRETS: readonly Secret[] = [
	CURRENT_SECRET,
	...(settings.jwtSecretPrevious === null ? [] : [toSecret(settings.jwtSecretPrevious)])
];

/** A key for one use, derived from a secret (HKDF): what is made for one use is invalid for any other. */
export const deriveKey = ({ text }: Secret, use: string): Buffer =>
	Buffer.from(hkdfSync("sha256", text, "zjmall", use, 32));

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A text encrypted for the store, and the id of the secret under which it is. */
export type Sealed = { readonly sealedSecret: string; readonly sealedUnder: string };

/** Encrypts texts of one use, such as second factors: a copy of the store does not give them away. */
export const createSealer = (use: string) => ({
	/** Encrypts a text, bound to its owner: under another owner's id it can't be opened. */
	seal(this: void, text: string, ownerId: string): Sealed {
		const iv = randomBytes(IV_BYTES);
		const cipher = createCipheriv(CIPHER, deriveKey(CURRENT_SECRET, use), iv).setAAD(
			Buffer.from(ownerId)
		);
		const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
		return {
			sealedSecret: Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url"),
			sealedUnder: CURRENT_SECRET.id
		};
	},

	/** Decrypts a text of `seal`. Throws if it was changed, or sealed for another owner or under an unknown secret. */
	open(this: void, { sealedSecret, sealedUnder }: Sealed, ownerId: string): string {
		const secret = ACCEPTED_SECRETS.find(({ id }) => id === sealedUnder);
		if (!secret) throw new Error(`One of the ${use} is encrypted under a secret that is gone`);
		const bytes = Buffer.from(sealedSecret, "base64url");
		const decipher = createDecipheriv(CIPHER, deriveKey(secret, use), bytes.subarray(0, IV_BYTES))
			.setAAD(Buffer.from(ownerId))
			.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
		return (
			decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8")
		);
	}
});
