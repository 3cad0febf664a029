import type { Order, Place } from "../index/cursor.domain";
import { allOf, queriesOf, type Condition, type Query } from "./filter-query.domain";
import { MAX_SKUS } from "./index-document.domain";

/** A product in an answer of the engine. */
export type Hit = {
	readonly _id: string;
	readonly sort?: readonly (string | number)[];
	readonly _source?: { readonly shown: { readonly name: string } };
	readonly inner_hits?: {
		readonly skus: {
			readonly hits: {
				readonly hits: readonly {
					readonly _nested: { readonly offset: number };
					readonly fields: { readonly "skus.id": readonly string[] };
				}[];
			};
		};
	};
};
/** Names the SKUs that meet the filters. */
export const SKU_IDS = { size: MAX_SKUS, _source: false, docvalue_fields: ["skus.id"] };

export const skuIdsOf = ({ inner_hits }: Hit): string[] =>
	[...(inner_hits?.skus.hits.hits ?? [])]
		.sort((a, b) => a._nested.offset - b._nested.offset)
		.map(({ fields }) => fields["skus.id"][0] ?? "");

/** The same total orders as in memory; the price is the lowest of the SKUs that meet the filters. */
export function sortBy(order: Order, conditions: readonly Condition[]): Query[] {
	const byId = (direction: "asc" | "desc") => ({ id: direction });
	const byPrice = (direction: "asc" | "desc") => ({
		"skus.price": {
			order: direction,
			mode: "min",
			nested: { path: "skus", filter: allOf(queriesOf(conditions, "sku")) }
		}
	});
	switch (order) {
		case "relevance":
			return [{ _score: "desc" }, { sales: "desc" }, byId("desc")];
		case "price_asc":
			return [byPrice("asc"), byId("asc")];
		case "price_desc":
			return [byPrice("desc"), byId("desc")];
		case "sales":
			return [{ sales: "desc" }, byId("desc")];
		case "rating":
			return [{ rating: "desc" }, byId("desc")];
		case "newest":
			return [byId("desc")];
	}
}

/** The place of an entry in the list, as cursors of both engines have it: the larger key comes first. */
export function placeOf(order: Order, { sort = [], _id: id }: Hit): Place {
	const [key, sales] = sort.map(Number);
	return {
		key: order === "price_asc" ? -(key ?? 0) : order === "newest" ? 0 : (key ?? 0),
		sales: order === "relevance" ? (sales ?? 0) : 0,
		id
	};
}

/** The values after which a list goes on, in the order of `sortBy`. */
export function searchAfter(order: Order, { key, sales, id }: Place): (string | number)[] {
	if (order === "newest") return [id];
	return order === "relevance" ? [key, sales, id] : [Math.abs(key), id];
}
