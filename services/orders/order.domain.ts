import type { OrderItem, OrderStatus } from "../../schemas/orders.contract";
import type { Quote } from "../../schemas/promotions.contract";
import type { AddressSnapshot } from "../../schemas/users.contract";

export type TimelineEntry = {
	readonly from: OrderStatus;
	readonly to: OrderStatus;
	readonly event: string;
	readonly by: string;
	readonly at: Date;
	readonly reason: string | null;
};

export type Order = {
	readonly _id: string;
	readonly orderNo: string;
	readonly userId: string;
	readonly status: OrderStatus;
	/** User and idempotency key: one order each, unless it failed. */
	readonly placeKey?: string;
	/** What was asked under that key. */
	readonly fingerprint: string;
	/** One of the places for unpaid orders that a user has, taken until the order is paid or ends. */
	readonly slot?: string;
	/** Being undone: it can no longer become pending. */
	readonly undoing?: boolean;
	/** When the sweep has to look at it, by its status. */
	readonly deadline?: Date;
	readonly items: readonly OrderItem[];
	readonly fromCart: boolean;
	readonly address: AddressSnapshot;
	readonly itemsTotal: number;
	readonly discounts: Quote["discounts"];
	readonly discountTotal: number;
	readonly shippingFee: number;
	readonly total: number;
	readonly currency: string;
	readonly couponCode: string | null;
	readonly remark: string | null;
	readonly staffRemark?: string;
	readonly hidden?: boolean;
	readonly expiresAt: Date;
	readonly timeline: readonly TimelineEntry[];
	/** The payment that this order took. */
	readonly paymentId?: string;
	/** Payments that it sent back. */
	readonly refusedPayments: readonly string[];
	readonly failedRefunds: readonly string[];
	readonly refundedTotal: number;
	/** Where a refund began, and where the order goes back to when it fails. */
	readonly refundFrom?: OrderStatus;
	readonly shipment?: { readonly carrier: string; readonly trackingNo: string; readonly shippedAt: Date };
	/** When a shipped order completes by itself. */
	readonly receiveBy?: Date;
	readonly paidAt?: Date;
	readonly completedAt?: Date;
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

/** Every legal step; whatever is not here is refused. */
export const TRANSITIONS: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
	creating: ["pending_payment", "failed"],
	pending_payment: ["paid", "cancelled"],
	paid: ["shipped", "refunding"],
	shipped: ["completed", "refunding"],
	completed: ["refunding"],
	refunding: ["refunded", "paid", "shipped", "completed"],
	cancelled: [],
	refunded: [],
	failed: []
};
export const canTransition = (from: OrderStatus, to: OrderStatus): boolean => TRANSITIONS[from].includes(to);

/** Statuses in which an order takes one of its user's places for unpaid ones. */
export const UNPAID_STATUSES = ["creating", "pending_payment"] as const satisfies readonly OrderStatus[];
/** Statuses that a client sees: all but those in which there is no order yet, or never came to be one. */
export const VISIBLE_STATUSES = (Object.keys(TRANSITIONS) as OrderStatus[]).filter(
	status => status !== "creating" && status !== "failed"
);
/** Over, and nothing of it stays with the buyer. */
export const VOID_STATUSES = ["cancelled", "refunded", "failed"] as const satisfies readonly OrderStatus[];
/** Ended, as far as the buyer is concerned. */
export const HIDEABLE_STATUSES = [
	"completed",
	"cancelled",
	"refunded"
] as const satisfies readonly OrderStatus[];

export type Transition = {
	readonly to: OrderStatus;
	readonly event: string;
	readonly by: string;
	readonly reason?: string | undefined;
	/** Other fields that change with it. */
	readonly set?: Partial<Order>;
	/** When the sweep has to look at the order in its new status. */
	readonly deadline?: Date;
};

/** The update that moves an order on: status, timeline, and what the former status held. */
export function buildTransitionUpdate(
	order: Order,
	{ to, event, by, reason, set, deadline }: Transition,
	at: Date
) {
	const step: TimelineEntry = { from: order.status, to, event, by, at, reason: reason ?? null };
	const ended = !UNPAID_STATUSES.some(status => status === to);
	const gone = {
		...(ended && { slot: "" }),
		...(to === "failed" && { placeKey: "" }),
		...(!deadline && { deadline: "" })
	};
	return {
		$set: { ...set, status: to, updatedAt: at, ...(deadline && { deadline }) },
		$push: { timeline: step },
		...(Object.keys(gone).length > 0 && { $unset: gone })
	};
}

/** What money for an order means: late, double or wrong money goes back, repeated news of it means nothing. */
export function decidePayment(
	order: Pick<Order, "status" | "paymentId" | "refusedPayments" | "total" | "currency">,
	payment: { readonly paymentId: string; readonly amount: number; readonly currency: string }
): "pay" | "repeat" | "refund" | "retry" {
	if (order.paymentId === payment.paymentId || order.refusedPayments.includes(payment.paymentId))
		return "repeat";
	if (order.status === "creating") return "retry";
	const fits = payment.amount === order.total && payment.currency === order.currency;
	return order.status === "pending_payment" && fits ? "pay" : "refund";
}

/**
 * What news of money sent back means: a part is noted; all of it ends the order by way of `refunding`. Money that the
 * order never took is none of its business, unless the news of its taking may still be on the way.
 */
export function decideRefund(
	order: Pick<Order, "status" | "paymentId" | "refusedPayments">,
	news: { readonly paymentId: string; readonly refunded: number; readonly paid: number }
): "note" | "begin" | "end" | "ignore" | "retry" {
	if (order.paymentId !== news.paymentId) {
		const undecided = order.status === "pending_payment" || order.status === "creating";
		return undecided && !order.refusedPayments.includes(news.paymentId) ? "retry" : "ignore";
	}
	if (news.refunded < news.paid || order.status === "refunded") return "note";
	return order.status === "refunding" ? "end" : "begin";
}

export const isExpired = (order: Pick<Order, "status" | "expiresAt">, now: Date): boolean =>
	order.status === "pending_payment" && order.expiresAt <= now;

/** What other services learn of the lines. */
export const toFactLines = ({ items }: Pick<Order, "items">) =>
	items.map(({ skuId, productId, quantity }) => ({ skuId, productId, quantity }));

/** Units of a SKU in these orders. */
export const countUnits = (orders: readonly Pick<Order, "items">[], skuId: string): number =>
	orders
		.flatMap(({ items }) => items)
		.reduce((units, item) => units + (item.skuId === skuId ? item.quantity : 0), 0);

/** The lowest free place for an unpaid order; null when the user holds as many as may be. */
export function findFreeSlot(taken: ReadonlySet<number>, max: number): number | null {
	if (taken.size >= max) return null;
	for (let slot = 0; slot < max; slot++) if (!taken.has(slot)) return slot;
	return null;
}
