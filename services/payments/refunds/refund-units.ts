import { isRefusal } from "../../../schemas/errors/errors";
import { buildRefundNo, type RefundPart } from "../payment.domain";
import type { PaymentsContext } from "../payments.context";
import { EXCEEDS_PAID } from "./mark-refund";
import { refundPayment } from "./refund-payment";

/** A refund of units, which a claim of their order holds for it. */
export type UnitsRefund = RefundPart & {
	readonly paymentId: string;
	readonly claimId: string;
	readonly attempt: number;
	readonly reason: string;
};

/**
 * Refunds the units of a claim, once for each attempt: the refund's number follows from both. Refuses with
 * REFUND_EXCEEDS_PAID.
 */
export async function refundUnits(
	context: PaymentsContext,
	{ paymentId, claimId, attempt, reason, units, lines, shipping, amount }: UnitsRefund
): Promise<void> {
	const payment = await context.payments.get(paymentId);
	const refundNo = buildRefundNo(payment, attempt > 1 ? `${claimId}_${attempt}` : claimId);
	const part = { units, lines, shipping, amount };
	await refundPayment(context, payment, {
		refundNo,
		amount,
		reason,
		part,
		claim: { id: claimId, attempt }
	});
}

/**
 * `refundUnits` for a fact. A refund that is stored already is left to its sweep. Where too little is left of the payment, the
 * order learns so from the refund's own fact.
 */
export async function refundClaimedUnits(context: PaymentsContext, refund: UnitsRefund): Promise<void> {
	const { paymentId, claimId, attempt } = refund;
	const where = { paymentId, "claim.id": claimId, "claim.attempt": attempt };
	if (await context.refunds.findOne(where, { fields: ["_id"] })) return;
	try {
		await refundUnits(context, refund);
	} catch (err) {
		if (!isRefusal(err, EXCEEDS_PAID)) throw err;
	}
}
