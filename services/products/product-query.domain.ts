import type { Index, Sort, Where } from "../../mixins/store.mixin";
import type { SearchSorting } from "../../schemas/search.contract";
import type { ProductListing } from "../../schemas/products.contract";
import type { ProductStatus } from "../../schemas/products.views";
import type { OfferScope } from "../../schemas/promotions.contract";
import { extractQueryWords } from "./product-words.domain";
import type { Product } from "./product.domain";
import { attributePair, type Sku } from "./sku.domain";

/** Sort keys end in the id: with a total order, pages neither overlap nor leave products out. */
export const SORTS: Readonly<Record<SearchSorting, Sort>> = {
	default: { _id: -1 },
	relevance: { _id: -1 },
	newest: { _id: -1 },
	price_asc: { lowestPrice: 1, _id: 1 },
	price_desc: { lowestPrice: -1, _id: -1 },
	sales: { sales: -1, _id: -1 },
	rating: { ratingScore: -1, _id: -1 }
};

const indexedSorts: readonly Sort[] = [SORTS.newest, SORTS.price_asc, SORTS.sales, SORTS.rating];
const onShelf = { status: 1, hidden: 1, inStock: 1 } as const;

/** Index per sort for the whole shelf and for one category. Matches of a brand, word or attribute are few enough to sort. */
export const LIST_INDEXES: readonly Index[] = [
	...indexedSorts.map(sort => ({ keys: { ...onShelf, ...sort } })),
	...indexedSorts.map(sort => ({ keys: { ...onShelf, categoryPath: 1 as const, ...sort } })),
	{ keys: { brandId: 1, ...onShelf, _id: -1 } },
	{ keys: { brandId: 1, ...onShelf, lowestPrice: 1, _id: 1 } },
	{ keys: { words: 1, ...onShelf, _id: -1 } },
	{ keys: { pairs: 1, ...onShelf, _id: -1 } },
	{ keys: { categoryPath: 1, _id: -1 } },
	{ keys: { categoryId: 1, name: 1 } },
	{ keys: { tagIds: 1 } },
	{ keys: { shippingRuleId: 1 } },
	{ keys: { status: 1, _id: -1 } }
];

type ScopeLists = Omit<OfferScope, "not">;

type Search = {
	readonly q?: string | undefined;
	readonly categoryId?: string | undefined;
	/** Ids of brands, separated by commas. */
	readonly brandId?: string | undefined;
	readonly status?: ProductStatus | undefined;
};

/** Filter of the shoppers' list, within the scope of a promotion if there is one; null where nothing can match. */
export function buildListFilter(
	{ minPrice, maxPrice, inStock, attr, ...search }: Omit<ProductListing, "promotionId" | "sort" | "facets">,
	scope?: OfferScope
): Where<Product> | null {
	const where = buildSearchFilter({ ...search, status: "on_shelf" });
	return (
		where && {
			...where,
			hidden: false,
			// Filter on `inStock` always, on both values if not asked: the list indexes start with it.
			inStock: inStock === true ? true : { $in: [true, false] },
			...(maxPrice !== undefined && { lowestPrice: { $lte: maxPrice } }),
			...buildSkuFilter({ minPrice, maxPrice, inStock, attr }),
			...(scope && (!scope.all || scope.not) && buildScopeFilter(where, scope))
		}
	);
}

/** Products with a SKU in the scope; those that `not` names by a SKU stay, since their other SKUs may be in it. */
function buildScopeFilter(where: Where<Product>, { not, ...lists }: OfferScope): Where<Product> {
	const { skuIds: _skuIds, ...others } = not ?? {};
	const excluded = not ? matchLists(others) : [];
	return {
		$and: [
			...(where.$and ?? []),
			...(lists.all ? [] : [{ $or: matchLists(lists) }]),
			...(excluded.length ? [{ $nor: excluded }] : [])
		]
	};
}
const matchLists = ({ categoryIds, brandIds, productIds, skuIds }: ScopeLists): Where<Product>[] => [
	...(categoryIds?.length ? [{ categoryPath: { $in: categoryIds } }] : []),
	...(brandIds?.length ? [{ brandId: { $in: brandIds } }] : []),
	...(productIds?.length ? [{ _id: { $in: productIds } }] : []),
	...(skuIds?.length ? [{ "skus.id": { $in: skuIds } }] : [])
];

/** Filter of the staff's list; null where the query holds no word and so nothing can match. */
export function buildSearchFilter({ q, categoryId, brandId, status }: Search): Where<Product> | null {
	const words = q?.trim() ? extractQueryWords(q) : [];
	const [rarest, ...others] = words;
	if (q?.trim() && rarest === undefined) return null;
	return {
		...(status !== undefined && { status }),
		...(categoryId !== undefined && { categoryPath: categoryId }),
		...(brandId !== undefined && { brandId: toBrandFilter(brandId) }),
		...(rarest !== undefined && { words: rarest }),
		...(others.length > 0 && { $and: others.map(word => ({ words: word })) })
	};
}

const toBrandFilter = (ids: string) => (ids.includes(",") ? { $in: ids.split(",") } : ids);

type SkuFilters = Pick<ProductListing, "minPrice" | "maxPrice" | "inStock" | "attr">;

/**
 * Matches products with one SKU that meets the prices, is in stock or not as asked, and has, itself or by its product, some
 * asked value of every asked attribute.
 */
function buildSkuFilter({ minPrice, maxPrice, inStock, attr = {} }: SkuFilters): Where<Product> {
	const attributes = Object.entries(parseAttributes(attr)).map(([name, values]) => ({
		pairs: { $in: values.map(value => attributePair(name, value)) }
	}));
	const ofSku: Where<Sku>[] = [
		...(minPrice !== undefined ? [{ price: { $gte: minPrice } }] : []),
		...(maxPrice !== undefined ? [{ price: { $lte: maxPrice } }] : []),
		...(inStock !== undefined ? [{ level: inStock ? { $ne: "out" as const } : ("out" as const) }] : []),
		...attributes
	];
	const [first] = attributes;
	// An index answers a single one of these conditions.
	const isIndexed = ofSku.length === 1 && minPrice === undefined && inStock !== false;
	return {
		...first,
		...(ofSku.length > 0 && !isIndexed && { skus: { $elemMatch: { $and: ofSku } } })
	};
}

/** Asked values by attribute; attributes without any are left out. */
export function parseAttributes(attr: ProductListing["attr"] = {}): Record<string, readonly string[]> {
	const parsed = Object.entries(attr).map(([name, texts]) => [name, parseValues(texts)] as const);
	return Object.fromEntries(parsed.filter(([, values]) => values.length > 0));
}

/** A single text is a comma-separated list or one value with commas; several texts are one value each. */
function parseValues(texts: readonly string[]): readonly string[] {
	const [text, ...others] = texts;
	if (text === undefined || others.length > 0) return texts;
	return [...new Set([text, ...text.split(",").filter(Boolean)])];
}

/** A place in a list that only the search index can continue, as its cursors begin with an order: `a:1900:12:<id>`. */
export const isIndexCursor = (cursor: string): boolean => /^[a-z]:-?[\d.]+:/.test(cursor);
