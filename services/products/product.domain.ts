import type { ImportedProduct } from "../../schemas/products.imports";
import type { ProductPatch } from "../../schemas/products.inputs";
import type { ProductStatus } from "../../schemas/products.views";
import { fact, type Fact } from "../../schemas/registry";
import type { StockLevel } from "../../schemas/values/stock-level";
import { UNRATED_SCORE } from "./rating.domain";
import { extractWords } from "./product-words.domain";
import {
	attributePair,
	attributePairs,
	createSkus,
	replaceSkus,
	type Attributes,
	type Sku,
	type SkuEdit,
	type SkuSet
} from "./sku.domain";

/** Fields that staff enter, and the product's place in the category tree. */
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
	/** The rule of the freight; absent or null: the default one. */
	readonly shippingRuleId?: string | null;
	readonly skus: readonly Sku[];
};

/** Fields computed from the content so that an index can filter and sort lists; always written together with it. */
type DerivedFields = {
	readonly skus: readonly Sku[];
	readonly lowestPrice: number;
	/** Of the cheapest SKU. */
	readonly marketPrice: number | null;
	readonly inStock: boolean;
	/** Search words of the name and subtitle. */
	readonly words: readonly string[];
	/** Pairs of every attribute of the product and its SKUs, and `name=` to find products that have the attribute at all. */
	readonly pairs: readonly string[];
};

export type Product = Content &
	DerivedFields &
	SkuSet & {
		readonly status: ProductStatus;
		/** Who submitted the product for approval last. */
		readonly submittedBy?: string;
		/** Why staff rejected the product. */
		readonly reason: string | null;
		readonly schedule?: { readonly to: "on_shelf" | "off_shelf"; readonly at: Date };
		/** Version of the content, raised by every edit; clients send it to detect conflicting edits. */
		readonly version: number;
		/** Raised by every write of a field that edits read. An edit decided on an older revision is not stored. */
		readonly revision: number;
		readonly sales: number;
		/** Ids of the latest completed orders that `sales` includes. */
		readonly countedOrders: readonly string[];
		/** Mean of the ratings that shoppers gave; 0 without any. */
		readonly rating: number;
		/** Number of visible reviews; absent in products of earlier versions without any. */
		readonly reviews?: number;
		/** The Bayesian mean by which lists are sorted. */
		readonly ratingScore: number;
		/** Version of the reviews' summary that these are of. */
		readonly ratingVersion?: number;
		readonly createdAt: Date;
		readonly updatedAt: Date;
	};

/** Changes of a product's content. */
export type ProductEdit = Partial<Content> & SkuEdit;

/** Every legal change of status. */
export const TRANSITIONS: Readonly<Record<ProductStatus, readonly ProductStatus[]>> = {
	draft: ["pending"],
	pending: ["approved", "rejected"],
	rejected: ["pending"],
	approved: ["on_shelf"],
	on_shelf: ["off_shelf"],
	off_shelf: ["on_shelf"]
};
/** Statuses from which a product may change to this one. */
export const statusesBefore = (to: ProductStatus): ProductStatus[] =>
	(Object.keys(TRANSITIONS) as ProductStatus[]).filter(from => TRANSITIONS[from].includes(to));

/** The shortest legal way from one status to another, both left out but the last; null where there is none. */
export function findStatusPath(from: ProductStatus, to: ProductStatus): ProductStatus[] | null {
	const paths = new Map<ProductStatus, ProductStatus[]>([[from, []]]);
	for (const [status, path] of paths)
		for (const next of TRANSITIONS[status]) if (!paths.has(next)) paths.set(next, [...path, next]);
	return paths.get(to) ?? null;
}

export function deriveFields({ name, subtitle, attributes, skus }: Content): DerivedFields {
	const cheapest = skus.reduce((least, sku) => (sku.price < least.price ? sku : least));
	const shared = attributePairs(attributes);
	const paired = skus.map(sku => ({
		...sku,
		pairs: [...new Set([...shared, ...attributePairs(sku.attributes)])]
	}));
	const pairs = [...shared, ...paired.flatMap(sku => sku.pairs)];
	const names = [attributes, ...skus.map(sku => sku.attributes)]
		.flatMap(given => Object.keys(given))
		.map(attribute => attributePair(attribute, ""));
	return {
		skus: paired,
		lowestPrice: cheapest.price,
		marketPrice: cheapest.marketPrice,
		inStock: isInStock(skus),
		words: extractWords(name, subtitle ?? ""),
		pairs: [...new Set([...pairs, ...names])]
	};
}

export const isInStock = (skus: readonly Sku[]): boolean => skus.some(sku => sku.level !== "out");

export function createDraft(_id: string, content: Content, now: Date): Product {
	return {
		_id,
		...content,
		...deriveFields(content),
		status: "draft",
		reason: null,
		version: 1,
		revision: 1,
		skuCounter: content.skus.length,
		formerSkus: [],
		sales: 0,
		countedOrders: [],
		rating: 0,
		reviews: 0,
		ratingScore: UNRATED_SCORE,
		createdAt: now,
		updatedAt: now
	};
}

/** A product of the demo catalogue, on the shelf at once. `hidden` says whether its category is hidden from shoppers. */
export function importProduct(
	{ id, sales, rating, skus, ...given }: ImportedProduct,
	hidden: boolean,
	now: Date
): Product {
	const content = {
		...given,
		hidden,
		skus: createSkus(id, skus).map((sku, i) => ({ ...sku, level: skus[i]?.stock ?? "out" }))
	};
	const ratingScore = rating || UNRATED_SCORE;
	return { ...createDraft(id, content, now), status: "on_shelf", sales, rating, ratingScore };
}

/** Fields that a patch leaves out stay; a list of `skus` replaces them all. */
export function patchProduct(product: Product, { skus, ...patch }: ProductPatch): ProductEdit {
	const given: ProductEdit = Object.fromEntries(
		Object.entries(patch).filter(([, value]) => value !== undefined)
	);
	return skus ? { ...given, ...replaceSkus(product, skus) } : given;
}

/** The one write of an edit: its fields with those derived from them, and the facts about it. */
export function applyEdit(
	product: Product,
	edit: ProductEdit,
	now: Date
): { readonly set: Partial<Product>; readonly facts: readonly Fact[] } {
	const content = { ...product, ...edit };
	const version = product.version + 1;
	const pricesBefore = new Map(product.skus.map(sku => [sku.id, sku.price]));
	const priceChanges = content.skus.flatMap(({ id, price }) => {
		const from = pricesBefore.get(id);
		return from === undefined || from === price
			? []
			: [fact("sku.price_changed", { productId: product._id, skuId: id, from, to: price })];
	});
	return {
		set: { ...edit, ...deriveFields(content), version, updatedAt: now },
		facts: [fact("product.changed", { productId: product._id, version }), ...priceChanges]
	};
}

export type StockLevelChange = {
	readonly skuId: string;
	readonly level: StockLevel;
	readonly version: number;
};

/** The fields that a report of the inventory changes; null where it is old, repeated or about a SKU that is gone. */
export function applyStockLevel(
	{ skus }: Product,
	{ skuId, level, version }: StockLevelChange
): Pick<Product, "skus" | "inStock"> | null {
	const known = skus.find(({ id }) => id === skuId);
	if (!known || known.levelVersion >= version) return null;
	// The next version with the level that is stored, as after an import with stock, changes nothing: spare the write.
	if (known.level === level && known.levelVersion + 1 === version) return null;
	const next = skus.map(sku => (sku === known ? { ...sku, level, levelVersion: version } : sku));
	return { skus: next, inStock: isInStock(next) };
}
