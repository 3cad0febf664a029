import { beijingDayBounds } from "../../../schemas/values/beijing-day";
import { deriveHex } from "./channel-ids";
import type { Trade, TradeRefund, TradeStore } from "./trade-store";

/** A payment or refund at an emulated channel, as a row of its bill. */
export type Movement =
	| { readonly kind: "payment"; readonly trade: Trade; readonly at: Date }
	| { readonly kind: "refund"; readonly trade: Trade; readonly refund: TradeRefund; readonly at: Date };

/** Names a day's bill as of an instant, so that the file does not change between its announcement and its download. */
export type BillTicket = { readonly date: string; readonly until: Date };

export const formatTicket = ({ date, until }: BillTicket): string => {
	const text = `${date}.${until.getTime()}`;
	return `${text}.${deriveHex(`bill:${text}`).slice(0, 32)}`;
};

/** Undefined for a ticket that `formatTicket` did not make. */
export function parseTicket(text: string): BillTicket | undefined {
	const [date = "", until = ""] = text.split(".");
	const ticket = { date, until: new Date(Number(until)) };
	return /^\d+$/.test(until) && formatTicket(ticket) === text ? ticket : undefined;
}

/** Finds the movements of a Beijing day, ordered by time. The real channels make a bill the next morning; this one also has today's so far. */
export async function findMovements(
	store: TradeStore,
	channel: Trade["channel"],
	{ date, until }: BillTicket
): Promise<Movement[]> {
	const day = beijingDayBounds(date);
	const from = day.from;
	const to = new Date(Math.min(day.to.getTime(), until.getTime() + 1));
	const trades = await store.findMovedBetween(from, to);
	return trades
		.filter(trade => trade.channel === channel)
		.flatMap(listMovements)
		.filter(({ at }) => at >= from && at < to)
		.toSorted((a, b) => a.at.getTime() - b.at.getTime());
}

const listMovements = (trade: Trade): Movement[] => [
	...(trade.paidAt ? [{ kind: "payment" as const, trade, at: trade.paidAt }] : []),
	...trade.refunds.map(refund => ({ kind: "refund" as const, trade, refund, at: refund.at }))
];
