/** Attempts to deliver, by their outcome. */
export const DELIVERY_COUNTER = {
	name: "mall_webhook_attempts_total",
	description: "Attempts to deliver a fact to a webhook, by outcome",
	labels: { outcome: ["delivered", "failed", "given_up"] }
} as const;
