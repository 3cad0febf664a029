import { Refusal } from "../../../schemas/errors/errors";
import {
	planNextPoll,
	refundableAmount,
	UNFINISHED_REFUND,
	type Payment,
	type Refund
} from "../payment.domain";
import type { PaymentsContext } from "../payments.context";
import { EXCEEDS_PAID, markRefundFailed, markRefundRejected } from "./mark-refund";
import { applyRefundResult, sendRefund } from "./send-refund";

/**
 * Refunds an amount of a payment under a refund number: stores the refund, reserves its amount against what was paid, and
 * requests it at the channel. A repetition with the same number goes on where the first call stopped. Refuses with
 * REFUND_EXCEEDS_PAID.
 */
export async function refundPayment(
	context: PaymentsContext,
	payment: Payment,
	{
		refundNo,
		amount,
		reason,
		part,
		claim
	}: Pick<Refund, "amount" | "reason" | "part" | "claim"> & { refundNo: string }
): Promise<Refund> {
	const now = new Date();
	const { _id: paymentId, paymentNo, channel, orderId } = payment;
	const draft: Refund = {
		_id: refundNo,
		paymentId,
		paymentNo,
		channel,
		orderId,
		amount,
		reason,
		...(part && { part }),
		...(claim && { claim }),
		status: "requested",
		failureReason: null,
		nextPollAt: planNextPoll(now, 0),
		pollCount: 0,
		createdAt: now
	};
	const stored = await context.refunds.insertOnce(draft, { _id: refundNo });
	if (stored.amount !== amount)
		throw new Refusal("IDEMPOTENCY_KEY_REUSED", "This refund was asked for with another amount");
	const refund = await proceed(context, stored);
	if (refund.failureReason === EXCEEDS_PAID)
		throw new Refusal(EXCEEDS_PAID, "More than is left of what was paid", {
			requested: amount,
			refundable: Math.max(0, refundableAmount(await context.payments.get(paymentId)))
		});
	return refund;
}

/** Plans the refund's next poll and takes it up where a crash or the channel left it. Of several processes one does. */
export async function continueRefund(
	context: PaymentsContext,
	{ _id, pollCount }: Refund,
	now = new Date()
): Promise<void> {
	const planned = await context.refunds.change(
		{ _id, pollCount, status: { $in: UNFINISHED_REFUND } },
		{ $set: { nextPollAt: planNextPoll(now, pollCount) }, $inc: { pollCount: 1 } }
	);
	if (planned) await proceed(context, planned);
}

/** Asks the channel about a refund that failed here, since it may have been paid out all the same. Answers the refund as it is then. */
export async function recheckFailedRefund(context: PaymentsContext, refund: Refund): Promise<Refund> {
	const { _id, paymentId, paymentNo } = refund;
	const answer = await context.channels.of(refund.channel).queryRefund({ paymentNo, refundNo: _id });
	if (answer.outcome === "refunded")
		await applyRefundResult(context, await context.payments.get(paymentId), refund, answer);
	return context.refunds.get(_id);
}

/** Takes the next step of an unfinished refund. A refund with a failure reason has begun to fail before a crash, and fails now. */
async function proceed(context: PaymentsContext, refund: Refund): Promise<Refund> {
	if (!UNFINISHED_REFUND.includes(refund.status)) return refund;
	const payment = await context.payments.get(refund.paymentId);
	if (refund.failureReason !== null) await markRefundFailed(context, payment, refund, refund.failureReason);
	else {
		const reserved = await reserveAmount(context, payment, refund);
		if (reserved === "reserved") await sendRefund(context, payment, refund);
		else if (reserved === "too-much") await markRefundRejected(context, payment, refund);
	}
	return context.refunds.get(refund._id);
}

/**
 * Reserves the refund's amount and units against what was paid, once. Answers `too-much` when less is left, and `failed` when
 * another attempt has let the refund fail meanwhile.
 */
async function reserveAmount(
	{ payments }: PaymentsContext,
	payment: Payment,
	{ _id, amount, part }: Refund
): Promise<"reserved" | "too-much" | "failed"> {
	const paid = payment.paidAmount ?? 0;
	const enoughLeft = {
		refundReserved: { $lte: paid - amount },
		...(part && { refundUnits: { $nin: part.units } })
	};
	const reserved = await payments.change(
		{ _id: payment._id, refundIds: { $ne: _id }, failedRefundIds: { $ne: _id }, ...enoughLeft },
		{
			$inc: { refundReserved: amount },
			$push: { refundIds: _id, ...(part && { refundUnits: { $each: part.units } }) }
		}
	);
	if (reserved) return "reserved";
	const { refundIds, failedRefundIds } = await payments.get(payment._id);
	if (refundIds.includes(_id)) return "reserved";
	return failedRefundIds?.includes(_id) ? "failed" : "too-much";
}
