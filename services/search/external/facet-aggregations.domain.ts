import type { Facets } from "../../../schemas/search.contract";
import type { NameTable } from "../index/catalogue-names.domain";
import {
	listAttributes,
	listBrands,
	listCategories,
	PRICE_STEPS,
	toPriceRanges
} from "../index/list-facets.domain";
import { meetAll, queriesOf, allOf, type Condition, type Query } from "./filter-query.domain";
import { parseAttributeTerm, toAttributeTerm } from "./index-document.domain";

/** Most different categories, brands and attribute values that are counted. */
const MAX_COUNTED = 10_000;

const PRODUCTS = { products: { reverse_nested: {} } };

/**
 * Counts products by category, brand, price and attribute, each with every filter but its own. The query itself must not be
 * narrowed by the filters, which belong into its `post_filter`.
 */
export function buildFacetAggregations(
	conditions: readonly Condition[],
	{ facets }: NameTable
): Record<string, Query> {
	const without = (facet: Condition["facet"]) => conditions.filter(condition => condition.facet !== facet);
	const asked = conditions.flatMap(({ facet }) =>
		typeof facet === "object" && facet !== null && facets.has(facet.attribute) ? [facet] : []
	);
	const others = [...facets].filter(name => !asked.some(({ attribute }) => attribute === name));
	return {
		categories: countTerms("categoryId", without("categories")),
		brands: countTerms("brandId", without("brands")),
		prices: countSkus(without("prices"), {
			range: {
				field: "skus.price",
				ranges: PRICE_STEPS.map((from, i) => ({
					from,
					...(PRICE_STEPS[i + 1] && { to: PRICE_STEPS[i + 1] })
				}))
			},
			aggs: PRODUCTS
		}),
		...(others.length > 0 && { attributes: countSkus(conditions, countValues(others)) }),
		...Object.fromEntries(
			asked.map((facet, i) => [
				`attribute${i}`,
				countSkus(without(facet), countValues([facet.attribute]))
			])
		)
	};
}

const countTerms = (field: string, conditions: readonly Condition[]): Query => ({
	filter: meetAll(conditions),
	aggs: { counts: { terms: { field, size: MAX_COUNTED } } }
});

/** Counts the SKUs that meet the conditions, of products that meet them. */
const countSkus = (conditions: readonly Condition[], counts: Query): Query => ({
	filter: allOf(queriesOf(conditions, "product")),
	aggs: {
		skus: {
			nested: { path: "skus" },
			aggs: { matching: { filter: allOf(queriesOf(conditions, "sku")), aggs: { counts } } }
		}
	}
});

const countValues = (attributes: readonly string[]): Query => ({
	terms: {
		field: "skus.attributes",
		size: MAX_COUNTED,
		include: attributes.map(name => `${escapeRegex(toAttributeTerm(name, ""))}.*`).join("|"),
		order: [{ products: "desc" }, { _key: "asc" }]
	},
	aggs: PRODUCTS
});

/** Escapes what Lucene's regular expressions give a meaning. */
const escapeRegex = (text: string): string => text.replace(/[.?+*|(){}[\]\\"#@&<>~^$-]/g, "\\$&");

type Bucket = {
	readonly key: string | number;
	readonly from?: number;
	readonly doc_count: number;
	readonly products?: { readonly doc_count: number };
};
type Counts = { readonly counts: { readonly buckets: readonly Bucket[] } };
type Counted = Counts | { readonly skus: { readonly matching: Counts } };
export type FacetAnswers = Readonly<Record<string, Counted>>;

const bucketsOf = (counted: Counted | undefined): readonly Bucket[] =>
	!counted ? [] : "skus" in counted ? counted.skus.matching.counts.buckets : counted.counts.buckets;

export function readFacets(answers: FacetAnswers, names: NameTable): Facets {
	const counts = (name: string) =>
		bucketsOf(answers[name]).map(({ key, doc_count }) => [String(key), doc_count] as const);
	const prices = bucketsOf(answers["prices"]).map(bucket => bucket.products?.doc_count ?? 0);
	const values = Object.keys(answers)
		.filter(name => name.startsWith("attribute"))
		.flatMap(name => bucketsOf(answers[name]))
		.map(({ key, products }) => ({
			...parseAttributeTerm(String(key)),
			count: products?.doc_count ?? 0
		}));
	return {
		categories: listCategories(counts("categories"), names),
		brands: listBrands(counts("brands"), names),
		prices: toPriceRanges(prices),
		attributes: listAttributes(values)
	};
}
