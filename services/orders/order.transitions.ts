import { jumpGuardedClock } from "../../mixins/platform";
import type { GuardedChange } from "../../mixins/store.mixin";
import { invalidState } from "../../schemas/errors/errors";
import { fact, type Fact } from "../../schemas/registry";
import type { OrdersContext } from "./orders.context";
import { guardLines } from "./guard-lines";
import { orderRefunded } from "./record-claim-refund";
import { listKeptLines } from "./unit-claims.domain";
import {
	buildTransitionUpdate,
	canTransition,
	isExpired,
	toFactLines,
	TRANSITIONS,
	type Order,
	type Transition
} from "./order.domain";

type Context = Pick<OrdersContext, "orders">;

/** The transition as a change guarded by the status that was read, with its facts; refuses a transition that is not legal. */
export function guardTransition(order: Order, change: Transition, ...facts: Fact[]): GuardedChange<Order> {
	if (!canTransition(order.status, change.to)) throw notInState(order, change.to);
	return {
		guard: {
			status: order.status,
			...(order.status === "creating" && change.to !== "failed" && { undoing: { $ne: true } })
		},
		update: buildTransitionUpdate(order, change, new Date()),
		facts
	};
}

/** Moves the order on from the status that was read, facts in the same write; null when its status has changed since. */
export function transition(
	{ orders }: Context,
	order: Order,
	change: Transition,
	...facts: Fact[]
): Promise<Order | null> {
	const guarded = guardTransition(order, change, ...facts);
	return orders.change({ ...guarded.guard, _id: order._id }, guarded.update, facts);
}

/** `transition`, but refuses with INVALID_STATE when the status has changed since it was read. */
export async function mustTransition(
	context: Context,
	order: Order,
	change: Transition,
	...facts: Fact[]
): Promise<Order> {
	const changed = await transition(context, order, change, ...facts);
	if (!changed) throw notInState(await context.orders.get(order._id), change.to);
	return changed;
}

export const notInState = ({ _id: id, status }: Order, to: string) =>
	invalidState(`The order can't become ${to}`, { id, state: status, allowed: TRANSITIONS[status] });

const orderCancelled = (order: Order, reason: string) =>
	fact("order.cancelled", {
		orderId: order._id,
		userId: order.userId,
		reason,
		lines: toFactLines(order),
		pointsUsed: order.points?.used ?? 0
	});

/** Cancels an unpaid order. */
export const cancelOrder = (
	context: Context,
	order: Order,
	by: string,
	reason: string | undefined
): Promise<Order> =>
	mustTransition(
		context,
		order,
		{ to: "cancelled", event: "cancelled", by, reason },
		orderCancelled(order, reason ?? "cancelled")
	);

/** Cancels an unpaid order whose time to pay is over, and resolves to the order as it is then. */
export async function expireIfDue(context: Context, order: Order): Promise<Order> {
	if (!isExpired(order, jumpGuardedClock.now())) return order;
	const expiry: Transition = { to: "cancelled", event: "expired", by: "system", reason: "expired" };
	const expired = await transition(context, order, expiry, orderCancelled(order, "expired"));
	return expired ?? context.orders.get(order._id);
}

export const failOrder = (context: Context, order: Order, reason: string): Promise<Order | null> =>
	transition(context, order, { to: "failed", event: "failed", by: "system", reason });

const orderCompleted = (order: Order) =>
	fact("order.completed", {
		orderId: order._id,
		userId: order.userId,
		lines: listKeptLines(order),
		total: order.total,
		pointsEarned: order.points?.earn ?? 0
	});

/** Completes a shipped order, guarded by its lines too: the fact lists the units that were kept. Null when it has changed since. */
function completeOrder({ orders }: Context, order: Order, event: string, by: string): Promise<Order | null> {
	if (order.status !== "shipped") throw notInState(order, "completed");
	const completion = { to: "completed", event, by, set: { completedAt: new Date() } } as const;
	const { guard, update, facts } = guardLines(order, completion, [orderCompleted(order)]);
	return orders.change({ ...guard, _id: order._id }, update, facts);
}

/** Completes a shipped order whose buyer has confirmed that the goods arrived. */
export async function confirmReceipt(context: Context, order: Order): Promise<Order> {
	const completed = await completeOrder(context, order, "received", order.userId);
	return completed ?? confirmReceipt(context, await context.orders.get(order._id));
}

/** Completes a shipped order whose buyer has not confirmed in time; null when the order has changed since. */
export const completeUnconfirmed = (context: Context, order: Order): Promise<Order | null> =>
	completeOrder(context, order, "auto_received", "system");

/**
 * Cancels a paid order that was not sent: `payments` sends the money back and publishes `payment.refunded` once that is done.
 * An order that cost nothing ends at once. Refuses with INVALID_STATE while the refund of a case is under way.
 */
export function requestRefund(
	{ orders }: Context,
	{ _id }: Order,
	by: string,
	reason: string
): Promise<Order> {
	return orders.rewrite(_id, order => {
		const { paymentId, failedRefunds, unitClaims = [] } = order;
		const isCaseRefunding = unitClaims.some(
			({ kind, state }) => kind === "case" && state === "refunding"
		);
		if (order.status !== "paid" || order.parcels || isCaseRefunding) throw notInState(order, "refunding");
		if (order.total === 0)
			return guardLines(order, { to: "refunded", event: "cancelled", by, reason }, [
				orderRefunded(order)
			]);
		if (paymentId === undefined) throw notInState(order, "refunding");
		const { userId, status: refundFrom } = order;
		const attempt = failedRefunds.length;
		return guardLines(
			order,
			{ to: "refunding", event: "refund_requested", by, reason, set: { refundFrom } },
			[fact("order.refund_requested", { orderId: _id, userId, paymentId, reason, attempt })]
		);
	});
}
