import type { Index, Sort, Where } from "../../mixins/store.mixin";
import type { ProductListing, ProductSorting, ProductStatus } from "../../schemas/products.contract";
import type { OfferScope } from "../../schemas/promotions.contract";
import { extractQueryWords } from "./product-words.domain";
import type { Product } from "./product.domain";
import { attributePair } from "./sku.domain";

/** Sort keys end in the id: with a total order, pages neither overlap nor leave products out. */
export const SORTS: Readonly<Record<ProductSorting, Sort>> = {
	default: { _id: -1 },
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
	{ keys: { categoryId: 1 } },
	{ keys: { tagIds: 1 } },
	{ keys: { status: 1, _id: -1 } }
];

type ScopeLists = Omit<OfferScope, "not">;

type Search = {
	readonly q?: string | undefined;
	readonly categoryId?: string | undefined;
	readonly brandId?: string | undefined;
	readonly status?: ProductStatus | undefined;
};

/** Filter of the shoppers' list, within the scope of a promotion if there is one; null where nothing can match. */
export function buildListFilter(
	{ minPrice, maxPrice, inStock, attr, ...search }: Omit<ProductListing, "promotionId" | "sort">,
	scope?: OfferScope
): Where<Product> | null {
	const where = buildSearchFilter({ ...search, status: "on_shelf" });
	const price = {
		...(minPrice !== undefined && { $gte: minPrice }),
		...(maxPrice !== undefined && { $lte: maxPrice })
	};
	return (
		where && {
			...where,
			hidden: false,
			// Filter on `inStock` always, on both values if not asked: the list indexes start with it.
			inStock: inStock === undefined ? { $in: [true, false] } : inStock,
			...(Object.keys(price).length > 0 && { lowestPrice: price }),
			...buildAttributeFilter(attr),
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
		...(brandId !== undefined && { brandId }),
		...(rarest !== undefined && { words: rarest }),
		...(others.length > 0 && { $and: others.map(word => ({ words: word })) })
	};
}

/** Matches products with one SKU that has, itself or by its product, some asked value of every asked attribute. */
function buildAttributeFilter(attr: ProductListing["attr"] = {}): Where<Product> {
	const asked = Object.entries(attr).map(([name, texts]) => ({ name, values: parseValues(texts) }));
	const [first, ...others] = asked.filter(({ values }) => values.length > 0);
	if (!first) return {};
	const pairs = (a: typeof first) => ({ $in: a.values.map(value => attributePair(a.name, value)) });
	if (others.length === 0) return { pairs: pairs(first) };
	return {
		pairs: pairs(first),
		skus: { $elemMatch: { $and: [first, ...others].map(a => ({ pairs: pairs(a) })) } }
	};
}

/** A single text is a comma-separated list or one value with commas; several texts are one value each. */
function parseValues(texts: readonly string[]): readonly string[] {
	const [text, ...others] = texts;
	if (text === undefined || others.length > 0) return texts;
	return [...new Set([text, ...text.split(",").filter(Boolean)])];
}
