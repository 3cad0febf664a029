import { fact } from "../../schemas/registry";
import type { Paid } from "./channels/payment-channel";
import { CAN_SUCCEED, type Payment } from "./payment.domain";
import type { PaymentsContext } from "./payments.context";
import { logAnomaly, pushAnomaly } from "./record-anomaly";

type Context = Pick<PaymentsContext, "payments" | "logger">;

/**
 * Marks a payment as succeeded because the channel has the money, whatever the payment's own status was. The order decides
 * whether it takes the money, and hears of it by the fact in the same write. A second call changes nothing.
 */
export async function markPaid(
	context: Context,
	payment: Payment,
	paid: Omit<Paid, "outcome">
): Promise<void> {
	const { amount, currency, channelTxnId, paidAt } = paid;
	const { _id, orderId, userId, channel } = payment;
	const matches = amount === payment.amount && currency === payment.currency;
	const anomaly = matches
		? null
		: `The channel took ${amount} ${currency} instead of ${payment.amount} ${payment.currency}`;
	const succeeded = fact("payment.succeeded", {
		paymentId: _id,
		orderId,
		userId,
		amount,
		currency,
		channel,
		paidAt: paidAt.toISOString()
	});
	const marked = await context.payments.change(
		{ _id, status: { $in: CAN_SUCCEED } },
		{
			$set: {
				status: "succeeded",
				paidAmount: amount,
				paidAt,
				channelTxnId: `${channel}:${channelTxnId}`
			},
			$unset: { liveKey: "", nextPollAt: "" },
			...(anomaly && { $push: pushAnomaly(anomaly) })
		},
		[succeeded]
	);
	if (marked && anomaly) logAnomaly(context, payment, anomaly);
}

/** Closes a pending payment that nobody is expected to pay. Late money would still mark it paid, so `nextPollAt` may plan a poll. */
export async function markClosed(
	context: Context,
	{ _id, orderId, userId, channel }: Payment,
	reason: string,
	nextPollAt?: Date
): Promise<void> {
	await context.payments.change(
		{ _id, status: "pending" },
		{
			$set: { status: "closed", ...(nextPollAt && { nextPollAt }) },
			$unset: { liveKey: "", ...(!nextPollAt && { nextPollAt: "" }) }
		},
		[fact("payment.closed", { paymentId: _id, orderId, userId, channel, reason })]
	);
}
