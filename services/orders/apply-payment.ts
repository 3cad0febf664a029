import type { GuardedChange } from "../../mixins/store.mixin";
import { NotYetError } from "../../schemas/errors/errors";
import type { PayloadOf } from "../../schemas/kit/contract";
import { fact, type Events } from "../../schemas/registry";
import { endFailedRefund } from "./claim-units";
import { decidePayment, decideRefund, toSoldLines, type Order } from "./order.domain";
import { guardTransition } from "./order.transitions";
import type { OrdersContext } from "./orders.context";
import { guardLines } from "./guard-lines";
import {
	orderPartlyRefunded,
	orderRefunded,
	markClaimRefunded,
	recordClaimRefund
} from "./record-claim-refund";

type Context = Pick<OrdersContext, "orders">;
type Payment = PayloadOf<Events["payment.succeeded"]>;
type Refund = PayloadOf<Events["payment.refunded"]>;
type FailedRefund = PayloadOf<Events["payment.refund_failed"]>;

/** Applies a payment that succeeded: the first one that fits pays the order, any other is refused and sent back. */
export async function applyPayment({ orders }: Context, payment: Payment): Promise<void> {
	const { orderId } = payment;
	await orders.rewrite(orderId, order => {
		switch (decidePayment(order, payment)) {
			case "repeat":
				return null;
			case "retry":
				throw new NotYetError(`Order ${orderId} is still being placed`);
			case "pay":
				return acceptPayment(order, payment);
			case "refuse":
				return refusePayment(order, payment);
		}
	});
}

const acceptPayment = (order: Order, { paymentId, paidAt }: Payment): GuardedChange<Order> =>
	guardTransition(
		order,
		{ to: "paid", event: "paid", by: "system", set: { paymentId, paidAt: new Date(paidAt) } },
		fact("order.paid", {
			orderId: order._id,
			userId: order.userId,
			paymentId,
			total: order.total,
			pointsEarned: order.points?.earn ?? 0,
			paidAt,
			lines: toSoldLines(order)
		})
	);

function refusePayment(order: Order, payment: Payment): GuardedChange<Order> {
	const { paymentId } = payment;
	const reason = describeRefusal(order, payment);
	return {
		guard: { status: order.status, refusedPayments: { $ne: paymentId } },
		update: { $push: { refusedPayments: paymentId } },
		facts: [
			fact("order.payment_refused", { orderId: order._id, userId: order.userId, paymentId, reason })
		]
	};
}

function describeRefusal(order: Order, { amount, currency }: Payment): string {
	if (order.status !== "pending_payment") return `order is ${order.status}`;
	return amount === order.total && currency === order.currency
		? "not wanted"
		: "amount or currency differs";
}

/**
 * Applies a refund: records the amount that was sent back and the units of its claim, and ends the order once that is all of
 * its money.
 */
export async function applyRefund(
	context: Context & Pick<OrdersContext, "config">,
	refund: Refund
): Promise<void> {
	const changed = await context.orders.rewrite(refund.orderId, order => {
		switch (decideRefund(order, refund)) {
			case "ignore":
				return null;
			case "retry":
				throw new NotYetError(
					`Order ${refund.orderId} has not applied payment ${refund.paymentId} yet`
				);
			case "record":
				return recordRefund(context, order, refund) ?? recordPartialRefund(order, refund.refunded);
			case "begin":
				return beginRefunding(context, order, refund);
			case "end":
				return completeRefund(order, refund);
		}
	});
	// The refund of a claim, `refunding` and `refunded` are a write each: goes on until all money ended the order.
	if (["begin", "end"].includes(decideRefund(changed, refund))) await applyRefund(context, refund);
}

const recordRefund = (context: Pick<OrdersContext, "config">, order: Order, refund: Refund) =>
	recordClaimRefund(context, order, refund.claimId, {
		refundedTotal: refund.refunded,
		reason: refund.reason
	});

/** The refund of a claim is recorded first: one that leaves nothing to send ends a paid order by itself. */
function beginRefunding(
	context: Pick<OrdersContext, "config">,
	order: Order,
	refund: Refund
): GuardedChange<Order> {
	const recorded = order.status === "paid" ? recordRefund(context, order, refund) : null;
	if (recorded) return recorded;
	const { reason } = refund;
	const set = { refundFrom: order.status };
	return guardTransition(order, { to: "refunding", event: "refund_begun", by: "system", reason, set });
}

function completeRefund(
	order: Order,
	{ refunded: refundedTotal, claimId, reason }: Refund
): GuardedChange<Order> {
	const { fact: unitsRefunded, ...marked } = markClaimRefunded(order, claimId) ?? { fact: null };
	const set = { ...marked, refundedTotal };
	const end = { to: "refunded", event: "refunded", by: "system", reason, set } as const;
	const facts = [...(unitsRefunded ? [unitsRefunded] : []), orderRefunded({ ...order, ...set })];
	return guardLines(order, end, facts);
}

/** Records how much was sent back. An earlier amount that arrives late changes nothing. */
function recordPartialRefund(order: Order, refundedTotal: number): GuardedChange<Order> | null {
	if (refundedTotal <= order.refundedTotal) return null;
	return {
		guard: { refundedTotal: order.refundedTotal },
		update: { $set: { refundedTotal } },
		facts: [orderPartlyRefunded(order, refundedTotal)]
	};
}

/**
 * Applies a refund that failed: the order returns to its status before `refunding`. Applied once per refund id, so a late
 * duplicate can't stop a newer refund. If the failed refund was a partial one by staff while the whole order is being
 * refunded, its amount is due again: the refund is requested once more.
 */
export async function applyFailedRefund({ orders }: Context, refund: FailedRefund): Promise<void> {
	const { paymentId, refundId, claimId, attempt = 1, orderId, reason } = refund;
	if (claimId !== undefined) await endFailedRefund({ orders }, { orderId, claimId, attempt, reason });
	const requestedByOrder = refund.requestedByOrder ?? refund.called ?? true;
	await orders.rewrite(refund.orderId, order => {
		if (order.paymentId !== paymentId || order.failedRefunds.includes(refundId)) return null;
		if (order.status !== "refunding" || order.refundFrom === undefined)
			return recordFailedRefund(order, refundId);
		return requestedByOrder
			? returnFromRefunding(order, order.refundFrom, refund)
			: requestRefundAgain(order, refund);
	});
}

const recordFailedRefund = ({ status }: Order, refundId: string): GuardedChange<Order> => ({
	guard: { status, failedRefunds: { $ne: refundId } },
	update: { $push: { failedRefunds: refundId } }
});

function returnFromRefunding(
	order: Order,
	refundFrom: Order["status"],
	{ refundId, reason }: FailedRefund
): GuardedChange<Order> {
	return guardTransition(order, {
		to: refundFrom,
		event: "refund_failed",
		by: "system",
		reason,
		set: { failedRefunds: [...order.failedRefunds, refundId] },
		...(refundFrom === "shipped" && order.receiveBy && { deadline: order.receiveBy })
	});
}

function requestRefundAgain(order: Order, refund: FailedRefund): GuardedChange<Order> {
	const { paymentId, refundId } = refund;
	const reason = order.timeline.findLast(({ to }) => to === "refunding")?.reason ?? refund.reason;
	const attempt = order.failedRefunds.length + 1; // the guard makes the number unique
	return {
		guard: {
			status: order.status,
			[`failedRefunds.${attempt - 1}`]: { $exists: false },
			failedRefunds: { $ne: refundId }
		},
		update: { $push: { failedRefunds: refundId } },
		facts: [
			fact("order.refund_requested", {
				orderId: order._id,
				userId: order.userId,
				paymentId,
				reason,
				attempt
			})
		]
	};
}
