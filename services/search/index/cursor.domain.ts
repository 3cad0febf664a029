import type { SearchSorting } from "../../../schemas/search.contract";
import { invalid } from "../../../schemas/errors/errors";

/** An entry's place in a list: the value that the order compares first, then sales, then the id. */
export type Place = { readonly key: number; readonly sales: number; readonly id: string };

/** Orders by what is compared first. `newest` compares ids only, which begin with the time. */
export type Order = "relevance" | "price_asc" | "price_desc" | "sales" | "newest" | "rating";

const CODES: Readonly<Record<Order, string>> = {
	relevance: "r",
	price_asc: "a",
	price_desc: "d",
	sales: "s",
	newest: "n",
	rating: "g"
};

/** The order that a list has: by relevance where words are asked for, else by age. */
export const chooseOrder = (sort: SearchSorting, hasWords: boolean): Order => {
	if (sort === "default" || sort === "relevance") return hasWords ? "relevance" : "newest";
	return sort;
};

/** A list in the order of ids has the id as its cursor, as lists from the documents have. */
export const encodeCursor = (order: Order, { key, sales, id }: Place): string =>
	order === "newest" ? id : `${CODES[order]}:${key}:${sales}:${id}`;

const CURSOR = /^([a-z]):(-?[\d.]+):(\d+):([\w.:-]{1,64})$/;

/** Refuses a cursor of a list in another order. */
export function decodeCursor(order: Order, cursor: string): Place {
	if (order === "newest") {
		if (CURSOR.test(cursor)) throw invalid("cursor", "cursorOrder");
		return { key: 0, sales: 0, id: cursor };
	}
	const [, code, key, sales, id] = CURSOR.exec(cursor) ?? [];
	if (code !== CODES[order] || id === undefined) throw invalid("cursor", "cursorOrder");
	return { key: Number(key), sales: Number(sales), id };
}

/** Whether a cursor belongs to an order that only the index can continue. */
export const isIndexCursor = (cursor: string): boolean => CURSOR.test(cursor);
