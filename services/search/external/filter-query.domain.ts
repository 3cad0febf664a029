import type { SearchQuery } from "../../../schemas/search.contract";
import type { NameTable } from "../index/catalogue-names.domain";
import { toAttributeTerm } from "./index-document.domain";

/** A part of a request in the query language of OpenSearch. */
export type Query = Readonly<Record<string, unknown>>;

/** A filter of a query. Those of SKUs must be met by one and the same SKU. */
export type Condition = {
	/** The facet that is counted without it; null: every facet is counted with it. */
	readonly facet: "categories" | "brands" | "prices" | { readonly attribute: string } | null;
	readonly of: "product" | "sku";
	readonly query: Query;
};

export const terms = (field: string, values: readonly string[]): Query => ({ terms: { [field]: values } });
export const allOf = (filter: readonly Query[]): Query => ({ bool: { filter } });
const anyOf = (should: readonly Query[]): Query => ({ bool: { should, minimum_should_match: 1 } });

/** Ids of the categories that shoppers see: of all of them, or of one and those below it. */
export const visibleCategories = ({ categories }: NameTable, below?: string): string[] =>
	[...categories.values()]
		.filter(({ path }) => below === undefined || path.includes(below))
		.map(({ id }) => id);

/** The filters of a query, without its words. */
export function buildConditions(query: SearchQuery, names: NameTable): Condition[] {
	const { categoryId, brandIds, minPrice, maxPrice, inStock, attributes = {}, scope } = query;
	const conditions: (Condition | false)[] = [
		categoryId !== undefined && {
			facet: "categories",
			of: "product",
			query: terms("categoryId", visibleCategories(names, categoryId))
		},
		brandIds !== undefined && { facet: "brands", of: "product", query: terms("brandId", brandIds) },
		(minPrice !== undefined || maxPrice !== undefined) && {
			facet: "prices",
			of: "sku",
			query: {
				range: {
					"skus.price": { gte: minPrice ?? 0, ...(maxPrice !== undefined && { lte: maxPrice }) }
				}
			}
		},
		inStock !== undefined && { facet: null, of: "sku", query: { term: { "skus.inStock": inStock } } },
		...Object.entries(attributes).map(([attribute, values]): Condition => ({
			facet: { attribute },
			of: "sku",
			query: terms(
				"skus.attributes",
				values.map(value => toAttributeTerm(attribute, value))
			)
		})),
		scope !== undefined &&
			(!scope.all || scope.not !== undefined) && {
				facet: null,
				of: "sku",
				query: buildScope(scope, names)
			}
	];
	return conditions.filter(condition => condition !== false);
}

/** Whether SKUs of one product may differ in what the conditions say about them. */
export const tellsSkusApart = (conditions: readonly Condition[]): boolean =>
	conditions.some(condition => condition.of === "sku");

export const queriesOf = (conditions: readonly Condition[], of: Condition["of"]): Query[] =>
	conditions.filter(condition => condition.of === of).map(({ query }) => query);

/** Products that meet all conditions, those of SKUs by one SKU. */
export function meetAll(conditions: readonly Condition[], innerHits?: Query): Query {
	const ofSkus = queriesOf(conditions, "sku");
	const nested = {
		nested: { path: "skus", query: allOf(ofSkus), ...(innerHits && { inner_hits: innerHits }) }
	};
	return allOf([...queriesOf(conditions, "product"), ...(ofSkus.length > 0 ? [nested] : [])]);
}

type Scope = NonNullable<SearchQuery["scope"]>;

/** The goods of a promotion: the union of the lists, less the union of those under `not`. */
const buildScope = ({ not, ...lists }: Scope, names: NameTable): Query => ({
	bool: {
		filter: [buildLists(lists, names)],
		...(not && { must_not: [buildLists(not, names)] })
	}
});

function buildLists(
	{ all, categoryIds = [], brandIds = [], productIds = [], skuIds = [] }: Omit<Scope, "not">,
	names: NameTable
): Query {
	if (all) return { match_all: {} };
	const categories = new Set(categoryIds.flatMap(id => visibleCategories(names, id)));
	return anyOf([
		terms("skus.categoryId", [...categories]),
		terms("skus.brandId", brandIds),
		terms("skus.productId", productIds),
		terms("skus.id", skuIds)
	]);
}
