import { Refusal } from "../../../schemas/errors";
import { fact } from "../../../schemas/registry";
import type { PaymentChannel, RefundRequest, RefundResult } from "../channels/payment-channel";
import {
	isRequestedByOrder,
	planNextPoll,
	refundableAmount,
	type Payment,
	type Refund
} from "../payment.domain";
import { recordAnomaly } from "../mark-paid";
import type { PaymentsContext } from "../payments.context";

/** Answers by which the channel has the refund in its books. */
const ACCEPTED = ["refunded", "processing", "abnormal"] as const satisfies RefundResult["outcome"][];
export const EXCEEDS_PAID = "REFUND_EXCEEDS_PAID";

/**
 * Sends money back under a number of its own: claimed, counted against what was paid, asked of the channel, and done when
 * the channel says so. Repeated with the same number it goes on where it stood. Refuses with REFUND_EXCEEDS_PAID.
 */
export async function refundPayment(
	context: PaymentsContext,
	payment: Payment,
	{ refundNo, amount, reason, part }: Pick<Refund, "amount" | "reason" | "part"> & { refundNo: string }
): Promise<Refund> {
	const now = new Date();
	const { _id: paymentId, paymentNo, channel, orderId } = payment;
	const claim: Refund = {
		_id: refundNo,
		paymentId,
		paymentNo,
		channel,
		orderId,
		amount,
		reason,
		...(part && { part }),
		status: "requested",
		cause: null,
		askAt: planNextPoll(now, 0),
		asked: 0,
		createdAt: now
	};
	const claimed = await context.refunds.insertOnce(claim, { _id: refundNo });
	if (claimed.amount !== amount)
		throw new Refusal("IDEMPOTENCY_KEY_REUSED", "This refund was asked for with another amount");
	const done = await proceed(context, claimed);
	if (done.cause === EXCEEDS_PAID)
		throw new Refusal(EXCEEDS_PAID, "More than is left of what was paid", {
			requested: amount,
			refundable: Math.max(0, refundableAmount(await context.payments.get(paymentId)))
		});
	return done;
}

const OPEN = ["requested", "processing"] as const;
const isOpen = ({ status }: Refund) => OPEN.some(open => open === status);

/** Does what is left to do of a refund. */
async function proceed(context: PaymentsContext, claimed: Refund): Promise<Refund> {
	if (!isOpen(claimed)) return claimed;
	const payment = await context.payments.get(claimed.paymentId);
	if (claimed.cause !== null) await fail(context, payment, claimed, claimed.cause);
	else if (await count(context, payment, claimed)) await send(context, payment, claimed);
	else await turnDown(context, claimed);
	return context.refunds.get(claimed._id);
}

/** Counts the refund against what was paid, once; false when that would be more than is left. */
async function count(
	context: PaymentsContext,
	payment: Payment,
	{ _id, amount, part }: Refund
): Promise<boolean> {
	const paid = payment.paidAmount ?? 0;
	const left = {
		refundReserved: { $lte: paid - amount },
		...(part && { refundUnits: { $nin: part.units } })
	};
	const counted = await context.payments.change(
		{ _id: payment._id, refundIds: { $ne: _id }, ...left },
		{
			$inc: { refundReserved: amount },
			$push: { refundIds: _id, ...(part && { refundUnits: { $each: part.units } }) }
		}
	);
	return counted !== null || (await context.payments.get(payment._id)).refundIds.includes(_id);
}

/** Asks the channel to pay it out, under the same number however often. */
async function send(context: PaymentsContext, payment: Payment, claimed: Refund): Promise<void> {
	if (claimed.amount === 0) return finish(context, payment, claimed);
	const channel = context.channels.of(payment.channel);
	const order = {
		paymentNo: payment.paymentNo,
		refundNo: claimed._id,
		amount: claimed.amount,
		total: payment.paidAmount ?? payment.amount,
		reason: claimed.reason.slice(0, 80).toWellFormed()
	};
	let answer = claimed.status === "processing" ? await channel.queryRefund(order) : null;
	// A no to the question is none to the refund: it may be paid out all the same.
	if (answer?.outcome === "refused") answer = null;
	// It never heard of it: the request was lost, and is made again under the same number.
	else if (!answer || answer.outcome === "not_found")
		answer = (await mayAsk(context, payment, claimed)) ? await requested(channel, order) : null;
	if (answer) await take(context, payment, claimed, answer);
}

/** Keeps the pause that the channel wants between two refunds of a payment: who comes too early is asked for after it. */
async function mayAsk(
	context: PaymentsContext,
	{ _id, channel }: Payment,
	{ _id: refundNo }: Refund
): Promise<boolean> {
	const { minRefundIntervalMs } = context.channels.of(channel);
	if (minRefundIntervalMs === 0) return true;
	const now = Date.now();
	const before = { $lte: new Date(now - minRefundIntervalMs) };
	const mine = await context.payments.change(
		{ _id, $or: [{ refundAskedAt: { $exists: false } }, { refundAskedAt: before }] },
		{ $set: { refundAskedAt: new Date(now) } }
	);
	if (mine) return true;
	const askAt = new Date(now + minRefundIntervalMs);
	await context.refunds.change({ _id: refundNo, status: { $in: OPEN } }, { $set: { askAt } });
	return false;
}

/** A no may come to a request that was repeated: then what became of the first one counts. */
async function requested(channel: PaymentChannel, order: RefundRequest): Promise<RefundResult> {
	const answer = await channel.refund(order);
	if (answer.outcome !== "refused") return answer;
	const known = await channel.queryRefund(order);
	return known.outcome === "not_found" || known.outcome === "refused" ? answer : known;
}

async function take(
	context: PaymentsContext,
	payment: Payment,
	claimed: Refund,
	answer: RefundResult
): Promise<void> {
	if (ACCEPTED.some(outcome => outcome === answer.outcome))
		await context.refunds.change(
			{ _id: claimed._id, acceptedAt: { $exists: false } },
			{ $set: { acceptedAt: new Date() } }
		);
	switch (answer.outcome) {
		case "refunded":
			return finish(context, payment, claimed);
		case "closed":
			return fail(context, payment, claimed, "The channel closed it without paying it out");
		case "refused":
			return fail(context, payment, claimed, `${answer.code} ${answer.message}`);
		case "abnormal":
			await recordAnomaly(context, payment, `Refund ${claimed._id} needs a person at the channel`);
			break;
		case "processing":
		case "not_found":
		case "unknown":
	}
	await context.refunds.change(
		{ _id: claimed._id, status: "requested" },
		{ $set: { status: "processing" } }
	);
}

/**
 * The money is back: first the payment's sum, keyed by the refund, then the refund with the news. That also counts for one
 * that had failed: a try that the channel was slow with may be paid out after a later one was refused.
 */
async function finish(context: PaymentsContext, payment: Payment, done: Refund): Promise<void> {
	const { _id, orderId, paidAmount } = payment;
	const { _id: refundNo, amount, reason, part } = done;
	await context.payments.change(
		{ _id, refundIds: refundNo, refundedIds: { $ne: refundNo } },
		{ $inc: { refunded: amount }, $push: { refundedIds: refundNo } }
	);
	const late = await context.payments.change(
		{ _id, refundIds: { $ne: refundNo }, refundedIds: { $ne: refundNo } },
		{
			$inc: { refunded: amount, refundReserved: amount },
			$push: {
				refundedIds: refundNo,
				refundIds: refundNo,
				...(part && { refundUnits: { $each: part.units } })
			}
		}
	);
	if (late) await recordAnomaly(context, payment, `Refund ${refundNo} was paid out after it had failed`);
	const paid = paidAmount ?? 0;
	await context.payments.change(
		{ _id, status: "succeeded", refunded: { $gte: paid } },
		{ $set: { status: "refunded" } }
	);
	const { refunded } = await context.payments.get(_id);
	await context.refunds.change(
		{ _id: refundNo, status: { $ne: "succeeded" } },
		{ $set: { status: "succeeded", cause: null }, $unset: { askAt: "" } },
		[
			fact("payment.refunded", {
				paymentId: _id,
				orderId,
				refundId: refundNo,
				amount,
				refunded,
				paid,
				reason
			})
		]
	);
}

/** More than was left when it was to be counted. Nothing was begun, so nobody is told: its caller hears of it. */
async function turnDown(context: PaymentsContext, { _id }: Refund): Promise<void> {
	await context.refunds.change(
		{ _id, status: { $in: OPEN } },
		{ $set: { status: "failed", cause: EXCEEDS_PAID }, $unset: { askAt: "" } }
	);
}

/** The channel won't pay it out. The cause is noted first: after a crash the failing goes on, and nothing is asked again. */
async function fail(
	context: PaymentsContext,
	payment: Payment,
	{ _id, paymentId, orderId, amount, part }: Refund,
	cause: string
): Promise<void> {
	const called = isRequestedByOrder(payment, _id);
	const open = { _id, status: { $in: OPEN } };
	await context.refunds.change(open, { $set: { cause } });
	await context.payments.change(
		{ _id: paymentId, refundIds: _id, refundedIds: { $ne: _id } },
		{
			$inc: { refundReserved: -amount },
			$pull: { refundIds: _id, ...(part && { refundUnits: { $in: part.units } }) }
		}
	);
	await recordAnomaly(context, payment, `Refund ${_id} failed: ${cause}`);
	await context.refunds.change(open, { $set: { status: "failed" }, $unset: { askAt: "" } }, [
		fact("payment.refund_failed", {
			paymentId,
			orderId,
			refundId: _id,
			amount,
			reason: cause,
			called
		})
	]);
}

/** Goes on with a refund that a crash or the channel left unfinished; of several processes one does. */
export async function continueRefund(
	context: PaymentsContext,
	left: Refund,
	now = new Date()
): Promise<void> {
	const mine = await context.refunds.change(
		{ _id: left._id, asked: left.asked, status: { $in: OPEN } },
		{ $set: { askAt: planNextPoll(now, left.asked) }, $inc: { asked: 1 } }
	);
	if (mine) await proceed(context, mine);
}

/** Asks what became of a refund that failed, since the channel has news of it; answers the refund as it is then. */
export async function recheckFailedRefund(context: PaymentsContext, failed: Refund): Promise<Refund> {
	const { _id, paymentId, paymentNo } = failed;
	const answer = await context.channels.of(failed.channel).queryRefund({ paymentNo, refundNo: _id });
	if (answer.outcome === "refunded")
		await take(context, await context.payments.get(paymentId), failed, answer);
	return context.refunds.get(_id);
}
