import { createHash, createHmac } from "node:crypto";
import { ACCEPTED_SECRETS, deriveKey, toSecret } from "../../mixins/platform";
import { settings } from "../../settings";
import type { Hashes } from "./audit.domain";

/** Keys by their ids. Those of AUDIT_KEYS come first; without them entries are signed under a key that JWT_SECRET gives. */
const keys = new Map(
	[...settings.auditKeys.map(toSecret), ...ACCEPTED_SECRETS].map(
		secret => [secret.id, deriveKey(secret, "audit log")] as const
	)
);
const [currentKeyId = ""] = keys.keys();

/** The hashes of the log's entries. Their keys are in the settings, so whoever can write the store can't make entries. */
export const auditHashes: Hashes = {
	currentKeyId,
	hash(text, keyId) {
		if (keyId === undefined) return createHash("sha256").update(text).digest("base64url");
		const key = keys.get(keyId);
		return key ? createHmac("sha256", key).update(text).digest("base64url") : null;
	}
};
