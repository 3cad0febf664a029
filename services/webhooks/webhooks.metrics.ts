import { counter } from "../../schemas/kit/metric";

export const WEBHOOK_METRICS = {
	attempts: counter({
		name: "mall_webhook_attempts_total",
		description: "Attempts to deliver a fact to a webhook, by outcome",
		labels: { outcome: ["delivered", "failed", "given_up"] }
	})
};
