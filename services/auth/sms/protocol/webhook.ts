import { createHmac } from "node:crypto";
import { refused, type SmsProvider } from "../sms-provider";

export type WebhookAccount = {
	readonly url: string;
	/** `whsec_` and base64, or any other text, whose bytes are the key then. */
	readonly secret: string;
};

/**
 * The operator's own sender of messages: a POST of `{type: "sms", timestamp, data: {phone, kind, code, text}}`, signed
 * as Standard Webhooks (https://www.standardwebhooks.com). 2xx accepts the message; 422 says that the
 * phone gets no messages, 429 that it got too many; anything else is a failure of the sender.
 */
export const webhookSms = ({ url, secret }: WebhookAccount): SmsProvider => ({
	name: "webhook",
	buildRequest({ phone, kind, code, text }, now, nonce) {
		const body = JSON.stringify({
			type: "sms",
			timestamp: now.toISOString(),
			data: { phone, kind, code, text }
		});
		const timestamp = String(Math.floor(now.getTime() / 1000));
		const mac = createHmac("sha256", keyOf(secret))
			.update(`${nonce}.${timestamp}.${body}`)
			.digest("base64");
		return {
			method: "POST",
			url,
			headers: {
				"Content-Type": "application/json",
				"webhook-id": nonce,
				"webhook-timestamp": timestamp,
				"webhook-signature": `v1,${mac}`
			},
			body
		};
	},
	readReply(status) {
		if (status >= 200 && status < 300) return { outcome: "accepted" };
		const reason = `HTTP_${status}`;
		if (status === 422) return refused("number", reason);
		return refused(status === 429 ? "frequency" : "provider", reason);
	}
});

const keyOf = (secret: string) =>
	secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);
