import { beijingDay } from "../../schemas/values/beijing-day";
import { DAY_MS } from "../../schemas/values/durations";
import type { SearchContext } from "./search.context";
import { foldText } from "./text/fold-text.domain";

/** Days whose queries make the hot ones. */
const HOT_DAYS = 7;
const KEPT_DAYS = 30;
/** Most queries of a day that are looked at. */
const TOP_OF_DAY = 50;
const MAX_HOT = 10;
/** Most different queries counted between two writes, so that nobody can fill the store. */
const MAX_PENDING = 200;
/** A phone number or the like: nothing to show to others. */
const NUMBER = /\d{7,}/;

type Pending = { readonly day: string; readonly text: string; count: number };

/** Queries that are counted but not stored yet, by `<day>|<query, folded>`. A crash loses them. */
export class QueryCounts {
	private pending = new Map<string, Pending>();

	/** Counts a query that found something. */
	add(q: string, now: Date): void {
		if (NUMBER.test(q.replace(/[\s-]/g, ""))) return;
		const day = beijingDay(now);
		const key = `${day}|${foldText(q).replace(/\s+/g, " ")}`;
		const known = this.pending.get(key);
		if (known) known.count++;
		else if (this.pending.size < MAX_PENDING) this.pending.set(key, { day, text: q, count: 1 });
	}

	/** Stores the counts. A failed write is lost: nothing depends on exact numbers. */
	async store({ countedQueries }: Pick<SearchContext, "countedQueries">): Promise<void> {
		const { pending } = this;
		this.pending = new Map();
		for (const [_id, { day, text, count }] of pending) {
			const counted = await countedQueries.change({ _id }, { $inc: { count } });
			if (counted) continue;
			const inserted = await countedQueries.tryInsert({ _id, day, text, count });
			if (!inserted) await countedQueries.change({ _id }, { $inc: { count } });
		}
	}
}

/** The queries most used in the last days. */
export async function readHotQueries(
	{ countedQueries }: Pick<SearchContext, "countedQueries">,
	now: Date
): Promise<string[]> {
	const days = Array.from({ length: HOT_DAYS }, (_, i) => beijingDay(new Date(now.getTime() - i * DAY_MS)));
	const found = await Promise.all(
		days.map(day => countedQueries.find({ day }, { sort: { count: -1 }, limit: TOP_OF_DAY }))
	);
	const sums = new Map<string, { text: string; count: number }>();
	for (const { _id, text, count } of found.flat()) {
		const query = _id.slice(_id.indexOf("|") + 1);
		const known = sums.get(query);
		sums.set(query, { text: known?.text ?? text, count: (known?.count ?? 0) + count });
	}
	return [...sums]
		.sort(([a, { count: countA }], [b, { count: countB }]) => countB - countA || (a < b ? -1 : 1))
		.slice(0, MAX_HOT)
		.map(([, { text }]) => text);
}

export async function forgetOldCounts(
	{ countedQueries }: Pick<SearchContext, "countedQueries">,
	now: Date
): Promise<void> {
	await countedQueries.remove({ day: { $lt: beijingDay(new Date(now.getTime() - KEPT_DAYS * DAY_MS)) } });
}
