import { DAY_MS } from "../../../schemas/values/durations";
import type { ChannelName, Reconciliation } from "../../../schemas/payments.contract";
import { sumAmounts } from "../../../schemas/values/money";
import { beijingDay, beijingDayBounds } from "../../../schemas/values/beijing-day";
import type { BillRow } from "../channels/payment-channel";

/** A payment or refund in our books, under its number at the channel. */
export type BookEntry = Pick<BillRow, "kind" | "paymentNo" | "refundNo" | "amount"> & {
	readonly orderId: string;
	/** The earliest time at which the channel may have entered it. We may hear of a refund long after that. */
	readonly earliestAt: Date;
};
export type Difference = Reconciliation["oursOnly"][number];
export type Totals = Reconciliation["channels"][number]["books"];

/** The comparison of a channel's bill with our books for one Beijing day. */
export type Report = {
	readonly _id: string;
	readonly channel: ChannelName;
	readonly date: string;
	readonly madeAt: Date;
	readonly bill: Totals;
	readonly books: Totals;
	/** The number of all differences; the lists below are cut off. */
	readonly differences: number;
	readonly oursOnly: readonly Difference[];
	readonly theirsOnly: readonly Difference[];
	readonly amountDiffers: readonly Difference[];
};

export const buildReportId = (channel: ChannelName, date: string): string => `${channel}:${date}`;

export const subtractDays = (date: string, days = 1): string =>
	beijingDay(new Date(beijingDayBounds(date).from.getTime() - days * DAY_MS));
/** The days before `date`, the latest first, whose bills may list an entry that the channel has had since `since`; at most `max`. */
export const listEarlierDays = (date: string, since: Date, max: number): string[] =>
	Array.from({ length: max }, (_, n) => subtractDays(date, n + 1)).filter(day => day >= beijingDay(since));

/** Whether the channels have made their bills of the day, which they do the next morning by `hour`, Beijing time. */
export const isBillReady = (date: string, hour: number, now: Date): boolean =>
	now.getTime() >= beijingDayBounds(date).to.getTime() + hour * 3_600_000;

/** The days that have a bill, the oldest first: none before the first payment, and at most `max` days back. */
export function listDueDays(now: Date, hour: number, firstPaymentAt: Date | null, max: number): string[] {
	if (!firstPaymentAt) return [];
	const today = beijingDay(now);
	const first = beijingDay(firstPaymentAt);
	return Array.from({ length: max }, (_, n) => subtractDays(today, max - n)).filter(
		date => date >= first && isBillReady(date, hour, now)
	);
}

type Numbers = Pick<BookEntry, "kind" | "paymentNo" | "refundNo">;
const keyOf = ({ kind, paymentNo, refundNo }: Numbers): string =>
	`${kind}:${kind === "payment" ? paymentNo : refundNo}`;

export const collectKeys = (rows: readonly BillRow[]): ReadonlySet<string> => new Set(rows.map(keyOf));
export const isListed = (keys: ReadonlySet<string>, entry: BookEntry): boolean => keys.has(keyOf(entry));

/**
 * Compares a bill with our books. Each entry matches one row: a number that the channel bills twice is missing in our books
 * the second time.
 * @param known The entries under the bill's numbers, of any day.
 * @param expected The entries that should be on this bill.
 */
export function compareBooks(
	channel: ChannelName,
	bill: readonly BillRow[],
	known: readonly BookEntry[],
	expected: readonly BookEntry[]
) {
	const unmatched = new Map(known.map(entry => [keyOf(entry), entry]));
	const matched: BookEntry[] = [];
	const theirsOnly: Difference[] = [];
	const amountDiffers: Difference[] = [];
	for (const row of bill) {
		const ours = unmatched.get(keyOf(row));
		unmatched.delete(keyOf(row));
		if (ours) matched.push(ours);
		if (!ours) theirsOnly.push(toDifference(channel, row, null, row));
		else if (ours.amount !== row.amount) amountDiffers.push(toDifference(channel, row, ours, row));
	}
	const billed = collectKeys(bill);
	const missing = expected.filter(entry => !isListed(billed, entry));
	return { matched, missing, theirsOnly, amountDiffers };
}

export const toDifference = (
	channel: ChannelName,
	{ kind, paymentNo, refundNo }: Numbers,
	ours: BookEntry | null,
	theirs: BillRow | null
): Difference => ({
	channel,
	kind,
	paymentNo,
	refundNo,
	orderId: ours?.orderId ?? null,
	ours: ours?.amount ?? null,
	theirs: theirs?.amount ?? null
});

export function sumEntries(rows: readonly Pick<BillRow, "kind" | "amount">[]): Totals {
	const sumKind = (kind: BillRow["kind"]) => {
		const amounts = rows.filter(row => row.kind === kind).map(({ amount }) => amount);
		return { count: amounts.length, amount: sumAmounts(amounts) };
	};
	return { payments: sumKind("payment"), refunds: sumKind("refund") };
}

/** Joins the reports of all channels for one day. */
export const toDayView = (
	date: string,
	reports: readonly (Report & { readonly stored: boolean })[]
): Reconciliation => ({
	date,
	channels: reports.map(({ channel, madeAt, stored, bill, books, differences }) => ({
		channel,
		madeAt: madeAt.toISOString(),
		stored,
		bill,
		books,
		differences
	})),
	oursOnly: reports.flatMap(({ oursOnly }) => oursOnly),
	theirsOnly: reports.flatMap(({ theirsOnly }) => theirsOnly),
	amountDiffers: reports.flatMap(({ amountDiffers }) => amountDiffers)
});
