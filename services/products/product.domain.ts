import type { ProductStatus } from "../../schemas/products.contract";
import type { StockLevel } from "../../schemas/stock-level";
import { wordsOf } from "./product-words.domain";

export type Attributes = Readonly<Record<string, string>>;
export type Sku = {
	/** `<productId>-<n>`. */
	readonly id: string;
	readonly code: string;
	/** The code folded; unique. */
	readonly codeKey: string;
	readonly name: string | null;
	readonly price: number;
	readonly marketPrice: number | null;
	readonly image: string | null;
	readonly attributes: Attributes;
	/** How many one user may have; absent: no limit. */
	readonly limitPerUser?: number | null;
	/** As last heard from the inventory. */
	readonly level: StockLevel;
	readonly levelVersion: number;
	/** `name=value` of its own attributes and the product's: what a filter by several attributes must find together. */
	readonly pairs: readonly string[];
};

/** What staff enter. */
export type Content = {
	readonly name: string;
	readonly subtitle: string | null;
	readonly description: string | null;
	readonly images: readonly string[];
	readonly attributes: Attributes;
	readonly tagIds: readonly string[];
	readonly categoryId: string;
	/** The category, then those above it. */
	readonly categoryPath: readonly string[];
	/** The category, or one above it, is hidden from shoppers: the product is for sale by its link, but in no list. */
	readonly hidden: boolean;
	readonly brandId: string | null;
	readonly skus: readonly Sku[];
};

/** What follows from the content, kept so that lists are found and sorted by an index; written with it, never apart. */
type Derived = {
	readonly skus: readonly Sku[];
	readonly lowestPrice: number;
	/** Of the cheapest SKU. */
	readonly marketPrice: number | null;
	readonly inStock: boolean;
	readonly words: readonly string[];
	/** `name=value` of every attribute of the product and its SKUs, and `name=` to find who has it at all. */
	readonly pairs: readonly string[];
};

export type Product = Content &
	Derived & {
		readonly _id: string;
		readonly status: ProductStatus;
		readonly reason: string | null;
		readonly schedule?: { readonly to: "on_shelf" | "off_shelf"; readonly at: Date };
		/** Of the content; grows with every edit. */
		readonly version: number;
		/** Grows with every write that others compute from: what was computed from an older one is not stored. */
		readonly revision: number;
		/** How many SKUs there ever were: numbers do not come again. */
		readonly skuCounter: number;
		/** Taken out, kept so that carts and orders can still name them. */
		readonly formerSkus: readonly Sku[];
		readonly sales: number;
		/** The latest completed orders that `sales` counts. */
		readonly countedOrders: readonly string[];
		readonly rating: number;
		readonly createdAt: Date;
		readonly updatedAt: Date;
	};

/** Every legal step; whatever is not here is refused. */
export const NEXT: Readonly<Record<ProductStatus, readonly ProductStatus[]>> = {
	draft: ["pending"],
	pending: ["approved", "rejected"],
	rejected: ["pending"],
	approved: ["on_shelf"],
	on_shelf: ["off_shelf"],
	off_shelf: ["on_shelf"]
};
export const before = (to: ProductStatus): ProductStatus[] =>
	(Object.keys(NEXT) as ProductStatus[]).filter(from => NEXT[from].includes(to));

export function derive({ name, subtitle, attributes, skus }: Content): Derived {
	const cheapest = skus.reduce((least, sku) => (sku.price < least.price ? sku : least));
	const shared = pairsOf(attributes);
	const paired = skus.map(sku => ({
		...sku,
		pairs: [...new Set([...shared, ...pairsOf(sku.attributes)])]
	}));
	const pairs = [...shared, ...paired.flatMap(sku => sku.pairs)];
	const names = [attributes, ...skus.map(sku => sku.attributes)]
		.flatMap(given => Object.keys(given))
		.map(name => pairOf(name, ""));
	return {
		skus: paired,
		lowestPrice: cheapest.price,
		marketPrice: cheapest.marketPrice,
		inStock: skus.some(sku => sku.level !== "out"),
		words: wordsOf(name, subtitle ?? ""),
		pairs: [...new Set([...pairs, ...names])]
	};
}

/** `name=value`, with each `=` of the name escaped, so that no two attributes have the same pair. */
export const pairOf = (name: string, value: string): string => `${name.replace(/[\\=]/g, "\\$&")}=${value}`;
const pairsOf = (attributes: Attributes): string[] =>
	Object.entries(attributes).map(([name, value]) => pairOf(name, value));

export const skuId = (productId: string, n: number): string => `${productId}-${n}`;
/** A SKU names its product, so that it is found without an index. */
export const productOf = (skuId: string): string => skuId.slice(0, Math.max(0, skuId.lastIndexOf("-")));

export function created(_id: string, content: Content, now: Date): Product {
	return {
		_id,
		...content,
		...derive(content),
		status: "draft",
		reason: null,
		version: 1,
		revision: 1,
		skuCounter: content.skus.length,
		formerSkus: [],
		sales: 0,
		countedOrders: [],
		rating: 0,
		createdAt: now,
		updatedAt: now
	};
}
