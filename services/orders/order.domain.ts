import type { OrderItem, OrderStatus } from "../../schemas/orders.views";
import type { PromotionUse, Quote } from "../../schemas/promotions.contract";
import type { AddressSnapshot } from "../../schemas/users.contract";
import type { Demand } from "../../schemas/values/demand";
import type { UnitClaim } from "./unit-claims.domain";

export type TimelineEntry = {
	readonly from: OrderStatus;
	readonly to: OrderStatus;
	readonly event: string;
	readonly by: string;
	readonly at: Date;
	readonly reason: string | null;
};

/** A line as it is stored: in orders of earlier versions without the fields of promotions and parcels. */
export type StoredItem = Omit<OrderItem, "listPrice" | "gift" | "shippedQuantity" | "refundedQuantity"> &
	Partial<Pick<OrderItem, "listPrice" | "gift" | "shippedQuantity">> & {
		/** Units not sent yet that an open case asks to refund: they are not sent meanwhile. */
		readonly heldQuantity?: number;
		/** Units that were refunded before they were sent: they never will be. */
		readonly cancelledQuantity?: number;
	};

/** A parcel as the order knows it; `shipping` has what happens to it on its way. */
export type OrderParcel = {
	readonly id: string;
	readonly carrier: string;
	readonly trackingNo: string;
	readonly items: readonly Demand[];
	readonly shippedAt: Date;
	readonly deliveredAt?: Date;
};

export type Order = {
	readonly _id: string;
	readonly orderNo: string;
	readonly userId: string;
	readonly status: OrderStatus;
	/** `<userId>:<idempotency key>`, unique. Removed when the order fails: the key is free again then. */
	readonly placeKey?: string;
	/** Hash of the request under that key; a request with another hash reuses the key. */
	readonly fingerprint: string;
	/** `<userId>:<number>`, unique: one of the few slots of a user for unpaid orders. Removed when the order is paid or ends. */
	readonly slot?: string;
	/** The sweep is undoing the order, so it can no longer become `pending_payment`. */
	readonly undoing?: boolean;
	/** Time at which the sweep does the work that is due in the present status. */
	readonly deadline?: Date;
	readonly items: readonly StoredItem[];
	/** The items' names folded, and the codes of their SKUs at the time, which staff searches as well. */
	readonly nameKeys: readonly string[];
	readonly codeKeys: readonly string[];
	readonly fromCart: boolean;
	readonly address: AddressSnapshot;
	readonly itemsTotal: number;
	readonly discounts: Quote["discounts"];
	/** Absent in orders of earlier versions, which had no promotions, coupons and points. */
	readonly notApplied?: Quote["notApplied"];
	readonly points?: Quote["points"];
	/** What the order takes of limited promotions. */
	readonly promotionUses?: readonly PromotionUse[];
	/** The coupon that the order uses; its code is `couponCode`. */
	readonly couponId?: string | null;
	readonly discountTotal: number;
	readonly shippingFee: number;
	readonly total: number;
	readonly currency: string;
	readonly couponCode: string | null;
	readonly remark: string | null;
	readonly staffRemark?: string;
	/** Its owner has removed the order from the own list. */
	readonly hidden: boolean;
	readonly expiresAt: Date;
	readonly timeline: readonly TimelineEntry[];
	/** Payment that paid this order. */
	readonly paymentId?: string;
	/** Payments that this order refused; `payments` sends their money back. */
	readonly refusedPayments: readonly string[];
	/** Ids of refunds that failed; their number is the `attempt` of the next request. */
	readonly failedRefunds: readonly string[];
	readonly refundedTotal: number;
	/** Status before `refunding`, to which the order returns when the refund fails. */
	readonly refundFrom?: OrderStatus;
	/** The first parcel; in orders of earlier versions the only one, with all units. */
	readonly shipment?: { readonly carrier: string; readonly trackingNo: string; readonly shippedAt: Date };
	readonly parcels?: readonly OrderParcel[];
	/** Units that cases or staff's refunds claim or gave back. */
	readonly unitClaims?: readonly UnitClaim[];
	/** Raised by every change of what was sent, held or cancelled of the lines, which is guarded by it. */
	readonly linesVersion?: number;
	/** Time at which a shipped order completes unless its buyer has confirmed before. */
	readonly receiveBy?: Date;
	readonly paidAt?: Date;
	readonly completedAt?: Date;
	/** The time in the order's id, so that lists by time are ranges of ids. */
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

/** Every legal transition; all others are refused. */
export const TRANSITIONS: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
	creating: ["pending_payment", "paid", "failed"],
	pending_payment: ["paid", "cancelled"],
	paid: ["shipped", "refunding", "refunded"],
	shipped: ["completed", "refunding"],
	completed: ["refunding"],
	refunding: ["refunded", "paid", "shipped", "completed"],
	cancelled: [],
	refunded: [],
	failed: []
};
export const canTransition = (from: OrderStatus, to: OrderStatus): boolean => TRANSITIONS[from].includes(to);

/** Statuses in which an order takes one of its user's slots for unpaid orders. */
export const UNPAID_STATUSES = ["creating", "pending_payment"] as const satisfies readonly OrderStatus[];
/** Statuses of the orders that clients see. An order that is being placed, or could not be, does not exist for them. */
export const VISIBLE_STATUSES = (Object.keys(TRANSITIONS) as OrderStatus[]).filter(
	status => status !== "creating" && status !== "failed"
);
/** Statuses of orders that ended and left the buyer nothing: they no longer count against purchase limits. */
export const VOID_STATUSES = ["cancelled", "refunded", "failed"] as const satisfies readonly OrderStatus[];
/** Statuses of orders that are not over: their buyer can't close the account, and they keep the address. */
export const OPEN_STATUSES = [
	"creating",
	"pending_payment",
	"paid",
	"shipped",
	"refunding"
] as const satisfies readonly OrderStatus[];
/** Statuses of orders that are paid, and of which units can be given back. */
export const REFUNDABLE_STATUSES = ["paid", "shipped", "completed"] as const satisfies readonly OrderStatus[];
/** Statuses in which a buyer may remove the order from the list. */
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
	/** Other fields that change in the same write. */
	readonly set?: Partial<Order>;
	/** `Order.deadline` in the new status. */
	readonly deadline?: Date;
};

/** The update of a transition: sets the status, adds to the timeline and removes what only the former status needed. */
export function buildTransitionUpdate(
	order: Order,
	{ to, event, by, reason, set, deadline }: Transition,
	at: Date
) {
	const entry: TimelineEntry = { from: order.status, to, event, by, at, reason: reason ?? null };
	const freesSlot = !UNPAID_STATUSES.some(status => status === to);
	const removed = {
		...(freesSlot && { slot: "" }),
		...(to === "failed" && { placeKey: "" }),
		...(!deadline && { deadline: "" })
	};
	return {
		$set: { ...set, status: to, updatedAt: at, ...(deadline && { deadline }) },
		$push: { timeline: entry },
		...(Object.keys(removed).length > 0 && { $unset: removed })
	};
}

/**
 * Decides about a payment that succeeded: `pay` for the first one that fits, `refuse` for a late, second or wrong one,
 * `repeat` for one that was decided before, `retry` while the order is still being placed.
 */
export function decidePayment(
	order: Pick<Order, "status" | "paymentId" | "refusedPayments" | "total" | "currency">,
	payment: { readonly paymentId: string; readonly amount: number; readonly currency: string }
): "pay" | "repeat" | "refuse" | "retry" {
	if (order.paymentId === payment.paymentId || order.refusedPayments.includes(payment.paymentId))
		return "repeat";
	if (order.status === "creating") return "retry";
	const fits = payment.amount === order.total && payment.currency === order.currency;
	return order.status === "pending_payment" && fits ? "pay" : "refuse";
}

/**
 * Decides about a refund that succeeded. A part is recorded; the whole sum ends the order by way of `refunding`. The refund
 * of a payment that did not pay this order is ignored, but retried while `payment.succeeded` may still be on the way.
 */
export function decideRefund(
	order: Pick<Order, "status" | "paymentId" | "refusedPayments">,
	refund: { readonly paymentId: string; readonly refunded: number; readonly paid: number }
): "record" | "begin" | "end" | "ignore" | "retry" {
	if (order.paymentId !== refund.paymentId) {
		const undecided = order.status === "pending_payment" || order.status === "creating";
		return undecided && !order.refusedPayments.includes(refund.paymentId) ? "retry" : "ignore";
	}
	if (refund.refunded < refund.paid || order.status === "refunded") return "record";
	return order.status === "refunding" ? "end" : "begin";
}

export const isExpired = (order: Pick<Order, "status" | "expiresAt">, now: Date): boolean =>
	order.status === "pending_payment" && order.expiresAt <= now;

/** The lines as the facts of an order carry them: those that were bought. */
export const toFactLines = ({ items }: Pick<Order, "items">) =>
	items
		.filter(({ gift }) => !gift)
		.map(({ skuId, productId, quantity }) => ({ skuId, productId, quantity }));

/** The same lines with what each cost. */
export const toSoldLines = ({ items }: Pick<Order, "items">) =>
	items
		.filter(({ gift }) => !gift)
		.map(({ skuId, productId, quantity, amount }) => ({ skuId, productId, quantity, amount }));
