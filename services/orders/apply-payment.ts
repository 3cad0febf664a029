import type { PayloadOf } from "../../schemas/kit";
import { fact, type Events } from "../../schemas/registry";
import { transition, type Orders } from "./order.transitions";
import { toFactLines, decideRefund, decidePayment, type Order } from "./order.domain";

type News<K extends keyof Events> = PayloadOf<Events[K]>;
type Decide = (order: Order) => Promise<Order | null>;

/** Decides on what the order is now; on null again: it moved between the look and the guarded write, or there is more to do. */
async function decided({ orders }: Orders, orderId: string, decide: Decide): Promise<Order> {
	for (;;) {
		const done = await decide(await orders.get(orderId));
		if (done) return done;
	}
}

/** Money came: the first that fits pays the order, all other is sent back. */
export async function applyPayment(at: Orders, news: News<"payment.succeeded">): Promise<void> {
	const { orderId, paymentId } = news;
	await decided(at, orderId, async order => {
		const { userId, total } = order;
		switch (decidePayment(order, news)) {
			case "repeat":
				return order;
			case "retry":
				throw new Error(`Order ${orderId} is still being placed`); // the fact comes again
			case "pay":
				return transition(
					at,
					order,
					{
						to: "paid",
						event: "paid",
						by: "system",
						set: { paymentId, paidAt: new Date(news.paidAt) }
					},
					fact("order.paid", { orderId, userId, paymentId, total, lines: toFactLines(order) })
				);
			case "refund":
				return at.orders.change(
					{ _id: orderId, status: order.status, refusedPayments: { $ne: paymentId } },
					{ $push: { refusedPayments: paymentId } },
					[
						fact("order.payment_refused", {
							orderId,
							userId,
							paymentId,
							reason: refusal(order, news)
						})
					]
				);
		}
	});
}

/** Money went back: noted, and the end of the order when it was all of it. */
export async function applyRefund(at: Orders, news: News<"payment.refunded">): Promise<void> {
	const { orderId } = news;
	const refundedTotal = news.refunded;
	await decided(at, orderId, async order => {
		switch (decideRefund(order, news)) {
			case "ignore":
				return order;
			case "retry":
				throw new Error(`Order ${orderId} has not heard of payment ${news.paymentId} yet`);
			case "note":
				return at.orders.change({ _id: orderId }, { $max: { refundedTotal } });
			case "begin":
				await transition(at, order, {
					to: "refunding",
					event: "refund_begun",
					by: "system",
					reason: news.reason,
					set: { refundFrom: order.status }
				});
				return null; // and now the end
			case "end":
				return transition(
					at,
					order,
					{
						to: "refunded",
						event: "refunded",
						by: "system",
						reason: news.reason,
						set: { refundedTotal }
					},
					fact("order.refunded", {
						orderId,
						userId: order.userId,
						amount: refundedTotal,
						restock: !order.shipment,
						lines: toFactLines(order)
					})
				);
		}
	});
}

/**
 * Money could not be sent back: the order is again what it was. Once a refund, so that late news of it stops no later one.
 * A part that staff wanted sent back while the order was being called off comes to what is still to be sent.
 */
export async function applyRefundFailure(at: Orders, news: News<"payment.refund_failed">): Promise<void> {
	const { orderId, paymentId, refundId, reason, called = true } = news;
	await decided(at, orderId, async order => {
		if (order.paymentId !== paymentId || order.failedRefunds.includes(refundId)) return order;
		const failedRefunds = [...order.failedRefunds, refundId];
		if (order.status !== "refunding" || order.refundFrom === undefined)
			return at.orders.change(
				{ _id: orderId, status: order.status, failedRefunds: { $ne: refundId } },
				{ $push: { failedRefunds: refundId } }
			);
		if (!called) {
			const { userId } = order;
			const wish = order.timeline.findLast(({ to }) => to === "refunding")?.reason ?? reason;
			const attempt = failedRefunds.length; // no other has this number
			return at.orders.change(
				{
					_id: orderId,
					status: order.status,
					[`failedRefunds.${attempt - 1}`]: { $exists: false },
					failedRefunds: { $ne: refundId }
				},
				{ $push: { failedRefunds: refundId } },
				[fact("order.refund_requested", { orderId, userId, paymentId, reason: wish, attempt })]
			);
		}
		const { refundFrom } = order;
		return transition(at, order, {
			to: refundFrom,
			event: "refund_failed",
			by: "system",
			reason,
			set: { failedRefunds },
			...(refundFrom === "shipped" && order.receiveBy && { deadline: order.receiveBy })
		});
	});
}

function refusal(order: Order, { amount, currency }: News<"payment.succeeded">): string {
	if (order.status !== "pending_payment") return `order is ${order.status}`;
	return amount === order.total && currency === order.currency
		? "not wanted"
		: "amount or currency differs";
}
