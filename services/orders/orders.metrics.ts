import type { FactCounts } from "../../mixins/metrics.mixin";
import { counter, histogram } from "../../schemas/kit/metric";

export const ORDER_METRICS = {
	changes: counter({
		name: "mall_order_changes_total",
		description: "Changes of orders: `placed` and what became of them",
		labels: {
			change: [
				"placed",
				"paid",
				"cancelled",
				"shipped",
				"completed",
				"refund_requested",
				"partly_refunded",
				"refunded",
				"payment_refused"
			]
		}
	}),
	revenue: counter({
		name: "mall_order_revenue_fen_total",
		description: "Totals of the orders that were paid, in fen; refunds are not subtracted"
	}),
	unitsSold: counter({
		name: "mall_order_units_paid_total",
		description: "Units in the orders that were paid"
	}),
	placing: histogram({
		name: "mall_order_placing_duration_seconds",
		description: "Duration of placing an order, from its request to `orders` until it is placed",
		buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
	})
};

export const orderFactCounts: FactCounts<typeof ORDER_METRICS> = {
	"order.created": metrics => metrics.changes({ change: "placed" }),
	"order.paid"(metrics, { total, lines }) {
		metrics.changes({ change: "paid" });
		metrics.revenue({}, total);
		metrics.unitsSold(
			{},
			lines.reduce((sum, { quantity }) => sum + quantity, 0)
		);
	},
	"order.cancelled": metrics => metrics.changes({ change: "cancelled" }),
	"order.shipped": metrics => metrics.changes({ change: "shipped" }),
	"order.completed": metrics => metrics.changes({ change: "completed" }),
	"order.refund_requested": metrics => metrics.changes({ change: "refund_requested" }),
	"order.partly_refunded": metrics => metrics.changes({ change: "partly_refunded" }),
	"order.refunded": metrics => metrics.changes({ change: "refunded" }),
	"order.payment_refused": metrics => metrics.changes({ change: "payment_refused" })
};
