import type { GuardedChange } from "../../mixins/store.mixin";
import { fact, type Fact } from "../../schemas/registry";
import { isWhollySent } from "./order-lines.domain";
import { toFactLines, type Order } from "./order.domain";
import type { OrdersContext } from "./orders.context";
import { guardLines, shippedTransition } from "./guard-lines";
import {
	countRefunded,
	findBoughtLine,
	findClaim,
	isCancelledWhole,
	listKeptLines,
	listUnsentUnits,
	putClaim,
	splitRefund,
	type LinesAndClaims,
	type UnitClaim
} from "./unit-claims.domain";

type RefundedClaim = LinesAndClaims & { readonly fact: Fact };

/** The lines and claims after the claim's refund succeeded, with the fact; null where it is not being refunded. */
export function markClaimRefunded(order: Order, claimId: string | undefined): RefundedClaim | null {
	const claim = claimId === undefined ? undefined : findClaim(order, claimId);
	if (claim?.state !== "refunding") return null;
	const put = putClaim(order, { ...claim, state: "refunded" });
	return { ...put, fact: unitsRefunded({ ...order, ...put }, claim) };
}

function unitsRefunded(order: Order, claim: UnitClaim): Fact {
	const lines = splitRefund(claim).lines.flatMap(({ skuId, quantity, unsent, amount }) => {
		const item = findBoughtLine(order, skuId);
		if (!item) return [];
		const left = item.quantity - countRefunded(order, item);
		return [{ skuId, productId: item.productId, quantity, unsent, amount, left }];
	});
	const { _id: orderId, userId, completedAt } = order;
	const { id: claimId, attempt, amount } = claim;
	return fact("order.units_refunded", {
		orderId,
		userId,
		claimId,
		attempt,
		amount,
		lines,
		completed: completedAt !== undefined,
		...(completedAt && { completedAt: completedAt.toISOString() })
	});
}

/** The fact that ends an order, read before it is `refunded`. Goods of an order that was never sent come back into stock, of one partly sent the rest. */
export const orderRefunded = (order: Order): Fact =>
	fact("order.refunded", {
		orderId: order._id,
		userId: order.userId,
		amount: order.refundedTotal,
		restock: !order.shipment,
		unsent: order.shipment ? listUnsentUnits(order) : [],
		lines: toFactLines(order),
		...(order.completedAt && {
			sold: listKeptLines(order),
			completedAt: order.completedAt.toISOString()
		})
	});

export const orderPartlyRefunded = ({ _id: orderId, userId, total }: Order, refunded: number): Fact =>
	fact("order.partly_refunded", { orderId, userId, refunded, total });

/**
 * The write after the refund of a claim succeeded. It ends a paid order of which nothing is left to be sent, and makes one
 * `shipped` that waited for these units alone. Null where the claim is not being refunded.
 */
export function recordClaimRefund(
	context: Pick<OrdersContext, "config">,
	order: Order,
	claimId: string | undefined,
	{ refundedTotal: reported = 0, reason }: { readonly refundedTotal?: number; readonly reason: string }
): GuardedChange<Order> | null {
	const marked = markClaimRefunded(order, claimId);
	if (!marked) return null;
	const { items, unitClaims } = marked;
	const refundedTotal = Math.max(order.refundedTotal, reported);
	const set = { items, unitClaims, refundedTotal };
	const next: Order = { ...order, ...set };
	const facts = [marked.fact];
	if (order.status === "paid" && isCancelledWhole(next)) {
		const end = { to: "refunded", event: "refunded", by: "system", reason, set } as const;
		return guardLines(order, end, [...facts, orderRefunded(next)]);
	}
	if (refundedTotal > order.refundedTotal) facts.push(orderPartlyRefunded(order, refundedTotal));
	const last = order.parcels?.at(-1);
	if (order.status !== "paid" || !last || !isWhollySent(next)) return guardLines(order, set, facts);
	const { carrier, trackingNo } = last;
	const { _id: orderId, userId, parcels = [] } = order;
	const shipped = fact("order.shipped", { orderId, userId, carrier, trackingNo });
	return guardLines(order, shippedTransition(context, { ...set, parcels }, "system"), [...facts, shipped]);
}
