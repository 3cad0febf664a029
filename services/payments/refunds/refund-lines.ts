import { invalid, Refusal } from "../../../schemas/errors";
import { refundableAmount, type Payment } from "../payment.domain";
import { coversSelection, chooseUnits, type PaidLines, type RefundSelection } from "./refund-lines.domain";
import { refundOnce } from "./refund-once";
import { EXCEEDS_PAID } from "./refund-payment";
import type { PaymentsContext } from "../payments.context";

/**
 * Sends back what the wanted units cost, and the shipping fee if that is wanted. Where another refund took some of the same
 * units in between, others are chosen under the next number. Refuses with REFUND_EXCEEDS_PAID.
 */
export async function refundLines(
	context: PaymentsContext,
	paymentId: string,
	sold: PaidLines,
	{ purpose, reason, ...wanted }: RefundSelection & { readonly purpose: string; readonly reason: string }
): Promise<void> {
	await refundOnce(context, paymentId, { purpose, reason }, (payment, begun) => {
		if (begun && !(begun.part && coversSelection(begun.part, wanted)))
			throw new Refusal("IDEMPOTENCY_KEY_REUSED", "This refund was asked for with other units");
		const part = begun?.part ?? chooseUnits(sold, payment.refundUnits, wanted);
		// All of a payment of nothing would be sent back by any of its units, and the order end by that.
		if (part.amount === 0) throw invalid(wanted.items.length ? "items" : "shipping", "nothingPaid");
		if (!begun) refuseTooMuch(payment, part.amount);
		return { amount: part.amount, part };
	});
}

/** Part of the units' price may be gone by a refund of a mere amount. */
function refuseTooMuch(payment: Payment, amount: number): void {
	const left = refundableAmount(payment);
	if (amount > left)
		throw new Refusal(EXCEEDS_PAID, "More than is left of what was paid", {
			requested: amount,
			refundable: left
		});
}
