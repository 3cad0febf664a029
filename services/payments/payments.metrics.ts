import { decodeTime } from "ulid";
import type { FactCounts } from "../../mixins/metrics.mixin";
import { counter, histogram } from "../../schemas/kit/metric";
import { UNMATCHED_REASONS } from "../../schemas/payments.contract";

const channel = ["alipay", "wechat"] as const;

export const PAYMENT_METRICS = {
	unmatchedNotifications: counter({
		name: "mall_payment_notifications_unmatched_total",
		description:
			"Notifications in the name of a payment channel that were rejected or fit nothing here, repeated ones too",
		labels: { channel, reason: UNMATCHED_REASONS }
	}),
	begun: counter({
		name: "mall_payments_begun_total",
		description: "Requests to a channel to begin a payment, by its answer; unknown: it gave none",
		labels: { channel, outcome: ["created", "refused", "unknown"] }
	}),
	ended: counter({
		name: "mall_payments_total",
		description: "Payments that the channel has the money of, and that can no longer be paid",
		labels: { channel, outcome: ["succeeded", "closed"] }
	}),
	received: counter({
		name: "mall_payments_received_fen_total",
		description: "Money that channels have received, in fen, also what is sent back later",
		labels: { channel }
	}),
	refunds: counter({
		name: "mall_refunds_total",
		description: "Refunds by how they ended at the channel",
		labels: { channel, outcome: ["succeeded", "failed"] }
	}),
	refunded: counter({
		name: "mall_refunded_fen_total",
		description: "Money that was sent back, in fen",
		labels: { channel }
	}),
	paying: histogram({
		name: "mall_payment_duration_seconds",
		description: "Time from a payment's beginning until its channel had the money",
		labels: { channel },
		buckets: [2, 5, 15, 30, 60, 120, 300, 600, 1200, 1800]
	}),
	differences: counter({
		name: "mall_reconciliation_differences_total",
		description:
			"Places in which the bill of a channel differs from the shop's books, by every comparison",
		labels: { channel }
	})
};

export const paymentFactCounts: FactCounts<typeof PAYMENT_METRICS> = {
	"payment.succeeded"(metrics, { channel, amount, paidAt, paymentId }) {
		metrics.ended({ channel, outcome: "succeeded" });
		metrics.received({ channel }, amount);
		// A payment's id begins with the time at which it was made; a channel tells whole seconds.
		const seconds = (Date.parse(paidAt) - decodeTime(paymentId)) / 1000;
		metrics.paying(Math.max(0, seconds), { channel });
	},
	"payment.closed"(metrics, { channel }) {
		if (channel) metrics.ended({ channel, outcome: "closed" });
	},
	"payment.refunded"(metrics, { channel, amount }) {
		if (!channel) return;
		metrics.refunds({ channel, outcome: "succeeded" });
		metrics.refunded({ channel }, amount);
	},
	"payment.refund_failed"(metrics, { channel }) {
		if (channel) metrics.refunds({ channel, outcome: "failed" });
	},
	"payment.books_differ"(metrics, { channel, differences }) {
		metrics.differences({ channel }, differences);
	}
};
