export const AUTH_COUNTERS = {
	sms: {
		name: "mall_sms_total",
		description: "Messages that were handed to an SMS provider, by its answer",
		labels: { provider: ["aliyun", "tencent", "webhook"], outcome: ["accepted", "refused"] }
	}
} as const;
