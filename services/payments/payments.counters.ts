import { UNMATCHED_REASONS } from "../../schemas/payments.contract";

export const PAYMENT_COUNTERS = {
	unmatchedNotifications: {
		name: "mall_payment_notifications_unmatched_total",
		description:
			"Notifications in the name of a payment channel that were rejected or fit nothing here, repeated ones too",
		labels: { channel: ["alipay", "wechat"], reason: UNMATCHED_REASONS }
	}
} as const;
