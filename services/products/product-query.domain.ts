import type { Index, Sort, Where } from "../../mixins/store.mixin";
import type { ProductListing, ProductSorting, ProductStatus } from "../../schemas/products.contract";
import { pairOf, type Product } from "./product.domain";
import { wordsAsked } from "./product-words.domain";

/** Each ends in the id, so that pages neither overlap nor leave out. */
export const SORTS: Readonly<Record<ProductSorting, Sort>> = {
	default: { _id: -1 },
	newest: { _id: -1 },
	price_asc: { lowestPrice: 1, _id: 1 },
	price_desc: { lowestPrice: -1, _id: -1 },
	sales: { sales: -1, _id: -1 },
	rating: { rating: -1, _id: -1 }
};

const orders: readonly Sort[] = [SORTS.newest, SORTS.price_asc, SORTS.sales, SORTS.rating];
const onShelf = { status: 1, hidden: 1, inStock: 1 } as const;

/** The shelf in every order, whole and by category; by brand, word and attribute the few that match are sorted. */
export const LIST_INDEXES: readonly Index[] = [
	...orders.map(order => ({ keys: { ...onShelf, ...order } })),
	...orders.map(order => ({ keys: { ...onShelf, categoryPath: 1 as const, ...order } })),
	{ keys: { brandId: 1, ...onShelf, _id: -1 } },
	{ keys: { brandId: 1, ...onShelf, lowestPrice: 1, _id: 1 } },
	{ keys: { words: 1, ...onShelf, _id: -1 } },
	{ keys: { pairs: 1, ...onShelf, _id: -1 } },
	{ keys: { categoryPath: 1, _id: -1 } },
	{ keys: { categoryId: 1 } },
	{ keys: { tagIds: 1 } },
	{ keys: { status: 1, _id: -1 } }
];

type Search = {
	readonly q?: string | undefined;
	readonly categoryId?: string | undefined;
	readonly brandId?: string | undefined;
	readonly status?: ProductStatus | undefined;
};

/** Undefined where nothing can match. */
export function listed({
	minPrice,
	maxPrice,
	inStock,
	attr,
	...search
}: ProductListing): Where<Product> | undefined {
	const where = searched({ ...search, status: "on_shelf" });
	const price = {
		...(minPrice !== undefined && { $gte: minPrice }),
		...(maxPrice !== undefined && { $lte: maxPrice })
	};
	return (
		where && {
			...where,
			hidden: false,
			// Both asked for by name: the indexes lead with it.
			inStock: inStock === undefined ? { $in: [true, false] } : inStock,
			...(Object.keys(price).length > 0 && { lowestPrice: price }),
			...withAttributes(attr)
		}
	);
}

export function searched({ q, categoryId, brandId, status }: Search): Where<Product> | undefined {
	const words = q?.trim() ? wordsAsked(q) : [];
	const [rarest, ...others] = words;
	if (q?.trim() && rarest === undefined) return undefined;
	return {
		...(status !== undefined && { status }),
		...(categoryId !== undefined && { categoryPath: categoryId }),
		...(brandId !== undefined && { brandId }),
		...(rarest !== undefined && { words: rarest }),
		...(others.length > 0 && { $and: others.map(word => ({ words: word })) })
	};
}

/** Any of an attribute's values, of every attribute asked for, on one and the same SKU or on the product as a whole. */
function withAttributes(attr: ProductListing["attr"] = {}): Where<Product> {
	const asked = Object.entries(attr).map(([name, texts]) => ({ name, values: valuesAsked(texts) }));
	const [first, ...others] = asked.filter(({ values }) => values.length > 0);
	if (!first) return {};
	const pairs = (a: typeof first) => ({ $in: a.values.map(value => pairOf(a.name, value)) });
	if (others.length === 0) return { pairs: pairs(first) };
	return {
		pairs: pairs(first),
		skus: { $elemMatch: { $and: [first, ...others].map(a => ({ pairs: pairs(a) })) } }
	};
}

/** One text stands for the values that it parts by commas, or for itself; of several, each stands for itself. */
function valuesAsked(texts: readonly string[]): readonly string[] {
	const [text, ...others] = texts;
	if (text === undefined || others.length > 0) return texts;
	return [...new Set([text, ...text.split(",").filter(Boolean)])];
}
