import { createHash } from "node:crypto";
import { settings } from "../../settings";

/** A secret of the shop with the id by which tokens name it; the id says nothing about the secret. */
export type Secret = { readonly id: string; readonly text: string };

const toSecret = (text: string): Secret => ({
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
