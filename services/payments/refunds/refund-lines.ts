import { invalid, Refusal } from "../../../schemas/errors/errors";
import { refundableAmount, type Payment } from "../payment.domain";
import type { PaymentsContext } from "../payments.context";
import { EXCEEDS_PAID } from "./mark-refund";
import { chooseUnits, coversSelection, type PaidLines, type RefundSelection } from "./refund-lines.domain";
import { refundOnce } from "./refund-once";

/**
 * Refunds the price of the selected units, and the shipping fee if it is selected. Where a concurrent refund has taken some of
 * the units, others of the same SKU are chosen. Refuses with REFUND_EXCEEDS_PAID.
 */
export async function refundLines(
	context: PaymentsContext,
	paymentId: string,
	paidLines: PaidLines,
	{ purpose, reason, ...selection }: RefundSelection & { readonly purpose: string; readonly reason: string }
): Promise<void> {
	await refundOnce(context, paymentId, { purpose, reason }, (payment, stored) => {
		if (stored && !(stored.part && coversSelection(stored.part, selection)))
			throw new Refusal("IDEMPOTENCY_KEY_REUSED", "This refund was asked for with other units");
		const part = stored?.part ?? chooseUnits(paidLines, payment.refundUnits, selection);
		// A refund of nothing would count as the whole refund of a payment of nothing, and end its order.
		if (part.amount === 0) throw invalid(selection.items.length ? "items" : "shipping", "nothingPaid");
		if (!stored) refuseTooMuch(payment, part.amount);
		return { amount: part.amount, part };
	});
}

/** An earlier refund of a bare amount may have taken part of the units' price. */
function refuseTooMuch(payment: Payment, amount: number): void {
	const left = refundableAmount(payment);
	if (amount > left)
		throw new Refusal(EXCEEDS_PAID, "More than is left of what was paid", {
			requested: amount,
			refundable: left
		});
}
