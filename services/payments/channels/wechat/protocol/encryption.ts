import { createDecipheriv } from "node:crypto";
import { textField, utf8, type Fields } from "../../protocol/json-fields";

/** Source: WeChat Pay APIv3's public documents on decrypting notifications. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Decrypts a notification's `resource` (AEAD_AES_256_GCM); undefined when anything in it was altered. */
export function decryptResource(resource: Fields | undefined, apiV3Key: Buffer): string | undefined {
	if (textField(resource, "algorithm") !== "AEAD_AES_256_GCM") return undefined;
	const opened = decryptAesGcm(Buffer.from(textField(resource, "ciphertext") ?? "", "base64"), {
		nonce: Buffer.from(textField(resource, "nonce") ?? ""),
		aad: Buffer.from(textField(resource, "associated_data") ?? ""),
		key: apiV3Key
	});
	return opened && utf8(opened);
}

/** Decrypts AES-256-GCM whose tag follows the ciphertext; undefined when the tag does not match. */
export function decryptAesGcm(
	sealed: Buffer,
	{ nonce, aad, key }: { nonce: Buffer; aad: Buffer; key: Buffer }
): Buffer | undefined {
	if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES) return undefined;
	const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
	decipher.setAAD(aad);
	decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
	try {
		// final() compares the tag; without it altered text would pass.
		return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
	} catch {
		return undefined;
	}
}
