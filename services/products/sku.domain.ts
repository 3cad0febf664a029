import { invalid, notFound, Refusal } from "../../schemas/errors/errors";
import type { NewSku, SkuPatch } from "../../schemas/products.inputs";
import type { StockLevel } from "../../schemas/values/stock-level";
import { fold } from "../../schemas/values/text";

export const MAX_SKUS = 100;
/** Only this many removed SKUs of a product can still be named by carts and orders. */
const MAX_FORMER_SKUS = 100;

/** Attribute values by attribute name. */
export type Attributes = Readonly<Record<string, string>>;

export type Sku = {
	/** `<productId>-<n>`. */
	readonly id: string;
	readonly code: string;
	/** The code folded; unique among all products. */
	readonly codeKey: string;
	readonly name: string | null;
	readonly price: number;
	readonly marketPrice: number | null;
	readonly image: string | null;
	readonly attributes: Attributes;
	/** Units that one user may buy; absent or null: no limit. */
	readonly limitPerUser?: number | null;
	/** Grams of one unit; absent or null where nobody weighed it. */
	readonly weight?: number | null;
	/** Stock level in the latest `stock.level_changed`, and the version of that fact. */
	readonly level: StockLevel;
	readonly levelVersion: number;
	/** Attribute pairs of the SKU and of its product, so that a filter by several attributes matches on one SKU. */
	readonly pairs: readonly string[];
};

/** The SKUs of one product. */
export type SkuSet = {
	readonly _id: string;
	readonly skus: readonly Sku[];
	/** Number of the newest SKU that the product ever had: no number is given twice. */
	readonly skuCounter: number;
	/** Removed SKUs, kept so that carts and orders can still name them. */
	readonly formerSkus: readonly Sku[];
};

/** Changes of a SKU set. */
export type SkuEdit = Partial<Omit<SkuSet, "_id">>;

export const buildSkuId = (productId: string, n: number): string => `${productId}-${n}`;
/** SKU ids contain the product's id, so that a product is found by a SKU without an index. */
export const productIdOf = (skuId: string): string => skuId.slice(0, Math.max(0, skuId.lastIndexOf("-")));

/** `name=value`, with each `=` of the name escaped, so that no two attributes have the same pair. */
export const attributePair = (name: string, value: string): string =>
	`${name.replace(/[\\=]/g, "\\$&")}=${value}`;
export const attributePairs = (attributes: Attributes): string[] =>
	Object.entries(attributes).map(([name, value]) => attributePair(name, value));

/** A new SKU is out of stock until the inventory reports otherwise. */
const createSku = (productId: string, n: number, given: NewSku): Sku => ({
	id: buildSkuId(productId, n),
	code: given.code,
	codeKey: fold(given.code),
	name: given.name ?? null,
	price: given.price,
	marketPrice: given.marketPrice ?? null,
	image: given.image ?? null,
	attributes: given.attributes,
	limitPerUser: given.limitPerUser ?? null,
	weight: given.weight ?? null,
	level: "out",
	levelVersion: 0,
	pairs: []
});

/** SKUs of a new product, numbered from 1. */
export const createSkus = (productId: string, given: readonly NewSku[]): Sku[] =>
	refuseDuplicates(given.map((sku, i) => createSku(productId, i + 1, sku)));

/** Refuses with NOT_FOUND. */
export function requireSku({ skus }: SkuSet, id: string): Sku {
	const sku = skus.find(candidate => candidate.id === id);
	if (!sku) throw notFound("sku", id);
	return sku;
}

/** Replaces the whole set: a SKU with a known code keeps its id and stock, a SKU that is not in the list is removed. */
export function replaceSkus(product: SkuSet, given: readonly NewSku[]): SkuEdit {
	let skuCounter = product.skuCounter;
	const skus = given.map(sku => {
		const known =
			product.skus.find(({ code }) => code === sku.code) ??
			product.skus.find(({ codeKey }) => codeKey === fold(sku.code));
		if (!known) return createSku(product._id, ++skuCounter, sku);
		const { id, codeKey, level, levelVersion } = known;
		return { ...createSku(product._id, 0, sku), id, codeKey, level, levelVersion };
	});
	const removed = product.skus.filter(({ id }) => !skus.some(sku => sku.id === id));
	return {
		skus: refuseDuplicates(skus, product.skus),
		skuCounter,
		formerSkus: addFormerSkus(product, removed)
	};
}

export function addSku(product: SkuSet, given: NewSku): SkuEdit {
	const skuCounter = product.skuCounter + 1;
	const added = createSku(product._id, skuCounter, given);
	const skus = refuseDuplicates([...product.skus, added], product.skus);
	if (skus.length > MAX_SKUS) throw invalid("code", "skusMax", MAX_SKUS);
	return { skus, skuCounter };
}

export function patchSku(product: SkuSet, id: string, patch: SkuPatch): SkuEdit {
	const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
	const old = requireSku(product, id);
	const recoded = patch.code !== undefined && patch.code !== old.code && { codeKey: fold(patch.code) };
	const skus = product.skus.map(sku => (sku === old ? { ...sku, ...given, ...recoded } : sku));
	return { skus: refuseDuplicates(skus, product.skus) };
}

export function removeSku(product: SkuSet, id: string): SkuEdit {
	const removed = requireSku(product, id);
	const skus = product.skus.filter(sku => sku !== removed);
	if (skus.length === 0) throw new Refusal("LAST_ONE", "A product keeps its last SKU", { what: "sku", id });
	return { skus, formerSkus: addFormerSkus(product, [removed]) };
}

const addFormerSkus = ({ formerSkus }: SkuSet, removed: readonly Sku[]): Sku[] =>
	[...formerSkus, ...removed].slice(-MAX_FORMER_SKUS);

/**
 * Refuses two SKUs of one product with the same code, since the unique index compares products only, and two with the same
 * attributes, since no buyer could choose between them. Existing duplicates of attributes are tolerated unless the edit
 * touches one of them.
 */
function refuseDuplicates(skus: Sku[], before: readonly Sku[] = []): Sku[] {
	const duplicate = skus.find(({ codeKey }, i) => skus.findIndex(other => other.codeKey === codeKey) !== i);
	if (duplicate) throw duplicateCode(duplicate.code);
	const keysBefore = new Map(before.map(sku => [sku.id, attributesKey(sku)]));
	for (const [key, twins] of Map.groupBy(skus, attributesKey))
		if (twins.length > 1 && twins.some(({ id }) => keysBefore.get(id) !== key))
			throw duplicateAttributes(twins);
	return skus;
}

/** Equal for attributes that look the same to a buyer, in whatever order they were given. */
const attributesKey = ({ attributes }: Sku): string =>
	JSON.stringify(
		Object.entries(attributes)
			.map(([name, value]) => JSON.stringify([fold(name), fold(value)]))
			.toSorted()
	);

const duplicateAttributes = (twins: readonly Sku[]): Refusal =>
	new Refusal("DUPLICATE", "SKUs of one product have the same attributes", {
		field: "attributes",
		codes: twins.map(({ code }) => code)
	});

/** The refusal of a SKU code that is in use; `code` is left out where the database found it and doesn't tell which. */
export const duplicateCode = (code?: string): Refusal =>
	new Refusal("DUPLICATE", "Another SKU has this code", {
		field: "code",
		...(code !== undefined && { code })
	});
