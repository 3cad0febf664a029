import { beijingDay } from "../../schemas/values/beijing-day";
import { DAY_MS } from "../../schemas/values/durations";

/** What is counted of a day; money in fen. */
export type Figures = {
	/** Orders placed that day, whatever became of them. */
	readonly orders: number;
	/** Orders paid that day, and the sum of their totals. */
	readonly paid: number;
	readonly revenue: number;
	/** Money of orders that was sent back that day. */
	readonly refunds: number;
	readonly newUsers: number;
};
export const NOTHING: Figures = { orders: 0, paid: 0, revenue: 0, refunds: 0, newUsers: 0 };

export type SoldLine = { readonly productId: string; readonly units: number; readonly revenue: number };

/** What one fact adds to a day. The id is made of what happened, so that a fact that comes again adds nothing. */
export type Row = Partial<Figures> & {
	readonly _id: string;
	readonly day: string;
	readonly lines?: readonly SoldLine[];
	/** The batch of its day that counted the row; 0: none yet. */
	readonly batch: number;
	readonly at: Date;
};

/** The figures of one day. `open` is the batch that is being counted (`count-rows.ts`). */
export type Day = Figures & {
	readonly _id: string;
	/** The last batch that is counted. */
	readonly batch: number;
	readonly open?: { readonly batch: number; readonly rowIds: readonly string[] };
};
export const createDay = (day: string): Day => ({ _id: day, ...NOTHING, batch: 0 });

/** What was sold of one product on one day. */
export type ProductDay = SoldLine & {
	/** `<day>:<productId>`. */
	readonly _id: string;
	readonly day: string;
	/** The last batch of its day that is counted here. */
	readonly batch: number;
};
export const productDayId = (day: string, productId: string): string => `${day}:${productId}`;
export const createProductDay = (day: string, productId: string): ProductDay => ({
	_id: productDayId(day, productId),
	day,
	productId,
	units: 0,
	revenue: 0,
	batch: 0
});

/** How much of an order's money had been sent back by when. */
export type RefundMark = { readonly refunded: number; readonly day: string };

/**
 * What a new mark changes, by day: its own day gets what was sent back since the mark below; the day of the mark above loses
 * it, where the marks come out of order. So the sums depend on the marks alone, not on their order.
 */
export function addRefundMark(
	marks: readonly RefundMark[],
	{ refunded, day }: RefundMark
): readonly { readonly day: string; readonly refunds: number }[] {
	if (refunded === 0 || marks.some(mark => mark.refunded === refunded)) return [];
	const below = Math.max(0, ...marks.filter(mark => mark.refunded < refunded).map(mark => mark.refunded));
	const [above] = marks
		.filter(mark => mark.refunded > refunded)
		.toSorted((a, b) => a.refunded - b.refunded);
	const added = refunded - below;
	return above?.day === day
		? []
		: [{ day, refunds: added }, ...(above ? [{ day: above.day, refunds: -added }] : [])];
}

/** The sum of the rows' figures. */
export const sumFigures = (rows: readonly Partial<Figures>[]): Figures =>
	rows.reduce<Figures>(
		(sum, row) => ({
			orders: sum.orders + (row.orders ?? 0),
			paid: sum.paid + (row.paid ?? 0),
			revenue: sum.revenue + (row.revenue ?? 0),
			refunds: sum.refunds + (row.refunds ?? 0),
			newUsers: sum.newUsers + (row.newUsers ?? 0)
		}),
		NOTHING
	);

/** What was sold of each product, by product. */
export function sumLines(lines: readonly SoldLine[]): SoldLine[] {
	const sums = new Map<string, SoldLine>();
	for (const { productId, units, revenue } of lines) {
		const known = sums.get(productId);
		sums.set(productId, {
			productId,
			units: units + (known?.units ?? 0),
			revenue: revenue + (known?.revenue ?? 0)
		});
	}
	return [...sums.values()];
}

/** The best first: by revenue, then units, then id. */
export const rankProducts = (sold: readonly SoldLine[], most: number): SoldLine[] =>
	sold
		.toSorted(
			(a, b) => b.revenue - a.revenue || b.units - a.units || (a.productId < b.productId ? -1 : 1)
		)
		.slice(0, most);

/** The last `count` days in Beijing, the oldest first; the last one is that of `now`. */
export const listDays = (now: Date, count: number): string[] =>
	Array.from({ length: count }, (_, i) => beijingDay(new Date(now.getTime() - (count - 1 - i) * DAY_MS)));
