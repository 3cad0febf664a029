import { beijingDayBounds } from "../../../schemas/values/beijing-day";
import { Refusal } from "../../../schemas/errors/errors";
import type { ChannelName } from "../../../schemas/payments.contract";
import type { BillRow } from "../channels/payment-channel";
import type { Payment, Refund } from "../payment.domain";
import type { PaymentsContext } from "../payments.context";
import { refreshFromChannel } from "../poll-channel";
import { recheckFailedRefund } from "../refunds/refund-payment";
import { collectKeys, isListed, listEarlierDays, type BookEntry } from "./reconciliation.domain";

/** Clocks differ, so an entry this close to midnight may be on the bill of the other day. */
const NEAR_MIDNIGHT_MS = 30 * 60_000;
/** How many rows of a bill one query looks up. */
const BATCH_SIZE = 500;

/** Refuses with SERVICE_UNAVAILABLE where the channel gives no bill now. */
export async function fetchBill(
	{ channels }: PaymentsContext,
	channel: ChannelName,
	date: string
): Promise<readonly BillRow[]> {
	const answer = await channels.of(channel).bill(date);
	if (answer.outcome === "bill") return answer.rows;
	const cause = answer.outcome === "refused" ? answer.code : answer.cause;
	throw new Refusal("SERVICE_UNAVAILABLE", `${channel} gives no bill of ${date} now: ${cause}`, {
		channel,
		date,
		cause
	});
}

/**
 * Answers our entries under the numbers of the bill, of any day. Asks the channel about payments that are billed and not paid
 * here and refunds that are billed and failed here: it may mark those payments paid and those refunds done, so that money of
 * which no notification came is taken in late.
 */
export async function refreshKnownEntries(
	context: PaymentsContext,
	channel: ChannelName,
	bill: readonly BillRow[]
): Promise<BookEntry[]> {
	const entries: BookEntry[] = [];
	for (let start = 0; start < bill.length; start += BATCH_SIZE) {
		const rows = bill.slice(start, start + BATCH_SIZE);
		const paymentNos = rows.flatMap(({ kind, paymentNo }) => (kind === "payment" ? paymentNo : []));
		const refundNos = rows.flatMap(({ refundNo }) => refundNo ?? []);
		const payments = await context.payments.find({ paymentNo: { $in: paymentNos }, channel });
		const refunds = await context.refunds.find({ _id: { $in: refundNos }, channel });
		const checkedPayments = await Promise.all(
			payments.map(async payment => (payment.paidAt ? payment : refreshFromChannel(context, payment)))
		);
		const checkedRefunds = await Promise.all(
			refunds.map(async refund =>
				refund.status === "failed" ? recheckFailedRefund(context, refund) : refund
			)
		);
		entries.push(...checkedPayments.flatMap(toPaymentEntry), ...checkedRefunds.flatMap(toRefundEntry));
	}
	return entries;
}

/** Finds the entries that should be on the day's bill. The last minutes of a day belong to the next, whose report looks at both bills. */
export async function findExpectedEntries(
	context: PaymentsContext,
	channel: ChannelName,
	date: string
): Promise<BookEntry[]> {
	const { from, to } = beijingDayBounds(date);
	const shifted = (at: Date) => new Date(at.getTime() - NEAR_MIDNIGHT_MS);
	const at = { $gte: shifted(from), $lt: shifted(to) };
	const payments = await context.payments.find({ channel, paidAt: at });
	const refunds = await context.refunds.find({ channel, acceptedAt: at });
	return [...payments.flatMap(toPaymentEntry), ...refunds.flatMap(toRefundEntry)];
}

/** Leaves out the entries that an earlier bill lists, because the channel entered them before midnight. */
export async function excludeBilledEarlier(
	context: PaymentsContext,
	channel: ChannelName,
	date: string,
	entries: readonly BookEntry[],
	maxDaysBack: number
): Promise<readonly BookEntry[]> {
	const daysOf = ({ earliestAt }: BookEntry) =>
		listEarlierDays(date, new Date(earliestAt.getTime() - NEAR_MIDNIGHT_MS), maxDaysBack);
	let unbilled = entries;
	for (const day of new Set(entries.flatMap(daysOf))) {
		const billed = collectKeys(await fetchBill(context, channel, day));
		unbilled = unbilled.filter(entry => !isListed(billed, entry));
	}
	return unbilled;
}

/** A payment of nothing has no entry: it never was at the channel. */
const toPaymentEntry = ({ paymentNo, orderId, paidAmount, paidAt }: Payment): BookEntry[] =>
	paidAt && paidAmount
		? [{ kind: "payment", paymentNo, refundNo: null, amount: paidAmount, orderId, earliestAt: paidAt }]
		: [];

const toRefundEntry = ({ _id, paymentNo, orderId, amount, status, createdAt }: Refund): BookEntry[] =>
	status !== "failed" && amount > 0
		? [{ kind: "refund", paymentNo, refundNo: _id, amount, orderId, earliestAt: createdAt }]
		: [];
