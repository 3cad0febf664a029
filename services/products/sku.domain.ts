import { invalid, Refusal } from "../../schemas/errors";
import type { NewSku, ProductPatch, SkuPatch } from "../../schemas/products.contract";
import { fact, type Fact } from "../../schemas/registry";
import { fold } from "../../schemas/text";
import { derive, skuId, type Content, type Product, type Sku } from "./product.domain";

export const MAX_SKUS = 100;
/** So many that were taken out can still be named. */
const KEPT = 100;

/** What an edit changes of a product's content. */
export type Edit = Partial<Content> & Partial<Pick<Product, "skuCounter" | "formerSkus">>;

/** A fresh SKU has no stock. */
export const newSku = (productId: string, n: number, given: NewSku): Sku => ({
	id: skuId(productId, n),
	code: given.code,
	codeKey: fold(given.code),
	name: given.name ?? null,
	price: given.price,
	marketPrice: given.marketPrice ?? null,
	image: given.image ?? null,
	attributes: given.attributes,
	limitPerUser: given.limitPerUser ?? null,
	level: "out",
	levelVersion: 0,
	pairs: []
});

export function newSkus(productId: string, given: readonly NewSku[]): Sku[] {
	return distinct(given.map((sku, i) => newSku(productId, i + 1, sku)));
}

/** `skus` stand for all of them: one whose code is known keeps its id and stock, one that is missing is taken out. */
export function patched(product: Product, { skus: given, ...patch }: ProductPatch): Edit {
	const edit: Edit = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
	if (!given) return edit;
	let counter = product.skuCounter;
	const skus = given.map(sku => {
		const known =
			product.skus.find(({ code }) => code === sku.code) ??
			product.skus.find(({ codeKey }) => codeKey === fold(sku.code));
		if (!known) return newSku(product._id, ++counter, sku);
		const { id, codeKey, level, levelVersion } = known;
		return { ...newSku(product._id, 0, sku), id, codeKey, level, levelVersion };
	});
	const gone = product.skus.filter(({ id }) => !skus.some(sku => sku.id === id));
	return {
		...edit,
		skus: distinct(skus, product.skus),
		skuCounter: counter,
		formerSkus: former(product, gone)
	};
}

export function withSku(product: Product, given: NewSku): Edit {
	const skuCounter = product.skuCounter + 1;
	const skus = distinct([...product.skus, newSku(product._id, skuCounter, given)], product.skus);
	if (skus.length > MAX_SKUS) throw invalid("code", "skusMax", MAX_SKUS);
	return { skus, skuCounter };
}

export function withSkuPatched(product: Product, id: string, patch: SkuPatch): Edit {
	const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
	const old = skuOf(product, id);
	const recoded = patch.code !== undefined && patch.code !== old.code && { codeKey: fold(patch.code) };
	const skus = product.skus.map(sku => (sku === old ? { ...sku, ...given, ...recoded } : sku));
	return { skus: distinct(skus, product.skus) };
}

export function withoutSku(product: Product, id: string): Edit {
	const gone = skuOf(product, id);
	const skus = product.skus.filter(sku => sku !== gone);
	if (skus.length === 0) throw new Refusal("INVALID_STATE", "A product keeps its last SKU", { skuId: id });
	return { skus, formerSkus: former(product, [gone]) };
}

export function skuOf(product: Product, id: string): Sku {
	const sku = product.skus.find(s => s.id === id);
	if (!sku) throw new Refusal("NOT_FOUND", "No such SKU", { skuId: id });
	return sku;
}

/** The one write of an edit: the content, all that follows from it, and what others hear of it. */
export function editing(product: Product, edit: Edit, now: Date): { set: Partial<Product>; facts: Fact[] } {
	const content = { ...product, ...edit };
	const version = product.version + 1;
	const prices = new Map(product.skus.map(sku => [sku.id, sku.price]));
	const changes = content.skus.flatMap(({ id, price }) => {
		const from = prices.get(id);
		return from === undefined || from === price
			? []
			: [{ productId: product._id, skuId: id, from, to: price }];
	});
	return {
		set: { ...edit, ...derive(content), version, updatedAt: now },
		facts: [
			fact("product.changed", { productId: product._id, version }),
			...changes.map(change => fact("sku.price_changed", change))
		]
	};
}

/**
 * Refuses a code twice in one product, since the unique index holds between products only, and two SKUs with the same
 * attributes, between which no buyer could choose. Twins that the edit finds there and leaves alone don't stop it.
 */
function distinct(skus: Sku[], before: readonly Sku[] = []): Sku[] {
	const twice = skus.find(({ codeKey }, i) => skus.findIndex(other => other.codeKey === codeKey) !== i);
	if (twice) throw duplicateCode(twice.code);
	const keys = new Map(before.map(sku => [sku.id, attributesKey(sku)]));
	for (const [key, twins] of Map.groupBy(skus, attributesKey))
		if (twins.length > 1 && twins.some(({ id }) => keys.get(id) !== key))
			throw duplicateAttributes(twins);
	return skus;
}

/** The same for attributes that a buyer takes for the same, in whatever order they were given. */
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

export const duplicateCode = (code?: string): Refusal =>
	new Refusal("DUPLICATE", "Another SKU has this code", {
		field: "code",
		...(code !== undefined && { code })
	});

const former = (product: Product, gone: readonly Sku[]): Sku[] =>
	[...product.formerSkus, ...gone].slice(-KEPT);
