import type { Order, Place } from "./cursor.domain";
import type { ProductTable } from "./product-table.domain";

/** Products that match: ordinals, and by position the lowest price of their SKUs that match. */
export type Matches = { readonly ordinals: Int32Array; readonly prices: Int32Array; readonly count: number };

/** Reads the number that an order compares first; the larger comes first. */
export function keyReader(
	order: Order,
	{ ordinals, prices }: Matches,
	table: ProductTable,
	scoreOf: (p: number) => number
): (i: number) => number {
	const ordinal = (i: number) => ordinals[i] ?? 0;
	switch (order) {
		case "relevance":
			return i => scoreOf(ordinal(i));
		case "price_asc":
			return i => -(prices[i] ?? 0);
		case "price_desc":
			return i => prices[i] ?? 0;
		case "sales":
			return i => table.sales.values[ordinal(i)] ?? 0;
		case "rating":
			return i => table.rating.values[ordinal(i)] ?? 0;
		case "newest":
			return () => 0;
	}
}

/**
 * Positions of the entries from `skip` on, `take` of them, in a total order: by the key, in an order of relevance then the most
 * sold, then the newest, whose ids are the largest. With `after`, of those behind that place. Lists from the documents have
 * the same orders.
 */
export function selectPage(
	matches: Matches,
	table: ProductTable,
	order: Order,
	keyOf: (i: number) => number,
	{ after, skip, take }: { readonly after: Place | null; readonly skip: number; readonly take: number }
): number[] {
	const bySales = order === "relevance";
	const direction = order === "price_asc" ? -1 : 1;
	const salesOf = (i: number) => (bySales ? (table.sales.values[matches.ordinals[i] ?? 0] ?? 0) : 0);
	const idOf = (i: number) => table.ids[matches.ordinals[i] ?? 0] ?? "";
	const isBefore = (a: number, b: number): boolean => {
		const byKey = keyOf(a) - keyOf(b) || salesOf(a) - salesOf(b);
		return byKey !== 0 ? byKey > 0 : compareIds(idOf(a), idOf(b)) * direction > 0;
	};
	const isBehind = (i: number, { key, sales, id }: Place): boolean => {
		const byKey = key - keyOf(i) || (bySales ? sales - salesOf(i) : 0);
		return byKey !== 0 ? byKey > 0 : compareIds(id, idOf(i)) * direction > 0;
	};
	const best = new BoundedHeap(skip + take, isBefore);
	// Most of many entries are behind the last of the best ones by their keys alone.
	let [leastKey, leastSales] = [-Infinity, -Infinity];
	for (let i = 0; i < matches.count; i++) {
		const key = keyOf(i);
		if (key < leastKey || (key === leastKey && bySales && salesOf(i) < leastSales)) continue;
		if (after && !isBehind(i, after)) continue;
		const last = best.offer(i);
		if (last !== undefined) [leastKey, leastSales] = [keyOf(last), salesOf(last)];
	}
	return best.takeSorted().slice(skip);
}

const compareIds = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Keeps the first `capacity` of many entries: a heap with the last of them on top. */
class BoundedHeap {
	private readonly entries: number[] = [];

	constructor(
		private readonly capacity: number,
		private readonly isBefore: (a: number, b: number) => boolean
	) {}

	/** The last of the first ones, where there are as many as there may be. */
	offer(entry: number): number | undefined {
		const { entries } = this;
		if (entries.length < this.capacity) {
			entries.push(entry);
			this.rise(entries.length - 1);
		} else if (this.isBefore(entry, entries[0] ?? 0)) {
			entries[0] = entry;
			this.sink(0);
		}
		return entries.length === this.capacity ? entries[0] : undefined;
	}

	takeSorted(): number[] {
		return this.entries.sort((a, b) => (this.isBefore(a, b) ? -1 : 1));
	}

	private rise(at: number): void {
		const { entries } = this;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (!this.isBefore(entries[parent] ?? 0, entries[at] ?? 0)) return;
			this.swap(at, parent);
			at = parent;
		}
	}

	private sink(at: number): void {
		const { entries } = this;
		for (;;) {
			let last = at;
			for (const child of [2 * at + 1, 2 * at + 2])
				if (child < entries.length && this.isBefore(entries[last] ?? 0, entries[child] ?? 0))
					last = child;
			if (last === at) return;
			this.swap(at, last);
			at = last;
		}
	}

	private swap(a: number, b: number): void {
		const { entries } = this;
		[entries[a], entries[b]] = [entries[b] ?? 0, entries[a] ?? 0];
	}
}
