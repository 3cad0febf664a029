import { markClosed, markPaid } from "./mark-payment";
import { planNextPaymentPoll, type Payment } from "./payment.domain";
import type { PaymentsContext } from "./payments.context";

type Context = Pick<PaymentsContext, "payments" | "channels" | "logger">;

/** Closes a payment that is not wanted any more, at the channel and then here. If the shopper paid first, the payment succeeds. */
export async function voidPayment(context: Context, payment: Payment, reason: string): Promise<void> {
	const answer = await context.channels.of(payment.channel).close(payment.paymentNo);
	if (answer.outcome === "paid") return markPaid(context, payment, answer);
	// Unless the channel says closed, the code may stay payable until its own deadline: polls go on until then.
	const payable = answer.outcome !== "closed";
	await markClosed(
		context,
		payment,
		reason,
		payable ? planNextPaymentPoll(payment, new Date(), 0) : undefined
	);
}
