import { isRefusal } from "../../../schemas/errors";
import { refundableAmount, buildRefundNo, type Payment, type Refund } from "../payment.domain";
import { EXCEEDS_PAID, refundPayment } from "./refund-payment";
import type { PaymentsContext } from "../payments.context";

/**
 * Refunds once for the purpose, under the number that follows from it. Where another refund took in between what this one
 * asks for, it is asked for anew under the next number; `order` says how much it is then, or that there is nothing to do.
 */
export async function refundOnce(
	context: PaymentsContext,
	paymentId: string,
	{ purpose, reason }: { readonly purpose: string; readonly reason: string },
	order: (payment: Payment, begun: Refund | null) => Pick<Refund, "amount" | "part"> | null
): Promise<void> {
	for (let round = 0; ; round++) {
		const payment = await context.payments.get(paymentId);
		const refundNo = buildRefundNo(payment, round ? `${purpose}_${round}` : purpose);
		const begun = await context.refunds.findOne({ _id: refundNo });
		if (begun?.cause === EXCEEDS_PAID) continue;
		const wanted = order(payment, begun);
		if (!wanted) return;
		try {
			await refundPayment(context, payment, { ...wanted, refundNo, reason });
			return;
		} catch (err) {
			if (!isRefusal(err, EXCEEDS_PAID)) throw err;
		}
	}
}

/** Sends back whatever is left of a payment. What the channel refused is not asked for anew: that is for a person to decide. */
export async function refundRemainder(
	context: PaymentsContext,
	paymentId: string,
	purpose: string,
	reason: string
): Promise<void> {
	await refundOnce(context, paymentId, { purpose, reason }, (payment, begun) => {
		const amount = begun?.amount ?? refundableAmount(payment);
		// What cost nothing is sent back as well, for the order waits to hear of it.
		return amount === 0 && payment.paidAmount !== 0 ? null : { amount };
	});
}
