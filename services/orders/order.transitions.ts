import { jumpGuardedClock } from "../../mixins/platform";
import type { Store } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors";
import { fact, type Fact } from "../../schemas/registry";
import {
	isExpired,
	toFactLines,
	canTransition,
	buildTransitionUpdate,
	type Transition,
	type Order
} from "./order.domain";

export type Orders = { readonly orders: Store<Order> };

/** Moves the order on from the status it was seen in, facts in the same write; null when it has moved since. */
export function transition(
	{ orders }: Orders,
	order: Order,
	how: Transition,
	...facts: Fact[]
): Promise<Order | null> {
	if (!canTransition(order.status, how.to)) throw invalidState(order, how.to);
	const guard = {
		_id: order._id,
		status: order.status,
		...(how.to === "pending_payment" && { undoing: { $ne: true } })
	};
	return orders.change(guard, buildTransitionUpdate(order, how, new Date()), facts);
}

/** `move`, where being beaten to it is the caller's fault. */
export async function mustTransition(
	at: Orders,
	order: Order,
	how: Transition,
	...facts: Fact[]
): Promise<Order> {
	const moved = await transition(at, order, how, ...facts);
	if (!moved) throw invalidState(await at.orders.get(order._id), how.to);
	return moved;
}

export const invalidState = ({ _id, status }: Order, to: string) =>
	new Refusal("INVALID_STATE", "The order is not in a state for this", { id: _id, status, to });

const cancelled = ({ _id, userId, items }: Order, reason: string) =>
	fact("order.cancelled", { orderId: _id, userId, reason, lines: toFactLines({ items }) });

/** Calls off an order that nobody paid. */
export const cancelOrder = (
	at: Orders,
	order: Order,
	by: string,
	reason: string | undefined
): Promise<Order> =>
	mustTransition(
		at,
		order,
		{ to: "cancelled", event: "cancelled", by, reason },
		cancelled(order, reason ?? "cancelled")
	);

/** The order as it is now: one past its deadline is cancelled by whoever looks first. */
export async function expireIfDue(at: Orders, order: Order): Promise<Order> {
	if (!isExpired(order, jumpGuardedClock.now())) return order;
	const how: Transition = { to: "cancelled", event: "expired", by: "system", reason: "expired" };
	return (await transition(at, order, how, cancelled(order, "expired"))) ?? at.orders.get(order._id);
}

/** The goods arrived, or nobody said otherwise in time. */
export const completeOrder = (at: Orders, order: Order, event: string, by: string): Promise<Order | null> =>
	transition(
		at,
		order,
		{ to: "completed", event, by, set: { completedAt: new Date() } },
		fact("order.completed", { orderId: order._id, userId: order.userId, lines: toFactLines(order) })
	);

/** Calls off a paid order: `payments` sends the money back, and says so when it is done. */
export function requestRefund(at: Orders, order: Order, by: string, reason: string): Promise<Order> {
	const { _id: orderId, userId, paymentId, failedRefunds } = order;
	const attempt = failedRefunds.length;
	if (order.status !== "paid" || paymentId === undefined) throw invalidState(order, "refunding");
	return mustTransition(
		at,
		order,
		{ to: "refunding", event: "refund_requested", by, reason, set: { refundFrom: order.status } },
		fact("order.refund_requested", { orderId, userId, paymentId, reason, attempt })
	);
}
