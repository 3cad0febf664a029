import { createCipheriv, createSign, createVerify, randomBytes, type KeyObject } from "node:crypto";
import { deriveHex } from "../channel-ids";
import type { EmulatorRequest } from "../channel-emulator";

/** An error that the platform answers to the merchant. */
export class ApiError extends Error {
	constructor(
		readonly status: number,
		readonly code: string,
		message: string
	) {
		super(message);
	}
}

export interface Merchant {
	merchantId: string;
	serial: string;
	publicKey: KeyObject;
}

/** Finds what is wrong with a request's Authorization header; undefined when it is good. */
export function findAuthorizationFault(
	request: EmulatorRequest,
	merchant: Merchant,
	now: Date
): string | undefined {
	const header = request.headers["authorization"];
	const [scheme, list = ""] = typeof header === "string" ? header.split(/ (.*)/) : [];
	if (scheme !== "WECHATPAY2-SHA256-RSA2048") return "An unknown scheme";
	const parts = new Map(
		[...list.matchAll(/\b(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value])
	);
	if (parts.get("mchid") !== merchant.merchantId) return "An unknown mchid";
	if (parts.get("serial_no") !== merchant.serial) return "An unknown serial_no";
	const timestamp = parts.get("timestamp") ?? "";
	if (!(Math.abs(now.getTime() / 1000 - Number(timestamp)) <= 300))
		return "The timestamp is more than 5 minutes off";
	const target = request.query ? `${request.path}?${request.query}` : request.path;
	const good = createVerify("RSA-SHA256")
		.update(`${request.method}\n${target}\n${timestamp}\n${parts.get("nonce_str")}\n`)
		.update(request.rawBody)
		.update("\n")
		.verify(merchant.publicKey, parts.get("signature") ?? "", "base64");
	return good ? undefined : "A wrong signature";
}

/** Verifies the signature of parameters that a merchant's client hands over, line by line. */
export const isSignedByMerchant = (
	lines: readonly (string | undefined)[],
	sign: string,
	publicKey: KeyObject
): boolean =>
	createVerify("RSA-SHA256")
		.update(lines.map(line => `${line}\n`).join(""))
		.verify(publicKey, sign, "base64");

/** Signs an answer or a notification. */
export function signHeaders(
	body: string,
	{ serial, key, now }: { serial: string; key: KeyObject; now: Date }
): Record<string, string> {
	const timestamp = String(Math.floor(now.getTime() / 1000));
	const nonce = randomBytes(16).toString("hex");
	const message = [timestamp, nonce, body, ""].join("\n");
	return {
		"wechatpay-serial": serial,
		"wechatpay-timestamp": timestamp,
		"wechatpay-nonce": nonce,
		"wechatpay-signature": createSign("RSA-SHA256").update(message).sign(key, "base64"),
		"wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048"
	};
}

export interface PlatformEvent {
	/** Names the payment or refund. Repetitions have the same seed, and so the same id. */
	seed: string;
	type: string;
	summary: string;
	resourceType: "transaction" | "refund";
	content: object;
}

export function encryptEvent(
	{ seed, type, summary, resourceType, content }: PlatformEvent,
	apiV3Key: string,
	now: Date
) {
	const nonce = randomBytes(6).toString("hex"); // Its 12 characters are the bytes of the nonce.
	const cipher = createCipheriv("aes-256-gcm", Buffer.from(apiV3Key), Buffer.from(nonce));
	cipher.setAAD(Buffer.from(resourceType));
	const sealed = [cipher.update(JSON.stringify(content), "utf8"), cipher.final(), cipher.getAuthTag()];
	const hex = deriveHex(`wechat:${seed}`);
	return JSON.stringify({
		id: [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
			"-"
		),
		create_time: formatPlatformTime(now),
		resource_type: "encrypt-resource",
		event_type: type,
		summary,
		resource: {
			original_type: resourceType,
			algorithm: "AEAD_AES_256_GCM",
			ciphertext: Buffer.concat(sealed).toString("base64"),
			associated_data: resourceType,
			nonce
		}
	});
}

const BEIJING = new Intl.DateTimeFormat("sv-SE", {
	timeZone: "Asia/Shanghai",
	dateStyle: "short",
	timeStyle: "medium"
});

export const formatPlatformTime = (at: Date): string => `${BEIJING.format(at).replace(" ", "T")}+08:00`;
