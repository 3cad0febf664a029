import type { Logger } from "../../infrastructure/facts/transport";
import type { Store } from "../../mixins/store.mixin";
import type { ChannelName } from "../../schemas/payments.contract";
import { fact } from "../../schemas/registry";
import type { Channels } from "./channels/channels";
import type { Paid, QueryResult } from "./channels/payment-channel";
import { BEFORE_SUCCESS, isOver, nextLook, type Payment, type Refund } from "./payment.domain";

/** A notification as it came, kept before it is acted on: what the channel was told "received" to is never lost. */
export type Notice = {
	readonly _id: string;
	readonly channel: ChannelName;
	readonly paymentNo: string | null;
	/** `odd`: a person has to look into it, for the reason in `what`. */
	readonly verdict: "payment" | "refund" | "odd";
	readonly what?: string;
	readonly body: string;
	readonly at: Date;
};

/** What the parts of this service work with. */
export type Desk = {
	readonly payments: Store<Payment>;
	readonly refunds: Store<Refund>;
	readonly notices: Store<Notice>;
	readonly channels: Channels;
	readonly logger: Logger;
};

/**
 * The channel has the money: the payment succeeds, whatever its own state was. Whether the order takes the money is the
 * order's decision; it hears of it by the fact in the same write. Again is a no-op.
 */
export async function settle(desk: Desk, payment: Payment, paid: Omit<Paid, "outcome">): Promise<void> {
	const { amount, currency, channelTxnId, paidAt } = paid;
	const { _id, orderId, channel } = payment;
	const fits = amount === payment.amount && currency === payment.currency;
	const what = fits
		? null
		: `The channel took ${amount} ${currency} instead of ${payment.amount} ${payment.currency}`;
	const news = fact("payment.succeeded", {
		paymentId: _id,
		orderId,
		amount,
		currency,
		channel,
		paidAt: paidAt.toISOString()
	});
	const settled = await desk.payments.change(
		{ _id, status: { $in: BEFORE_SUCCESS } },
		{
			$set: {
				status: "succeeded",
				paidAmount: amount,
				paidAt,
				channelTxnId: `${channel}:${channelTxnId}`
			},
			$unset: { liveKey: "", askAt: "" },
			...(what && { $push: { anomalies: { $each: [{ at: new Date(), what }], $slice: -20 } } })
		},
		[news]
	);
	if (settled && what) desk.logger.error({ paymentNo: payment.paymentNo, what }, "Anomaly of a payment");
}

/** Something is wrong that a person must be able to see. */
export async function note(desk: Desk, { _id, paymentNo }: Payment, what: string): Promise<void> {
	desk.logger.error({ paymentNo, what }, "Anomaly of a payment");
	await desk.payments.change(
		{ _id, "anomalies.what": { $ne: what } },
		{ $push: { anomalies: { $each: [{ at: new Date(), what }], $slice: -20 } } }
	);
}

/** Nothing will be paid any more; late money would still settle it. */
export async function close(
	desk: Desk,
	{ _id, orderId }: Payment,
	reason: string,
	askAt?: Date
): Promise<void> {
	await desk.payments.change(
		{ _id, status: "pending" },
		{
			$set: { status: "closed", ...(askAt && { askAt }) },
			$unset: { liveKey: "", ...(!askAt && { askAt: "" }) }
		},
		[fact("payment.closed", { paymentId: _id, orderId, reason })]
	);
}

/** Takes over what the channel says of the payment. */
export async function apply(desk: Desk, payment: Payment, answer: QueryResult, now: Date): Promise<void> {
	if (answer.outcome === "paid") return settle(desk, payment, answer);
	const { paymentNo, channel } = payment;
	if (answer.outcome === "unknown")
		desk.logger.warn(
			{ paymentNo, channel, cause: answer.cause, detail: answer.detail },
			"The channel did not say how a payment stands"
		);
	const over = isOver(payment, now);
	const stillPossible = answer.outcome === "unpaid" || answer.outcome === "not_found";
	if (answer.outcome === "closed" || (stillPossible && over)) {
		await close(desk, payment, "expired");
		await desk.payments.change({ _id: payment._id, status: "closed" }, { $unset: { askAt: "" } });
	}
}

/** Asks the channel, and plans the next question; of several processes one asks. Answers the payment as it is then. */
export async function ask(desk: Desk, payment: Payment, now = new Date()): Promise<Payment> {
	const { _id, asked } = payment;
	const mine = await desk.payments.change(
		{ _id, asked, askAt: { $exists: true } },
		{ $set: { askAt: nextLook(payment, now, asked) }, $inc: { asked: 1 } }
	);
	return mine ? look(desk, payment, now) : desk.payments.get(_id);
}

/** Asks the channel beside the plan: a shopper who looks often must not wear that out. */
export async function look(desk: Desk, payment: Payment, now = new Date()): Promise<Payment> {
	const { _id, paymentNo, channel } = payment;
	await apply(desk, payment, await desk.channels.of(channel).query(paymentNo), now);
	return desk.payments.get(_id);
}

/** Ends a payment that is not wanted any more: at the channel, then here. Money that came first still counts. */
export async function callOff(desk: Desk, payment: Payment, reason: string): Promise<void> {
	const answer = await desk.channels.of(payment.channel).close(payment.paymentNo);
	if (answer.outcome === "paid") return settle(desk, payment, answer);
	// Unless the channel says closed, the code may stay payable until its own deadline: it is asked until then.
	const payable = answer.outcome !== "closed";
	await close(desk, payment, reason, payable ? nextLook(payment, new Date(), 0) : undefined);
}
