import { createDecipheriv, randomBytes, type KeyObject } from "node:crypto";
import { textField, utf8, type Fields } from "../json-fields";
import { signRsa, verifyRsa } from "../rsa";

/** How WeChat Pay APIv3 signs and encrypts. Source: its public documents on signing, verifying and decrypting notifications. */
const WINDOW_SECONDS = 300;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface Merchant {
	merchantId: string;
	merchantSerial: string;
	privateKey: KeyObject;
}

/** The Authorization header of a request; `path` with its query, exactly as sent. */
export function authorizationHeader(
	{ merchantId, merchantSerial, privateKey }: Merchant,
	request: { method: string; path: string; body: string; at: Date }
): string {
	const timestamp = Math.floor(request.at.getTime() / 1000);
	const nonce = randomBytes(16).toString("hex");
	const message = `${request.method}\n${request.path}\n${timestamp}\n${nonce}\n${request.body}\n`;
	const parts = {
		mchid: merchantId,
		nonce_str: nonce,
		signature: signRsa(message, privateKey),
		timestamp,
		serial_no: merchantSerial
	};
	const list = Object.entries(parts).map(([name, value]) => `${name}="${value}"`);
	return `WECHATPAY2-SHA256-RSA2048 ${list.join(",")}`;
}

export interface SignedMessage {
	/** Looks a header up by its lower-case name. */
	header: (name: string) => string | undefined;
	body: Buffer;
}

export type SignatureFault = { reason: "malformed" | "stale" | "serial" | "signature"; message: string };

/**
 * What is wrong with the signature of an answer or notification; undefined when all is well. Keys are in a Map, so that a serial
 * like `__proto__` finds nothing. WeChat probes merchants with wrong signatures (`WECHATPAY/SIGNTEST/…`): plain refusals too.
 */
export function findSignatureFault(
	{ header, body }: SignedMessage,
	platformKeys: ReadonlyMap<string, KeyObject>,
	now: Date
): SignatureFault | undefined {
	const timestamp = header("wechatpay-timestamp");
	const nonce = header("wechatpay-nonce");
	const serial = header("wechatpay-serial");
	const signature = header("wechatpay-signature");
	if (!timestamp || !nonce || !serial || !signature)
		return { reason: "malformed", message: "A Wechatpay header is missing" };
	if (!/^\d{1,12}$/.test(timestamp)) return { reason: "malformed", message: "The timestamp is no number" };
	if (Math.abs(now.getTime() - Number(timestamp) * 1000) > WINDOW_SECONDS * 1000)
		return { reason: "stale", message: "Signed more than five minutes from now" };
	const key = platformKeys.get(serial);
	if (!key) return { reason: "serial", message: "Signed with a key that is not known" };
	const message = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from("\n")]);
	return verifyRsa(message, signature, key)
		? undefined
		: { reason: "signature", message: "A wrong signature" };
}

/** Opens `resource` (AEAD_AES_256_GCM); undefined when anything was altered. */
export function decryptResource(resource: Fields | undefined, apiV3Key: Buffer): string | undefined {
	if (textField(resource, "algorithm") !== "AEAD_AES_256_GCM") return undefined;
	const opened = decryptAesGcm(Buffer.from(textField(resource, "ciphertext") ?? "", "base64"), {
		nonce: Buffer.from(textField(resource, "nonce") ?? ""),
		aad: Buffer.from(textField(resource, "associated_data") ?? ""),
		key: apiV3Key
	});
	return opened && utf8(opened);
}

/** The tag stands behind the ciphertext. */
export function decryptAesGcm(
	sealed: Buffer,
	{ nonce, aad, key }: { nonce: Buffer; aad: Buffer; key: Buffer }
): Buffer | undefined {
	if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES) return undefined;
	const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
	decipher.setAAD(aad);
	decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
	try {
		// final() is what compares the tag: without it altered text would pass
		return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
	} catch {
		return undefined;
	}
}
