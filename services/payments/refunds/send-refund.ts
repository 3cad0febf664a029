import type { PaymentChannel, RefundRequest, RefundResult } from "../channels/payment-channel";
import { recordAnomaly } from "../record-anomaly";
import { UNFINISHED_REFUND, type Payment, type Refund } from "../payment.domain";
import type { PaymentsContext } from "../payments.context";
import { markRefunded, markRefundFailed } from "./mark-refund";

/** Outcomes that say that the channel has the refund in its books. */
const ACCEPTED = ["refunded", "processing", "abnormal"] as const satisfies RefundResult["outcome"][];

/** Requests the refund at the channel, or asks after a request that it accepted. Every attempt uses the same refund number. */
export async function sendRefund(context: PaymentsContext, payment: Payment, refund: Refund): Promise<void> {
	if (refund.amount === 0) return markRefunded(context, payment, refund);
	const channel = context.channels.of(payment.channel);
	const request = {
		paymentNo: payment.paymentNo,
		refundNo: refund._id,
		amount: refund.amount,
		total: payment.paidAmount ?? payment.amount,
		reason: refund.reason
	};
	let answer = refund.status === "processing" ? await channel.queryRefund(request) : null;
	// The channel refused the query, not the refund, which may be paid out all the same.
	if (answer?.outcome === "refused") answer = null;
	// The channel never received the request, so it is made again under the same number.
	else if (!answer || answer.outcome === "not_found")
		answer = (await takeRequestTurn(context, payment, refund))
			? await requestRefund(channel, request)
			: null;
	if (answer) await applyRefundResult(context, payment, refund, answer);
}

/**
 * Notes on the payment that the channel is asked for a refund now, and resolves to true; plans the request for later and resolves
 * to false while the channel's minimum interval has not passed.
 */
async function takeRequestTurn(
	{ payments, refunds, channels }: PaymentsContext,
	{ _id, channel }: Payment,
	{ _id: refundNo }: Refund
): Promise<boolean> {
	const { minRefundIntervalMs } = channels.of(channel);
	if (minRefundIntervalMs === 0) return true;
	const now = Date.now();
	const longAgo = { $lte: new Date(now - minRefundIntervalMs) };
	const entered = await payments.change(
		{ _id, $or: [{ refundAskedAt: { $exists: false } }, { refundAskedAt: longAgo }] },
		{ $set: { refundAskedAt: new Date(now) } }
	);
	if (entered) return true;
	const nextPollAt = new Date(now + minRefundIntervalMs);
	await refunds.change({ _id: refundNo, status: { $in: UNFINISHED_REFUND } }, { $set: { nextPollAt } });
	return false;
}

/** A repeated request may be refused because the first one succeeded, so a refusal is checked by a query. */
async function requestRefund(channel: PaymentChannel, request: RefundRequest): Promise<RefundResult> {
	const answer = await channel.refund(request);
	if (answer.outcome !== "refused") return answer;
	const known = await channel.queryRefund(request);
	return known.outcome === "not_found" || known.outcome === "refused" ? answer : known;
}

/** Writes the channel's answer about a refund. */
export async function applyRefundResult(
	context: PaymentsContext,
	payment: Payment,
	refund: Refund,
	answer: RefundResult
): Promise<void> {
	const { _id } = refund;
	if (ACCEPTED.some(outcome => outcome === answer.outcome))
		await context.refunds.change(
			{ _id, acceptedAt: { $exists: false } },
			{ $set: { acceptedAt: new Date() } }
		);
	switch (answer.outcome) {
		case "refunded":
			return markRefunded(context, payment, refund);
		case "closed":
			return markRefundFailed(context, payment, refund, "The channel closed it without paying it out");
		case "refused":
			return markRefundFailed(context, payment, refund, `${answer.code} ${answer.message}`);
		case "abnormal":
			await recordAnomaly(context, payment, `Refund ${_id} needs a person at the channel`);
			break;
		case "processing":
		case "not_found":
		case "unknown":
	}
	await context.refunds.change({ _id, status: "requested" }, { $set: { status: "processing" } });
}
