import { DAY_MS } from "../../../schemas/durations";
import type { ChannelName, Reconciliation } from "../../../schemas/payments.contract";
import { beijingDay, beijingDayBounds } from "../../../schemas/beijing-day";
import type { BillRow } from "../channels/payment-channel";

/** A payment or refund as our books have it, under the number that the channel knows it by. */
export type BookEntry = Pick<BillRow, "kind" | "paymentNo" | "refundNo" | "amount"> & {
	readonly orderId: string;
	/** The earliest that the channel may have had it: of a refund we may have heard long after. */
	readonly since: Date;
};
export type Difference = Reconciliation["oursOnly"][number];
export type Sums = Reconciliation["channels"][number]["books"];

/** What a channel and the books hold of one Beijing day, and where they differ. */
export type Report = {
	readonly _id: string;
	readonly channel: ChannelName;
	readonly date: string;
	readonly madeAt: Date;
	readonly bill: Sums;
	readonly books: Sums;
	/** The whole number of differences; of the lists at most the first are kept. */
	readonly differences: number;
	readonly oursOnly: readonly Difference[];
	readonly theirsOnly: readonly Difference[];
	readonly amountDiffers: readonly Difference[];
};

export const reportId = (channel: ChannelName, date: string): string => `${channel}:${date}`;

export const dayBefore = (date: string, days = 1): string =>
	beijingDay(new Date(beijingDayBounds(date).from.getTime() - days * DAY_MS));
/** Days before `date` whose bills may list an entry that the channel has had since then, the latest first; at most `max`. */
export const earlierDays = (date: string, since: Date, max: number): string[] =>
	Array.from({ length: max }, (_, n) => dayBefore(date, n + 1)).filter(day => day >= beijingDay(since));

/** The channels have their bills of a day ready the next morning; `hour` is Beijing's. */
export const isReady = (date: string, hour: number, now: Date): boolean =>
	now.getTime() >= beijingDayBounds(date).to.getTime() + hour * 3_600_000;

/** Days to reconcile, the oldest first: those with a bill, but not from before the first payment or further than `most` back. */
export function daysDue(now: Date, hour: number, firstPaymentAt: Date | null, most: number): string[] {
	if (!firstPaymentAt) return [];
	const today = beijingDay(now);
	const first = beijingDay(firstPaymentAt);
	return Array.from({ length: most }, (_, n) => dayBefore(today, most - n)).filter(
		date => date >= first && isReady(date, hour, now)
	);
}

const keyOf = ({ kind, paymentNo, refundNo }: Pick<BookEntry, "kind" | "paymentNo" | "refundNo">): string =>
	`${kind}:${kind === "payment" ? paymentNo : refundNo}`;

export const keysOf = (rows: readonly BillRow[]): ReadonlySet<string> => new Set(rows.map(keyOf));
export const isIn = (keys: ReadonlySet<string>, booked: BookEntry): boolean => keys.has(keyOf(booked));

/**
 * Holds a bill against the books. `known` is whatever the books have under the bill's numbers, of any day; `expected` what
 * should be on this bill. Each of ours answers for one line: a number that is billed twice is theirs alone the second time.
 */
export function compare(
	channel: ChannelName,
	bill: readonly BillRow[],
	known: readonly BookEntry[],
	expected: readonly BookEntry[]
) {
	const open = new Map(known.map(booked => [keyOf(booked), booked]));
	const matched: BookEntry[] = [];
	const theirsOnly: Difference[] = [];
	const amountDiffers: Difference[] = [];
	for (const row of bill) {
		const ours = open.get(keyOf(row));
		open.delete(keyOf(row));
		if (ours) matched.push(ours);
		if (!ours) theirsOnly.push(difference(channel, row, null, row));
		else if (ours.amount !== row.amount) amountDiffers.push(difference(channel, row, ours, row));
	}
	const billed = keysOf(bill);
	const missing = expected.filter(booked => !isIn(billed, booked));
	return { matched, missing, theirsOnly, amountDiffers };
}

export const difference = (
	channel: ChannelName,
	{ kind, paymentNo, refundNo }: Pick<BookEntry, "kind" | "paymentNo" | "refundNo">,
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

export function sumsOf(rows: readonly Pick<BillRow, "kind" | "amount">[]): Sums {
	const of = (kind: BillRow["kind"]) => {
		const those = rows.filter(row => row.kind === kind);
		return { count: those.length, amount: those.reduce((sum, { amount }) => sum + amount, 0) };
	};
	return { payments: of("payment"), refunds: of("refund") };
}

/** The day as it is shown: the reports of its channels, their differences in one place. */
export const dayView = (
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
