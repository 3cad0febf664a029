import { isRefusal } from "../../../schemas/errors/errors";
import { buildRefundNo, refundableAmount, type Payment, type Refund } from "../payment.domain";
import type { PaymentsContext } from "../payments.context";
import { EXCEEDS_PAID } from "./mark-refund";
import { refundPayment } from "./refund-payment";

/**
 * Refunds once for the purpose, under the refund number that follows from it. Where a concurrent refund has taken what this
 * one needs, the refund is rejected, and `choose` is asked again for the next number.
 * @param choose Says what to refund; `stored` is the refund of an earlier call under that number. Null refunds nothing.
 */
export async function refundOnce(
	context: PaymentsContext,
	paymentId: string,
	{ purpose, reason }: { readonly purpose: string; readonly reason: string },
	choose: (payment: Payment, stored: Refund | null) => Pick<Refund, "amount"> | null
): Promise<void> {
	for (let round = 0; ; round++) {
		const payment = await context.payments.get(paymentId);
		const refundNo = buildRefundNo(payment, round ? `${purpose}_${round}` : purpose);
		const stored = await context.refunds.findOne({ _id: refundNo });
		if (stored?.failureReason === EXCEEDS_PAID) continue;
		const chosen = choose(payment, stored);
		if (!chosen) return;
		try {
			await refundPayment(context, payment, { ...chosen, refundNo, reason });
			return;
		} catch (err) {
			if (!isRefusal(err, EXCEEDS_PAID)) throw err;
		}
	}
}

/** Refunds whatever is left of a payment. A refund that the channel refused is not repeated: staff decide about it. */
export async function refundRemainder(
	context: PaymentsContext,
	paymentId: string,
	purpose: string,
	reason: string
): Promise<void> {
	await refundOnce(context, paymentId, { purpose, reason }, (payment, stored) => {
		const amount = stored?.amount ?? refundableAmount(payment);
		// A payment of nothing is refunded as well, because its order waits for the fact.
		return amount === 0 && payment.paidAmount !== 0 ? null : { amount };
	});
}
