import { createHmac, randomBytes } from "node:crypto";
import type { Delivery } from "./webhook.domain";

const SECRET_PREFIX = "whsec_";
const SECRET_BYTES = 32;
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
/** A new secret of an endpoint. */
export const makeSecret = (): string => SECRET_PREFIX + randomBytes(SECRET_BYTES).toString("base64");

const decodeSecret = (secret: string) => Buffer.from(secret.slice(SECRET_PREFIX.length), "base64");
/** Whether it is a secret as Standard Webhooks want it: 24 to 64 bytes in base64. */
export function isGoodSecret(secret: string): boolean {
	const bytes = decodeSecret(secret);
	return (
		bytes.length >= MIN_SECRET_BYTES &&
		bytes.length <= MAX_SECRET_BYTES &&
		SECRET_PREFIX + bytes.toString("base64") === secret
	);
}

/** The headers of an attempt by Standard Webhooks 1.0: one signature for each secret (https://www.standardwebhooks.com). */
export function signDelivery(
	{ eventId, body }: Pick<Delivery, "eventId" | "body">,
	secrets: readonly string[],
	now: Date
): Readonly<Record<string, string>> {
	const timestamp = String(Math.floor(now.getTime() / 1000));
	const signatures = secrets.map(secret => {
		const mac = createHmac("sha256", decodeSecret(secret)).update(`${eventId}.${timestamp}.${body}`);
		return `v1,${mac.digest("base64")}`;
	});
	return {
		"webhook-id": eventId,
		"webhook-timestamp": timestamp,
		"webhook-signature": signatures.join(" ")
	};
}
