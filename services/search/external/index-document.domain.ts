import type { SearchEntry } from "../../../schemas/search.contract";
import type { StockLevel } from "../../../schemas/values/stock-level";
import { collectTokens, valuesOf } from "../index/entry-tokens.domain";
import { FIELDS } from "../index/match-text.domain";

/** Changes with the documents below: another version has an index of its own. */
export const DOCUMENT_VERSION = 1;
/** Most SKUs of a product that an answer names. */
export const MAX_SKUS = 300;
/** Pages end where lists do; one entry more tells whether there is another page. */
const MAX_WINDOW = 10_001;

/** Stands between an attribute's name and its value; texts hold no control characters. */
const SEPARATOR = "\u001f";
export const toAttributeTerm = (name: string, value: string): string => `${name}${SEPARATOR}${value}`;
export function parseAttributeTerm(term: string): { readonly attribute: string; readonly value: string } {
	const at = term.indexOf(SEPARATOR);
	return { attribute: term.slice(0, at), value: term.slice(at + 1) };
}

export type TextField = keyof typeof FIELDS;
export const TEXT_FIELDS = Object.keys(FIELDS) as TextField[];

/** The tokens are those of the index in memory, so the engine only cuts them at blanks: there is one analysis for both. */
const tokens = { type: "text", analyzer: "whitespace", norms: false, index_options: "docs" } as const;
const keyword = { type: "keyword" } as const;
const stored = { type: "object", enabled: false } as const;

export const MAPPINGS = {
	dynamic: "strict",
	properties: {
		id: keyword,
		categoryId: keyword,
		brandId: keyword,
		sales: { type: "double" },
		rating: { type: "double" },
		...Object.fromEntries(TEXT_FIELDS.map(field => [field, tokens])),
		/** Tokens of every field. */
		any: tokens,
		/** What suggestions show, and processes read when they start. */
		shown: stored,
		skus: {
			type: "nested",
			properties: {
				id: keyword,
				/** Those of the product, for conditions that hold for one of a SKU and its product. */
				productId: keyword,
				categoryId: keyword,
				brandId: keyword,
				price: { type: "long" },
				inStock: { type: "boolean" },
				/** Attributes of the SKU and of its product. */
				attributes: keyword
			}
		}
	}
} as const;

export const INDEX_SETTINGS = {
	number_of_shards: 1,
	auto_expand_replicas: "0-1",
	refresh_interval: "1s",
	max_result_window: MAX_WINDOW,
	max_inner_result_window: MAX_SKUS
} as const;

/** Stands for a product that is not on the shelf (any more), so that older readings of it are refused as well. */
export const toTombstone = (id: string) => ({ id });
/** Matches products, and no tombstones. */
export const IS_SHOWN = { exists: { field: "categoryId" } } as const;

/** @param levelOf The level of a SKU's stock, where a later one than the entry's is known. */
export function toDocument(entry: SearchEntry, levelOf: (skuId: string) => StockLevel | undefined) {
	const { id, version, categoryId, brandId, sales, rating, attributes, name, skus } = entry;
	const found = [...collectTokens(entry)];
	const textOf = (bit: number) => found.flatMap(([token, fields]) => (fields & bit ? token : [])).join(" ");
	const own = Object.entries(attributes);
	return {
		id,
		categoryId,
		...(brandId !== null && { brandId }),
		sales,
		rating,
		...Object.fromEntries(TEXT_FIELDS.map(field => [field, textOf(FIELDS[field])])),
		any: found.map(([token]) => token).join(" "),
		shown: { version, name, values: [...valuesOf(entry)] },
		skus: skus.map(sku => ({
			id: sku.id,
			productId: id,
			categoryId,
			...(brandId !== null && { brandId }),
			price: sku.price,
			inStock: (levelOf(sku.id) ?? sku.level) !== "out",
			attributes: [
				...new Set(
					[...own, ...Object.entries(sku.attributes)].map(([attribute, value]) =>
						toAttributeTerm(attribute, value)
					)
				)
			]
		}))
	};
}
