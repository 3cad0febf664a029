import { beijingDayBounds } from "../../../schemas/beijing-day";
import { hexFrom } from "./channel-ids";
import type { Trade, TradeStore, TradeRefund } from "./trade-store";

/** What moved at an emulated channel on one Beijing day. */
export type Movement =
	| { readonly kind: "payment"; readonly trade: Trade; readonly at: Date }
	| { readonly kind: "refund"; readonly trade: Trade; readonly refund: TradeRefund; readonly at: Date };

/** Names a day's bill as it was at a moment, so that the file does not change between its announcement and its download. */
export type BillTicket = { readonly date: string; readonly until: Date };

export const ticketText = ({ date, until }: BillTicket): string => {
	const named = `${date}.${until.getTime()}`;
	return `${named}.${hexFrom(`bill:${named}`).slice(0, 32)}`;
};

export function ticketFrom(text: string): BillTicket | undefined {
	const [date = "", until = ""] = text.split(".");
	const ticket = { date, until: new Date(Number(until)) };
	return /^\d+$/.test(until) && ticketText(ticket) === text ? ticket : undefined;
}

/** In the order of time. The real channels make a bill the next morning; this one has that of today, too, as far as it goes. */
export async function movementsOn(
	book: TradeStore,
	channel: Trade["channel"],
	{ date, until }: BillTicket
): Promise<Movement[]> {
	const day = beijingDayBounds(date);
	const from = day.from;
	const to = new Date(Math.min(day.to.getTime(), until.getTime() + 1));
	const trades = (await book.findMovedBetween(from, to)).filter(trade => trade.channel === channel);
	return trades
		.flatMap(movesOf)
		.filter(({ at }) => at >= from && at < to)
		.toSorted((a, b) => a.at.getTime() - b.at.getTime());
}

const movesOf = (trade: Trade): Movement[] => [
	...(trade.paidAt ? [{ kind: "payment" as const, trade, at: trade.paidAt }] : []),
	...trade.refunds.map(refund => ({ kind: "refund" as const, trade, refund, at: refund.at }))
];
