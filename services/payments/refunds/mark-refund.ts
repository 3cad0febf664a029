import { fact } from "../../../schemas/registry";
import { recordAnomaly } from "../record-anomaly";
import { isRequestedByOrder, UNFINISHED_REFUND, type Payment, type Refund } from "../payment.domain";
import type { PaymentsContext } from "../payments.context";

type Context = Pick<PaymentsContext, "payments" | "refunds" | "logger">;

/** Failure reason of a refund that was rejected before the channel was asked; also the refusal's type. */
export const EXCEEDS_PAID = "REFUND_EXCEEDS_PAID";

/**
 * Marks a refund as succeeded: first adds it to the payment's sums, keyed by the refund's number, then writes the refund and
 * its fact. A failed refund may succeed, too: the channel may pay out a slow first request after it refused a later one.
 */
export async function markRefunded(context: Context, payment: Payment, refund: Refund): Promise<void> {
	const { payments, refunds } = context;
	const { _id, orderId, userId, paidAmount } = payment;
	const { _id: refundNo, amount, reason, part, channel } = refund;
	await payments.change(
		{ _id, refundIds: refundNo, refundedIds: { $ne: refundNo } },
		{ $inc: { refunded: amount }, $push: { refundedIds: refundNo } }
	);
	const afterFailure = await payments.change(
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
	if (afterFailure)
		await recordAnomaly(context, payment, `Refund ${refundNo} was paid out after it had failed`);
	const paid = paidAmount ?? 0;
	await payments.change(
		{ _id, status: "succeeded", refunded: { $gte: paid } },
		{ $set: { status: "refunded" } }
	);
	const { refunded } = await payments.get(_id);
	await refunds.change(
		{ _id: refundNo, status: { $ne: "succeeded" } },
		{ $set: { status: "succeeded", failureReason: null }, $unset: { nextPollAt: "" } },
		[
			fact("payment.refunded", {
				paymentId: _id,
				orderId,
				userId,
				refundId: refundNo,
				channel,
				amount,
				refunded,
				paid,
				reason,
				...toClaimFields(refund)
			})
		]
	);
}

/**
 * Rejects a refund of more than is left of the payment. Nothing was begun and the caller is refused, so there is a fact only
 * where an order holds units for the refund.
 */
export async function markRefundRejected(
	{ refunds }: Context,
	payment: Payment,
	refund: Refund
): Promise<void> {
	await refunds.change(
		{ _id: refund._id, status: { $in: UNFINISHED_REFUND } },
		{ $set: { status: "failed", failureReason: EXCEEDS_PAID }, $unset: { nextPollAt: "" } },
		refund.claim ? [refundFailed(payment, refund, EXCEEDS_PAID)] : []
	);
}

const toClaimFields = ({ claim }: Refund) => claim && { claimId: claim.id, attempt: claim.attempt };

function refundFailed(payment: Payment, refund: Refund, reason: string) {
	const { _id: refundId, paymentId, orderId, amount, channel } = refund;
	const requestedByOrder = isRequestedByOrder(payment, refundId);
	return fact("payment.refund_failed", {
		paymentId,
		orderId,
		refundId,
		channel,
		amount,
		reason,
		requestedByOrder,
		called: requestedByOrder,
		...toClaimFields(refund)
	});
}

/**
 * Marks a refund as failed because the channel won't pay it out, and releases its amount. The reason is written first: after
 * a crash the failing goes on, and the channel is not asked again.
 */
export async function markRefundFailed(
	context: Context,
	payment: Payment,
	refund: Refund,
	failureReason: string
): Promise<void> {
	const { payments, refunds } = context;
	const { _id, paymentId, amount, part } = refund;
	const unfinished = { _id, status: { $in: UNFINISHED_REFUND } };
	await refunds.change(unfinished, { $set: { failureReason } });
	await payments.change(
		{ _id: paymentId, refundIds: _id, refundedIds: { $ne: _id } },
		{
			$inc: { refundReserved: -amount },
			$push: { failedRefundIds: _id },
			$pull: { refundIds: _id, ...(part && { refundUnits: { $in: part.units } }) }
		}
	);
	await recordAnomaly(context, payment, `Refund ${_id} failed: ${failureReason}`);
	await refunds.change(unfinished, { $set: { status: "failed" }, $unset: { nextPollAt: "" } }, [
		refundFailed(payment, refund, failureReason)
	]);
}
