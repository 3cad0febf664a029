import type { KeyObject } from "node:crypto";
import { signRsa, verifyRsa } from "../../protocol/rsa";

/** Source: WeChat Pay APIv3's public documents on signing requests and verifying answers and notifications. */
const MAX_CLOCK_DIFFERENCE_MS = 300_000;

export interface Merchant {
	merchantId: string;
	merchantSerial: string;
	privateKey: KeyObject;
}

export interface RequestToSign {
	method: string;
	/** With the query, exactly as sent. */
	path: string;
	body: string;
	at: Date;
	/** Unique for each request, 32 word characters. */
	nonce: string;
}

/** Builds the Authorization header of a request. */
export function buildAuthorization(
	{ merchantId, merchantSerial, privateKey }: Merchant,
	{ method, path, body, at, nonce }: RequestToSign
): string {
	const timestamp = Math.floor(at.getTime() / 1000);
	const message = `${method}\n${path}\n${timestamp}\n${nonce}\n${body}\n`;
	const fields = {
		mchid: merchantId,
		nonce_str: nonce,
		signature: signRsa(message, privateKey),
		timestamp,
		serial_no: merchantSerial
	};
	const list = Object.entries(fields).map(([name, value]) => `${name}="${value}"`);
	return `WECHATPAY2-SHA256-RSA2048 ${list.join(",")}`;
}

export interface SignedMessage {
	/** Looks a header up by its lower-case name. */
	header: (name: string) => string | undefined;
	body: Buffer;
}

export type SignatureFault = {
	reason: "malformed" | "stale" | "serial" | "signature";
	message: string;
};

/**
 * Finds what is wrong with the signature of an answer or notification; undefined when it is good. The keys are a Map, so that
 * a serial like `__proto__` finds nothing. WeChat probes merchants with wrong signatures (`WECHATPAY/SIGNTEST/…`), which are
 * rejected like any other.
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
	if (Math.abs(now.getTime() - Number(timestamp) * 1000) > MAX_CLOCK_DIFFERENCE_MS)
		return { reason: "stale", message: "Signed more than five minutes from now" };
	const key = platformKeys.get(serial);
	if (!key) return { reason: "serial", message: "Signed with a key that is not known" };
	const message = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from("\n")]);
	return verifyRsa(message, signature, key)
		? undefined
		: { reason: "signature", message: "A wrong signature" };
}
