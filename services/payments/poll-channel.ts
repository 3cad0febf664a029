import { RateLimiterMemory } from "rate-limiter-flexible";
import type { QueryResult } from "./channels/payment-channel";
import { markClosed, markPaid } from "./mark-payment";
import { isPastDeadline, planNextPaymentPoll, type Payment } from "./payment.domain";
import type { PaymentsContext } from "./payments.context";

type Context = Pick<PaymentsContext, "payments" | "channels" | "logger">;

/** Plans the next poll, then asks the channel about the payment. Of several processes one asks. Answers the payment as it is then. */
export async function pollChannel(context: Context, payment: Payment, now = new Date()): Promise<Payment> {
	const { _id, pollCount } = payment;
	const planned = await context.payments.change(
		{ _id, pollCount, nextPollAt: { $exists: true } },
		{ $set: { nextPollAt: planNextPaymentPoll(payment, now, pollCount) }, $inc: { pollCount: 1 } }
	);
	return planned ? refreshFromChannel(context, payment, now) : context.payments.get(_id);
}

/** Queries of one payment that clients cause within some seconds; for more of them the stored payment is answered. */
const clientQueries = new RateLimiterMemory({ points: 5, duration: 5 });

/** `refreshFromChannel` for a client, who may ask the shop as often as the limits allow: the channel is asked more seldom. */
export async function refreshForClient(context: Context, payment: Payment): Promise<Payment> {
	const mayAsk = await clientQueries.consume(payment._id).then(
		() => true,
		() => false
	);
	return mayAsk ? refreshFromChannel(context, payment) : context.payments.get(payment._id);
}

/** Asks the channel and writes what it says. Leaves the planned polls alone: a shopper who reloads often must not use them up. */
export async function refreshFromChannel(
	context: Context,
	payment: Payment,
	now = new Date()
): Promise<Payment> {
	const { _id, paymentNo, channel } = payment;
	await applyQueryResult(context, payment, await context.channels.of(channel).query(paymentNo), now);
	return context.payments.get(_id);
}

/** Writes the channel's answer about a payment. */
export async function applyQueryResult(
	context: Context,
	payment: Payment,
	answer: QueryResult,
	now: Date
): Promise<void> {
	if (answer.outcome === "paid") return markPaid(context, payment, answer);
	const { paymentNo, channel } = payment;
	if (answer.outcome === "unknown")
		context.logger.warn(
			{ paymentNo, channel, cause: answer.cause, detail: answer.detail },
			"The channel did not say how a payment stands"
		);
	const stillPayable = answer.outcome === "unpaid" || answer.outcome === "not_found";
	if (answer.outcome === "closed" || (stillPayable && isPastDeadline(payment, now))) {
		await markClosed(context, payment, "expired");
		await context.payments.change({ _id: payment._id, status: "closed" }, { $unset: { nextPollAt: "" } });
	}
}
