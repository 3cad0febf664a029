import type { Order, Place } from "./cursor.domain";
import type { Column } from "./column.domain";
import type { Scores } from "./match-text.domain";
import { headOf, type ProductTable } from "./product-table.domain";

/** Products that match: ordinals, and by position the lowest price of their SKUs that match. */
export type Matches = { readonly ordinals: Int32Array; readonly prices: Int32Array; readonly count: number };

/** Writes by position the number that an order compares first; the larger comes first. */
export function readKeys(
	order: Order,
	{ ordinals, prices, count }: Matches,
	table: ProductTable,
	scores: Pick<Scores, "of">,
	into: Float64Array
): void {
	const read = (valueOf: (i: number) => number) => {
		for (let i = 0; i < count; i++) into[i] = valueOf(i);
	};
	const readColumn = ({ values }: Column<Float64Array>) => {
		for (let i = 0; i < count; i++) into[i] = values[ordinals[i] ?? 0] ?? 0;
	};
	switch (order) {
		case "relevance":
			return read(i => scores.of(ordinals[i] ?? 0));
		case "price_asc":
			return read(i => -(prices[i] ?? 0));
		case "price_desc":
			return read(i => prices[i] ?? 0);
		case "sales":
			return readColumn(table.sales);
		case "rating":
			return readColumn(table.rating);
		case "newest":
			return readColumn(table.idHeads);
	}
}

/**
 * Positions of the entries from `skip` on, `take` of them, in a total order: by the key, in an order of relevance then the most
 * sold, then the newest, whose ids are the largest. With `after`, of those behind that place. `isShown` is asked of few. Lists from the documents have
 * the same orders.
 */
export function selectPage(
	matches: Matches,
	table: ProductTable,
	order: Order,
	keys: Float64Array,
	{ after, skip, take }: { readonly after: Place | null; readonly skip: number; readonly take: number },
	isShown: (p: number) => boolean = () => true
): number[] {
	const bySales = order === "relevance";
	const direction = order === "price_asc" ? -1 : 1;
	const keyOf = (i: number) => keys[i] ?? 0;
	const salesOf = (i: number) => (bySales ? (table.sales.values[matches.ordinals[i] ?? 0] ?? 0) : 0);
	const idOf = (i: number) => table.ids.at(matches.ordinals[i] ?? 0);
	const isBefore = (a: number, b: number): boolean => {
		const byKey = keyOf(a) - keyOf(b) || salesOf(a) - salesOf(b);
		return byKey !== 0 ? byKey > 0 : compareIds(idOf(a), idOf(b)) * direction > 0;
	};
	const afterKey = after && (order === "newest" ? headOf(after.id) : after.key);
	const isBehind = (i: number, { sales, id }: Place, key: number): boolean => {
		const byKey = key - keyOf(i) || (bySales ? sales - salesOf(i) : 0);
		return byKey !== 0 ? byKey > 0 : compareIds(id, idOf(i)) * direction > 0;
	};
	const best = new BoundedHeap(skip + take, isBefore);
	// Most of many entries are behind the last of the best ones by their keys alone.
	let [leastKey, leastSales] = [-Infinity, -Infinity];
	for (let i = 0; i < matches.count; i++) {
		const key = keys[i] ?? 0;
		if (key < leastKey || (key === leastKey && bySales && salesOf(i) < leastSales)) continue;
		if (after && !isBehind(i, after, afterKey ?? 0)) continue;
		if (!isShown(matches.ordinals[i] ?? 0)) continue;
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
