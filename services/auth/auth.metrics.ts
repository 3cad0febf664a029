import { counter } from "../../schemas/kit/metric";

export const AUTH_METRICS = {
	sms: counter({
		name: "mall_sms_total",
		description: "Messages that were handed to an SMS provider, by its answer",
		labels: { provider: ["aliyun", "tencent", "webhook"], outcome: ["accepted", "refused"] }
	})
};
