import type { Facets } from "../../../schemas/search.contract";
import type { NameTable } from "./catalogue-names.domain";
import { FAILS, type Filter } from "./filter.domain";
import {
	findPriceStep,
	listAttributes,
	listBrands,
	listCategories,
	PRICE_STEPS,
	toPriceRanges
} from "./list-facets.domain";
import { ROW, SKU, type ProductTable } from "./product-table.domain";

/** Bit of a SKU that meets every filter; above those of the filters. */
const MEETS_ALL = 1 << 30;

/**
 * Counts the products of each facet's entries in one pass. A SKU that fails no filter counts in every facet; one that fails
 * a single filter counts in that filter's facet alone, so that siblings of a chosen value can still be chosen.
 */
export class FacetCounter {
	private readonly categories: Int32Array;
	private readonly brands: Int32Array;
	private readonly prices = new Int32Array(PRICE_STEPS.length);
	private readonly values: Int32Array;
	/** The last product, plus one, that was counted for a value or price range: a product counts once. */
	private readonly countedValue: Int32Array;
	private readonly countedPrice = new Int32Array(PRICE_STEPS.length);
	/** By number of an attribute, the bits under which its values count; 0 where it is no facet. */
	private readonly countsUnder: Int32Array;
	private readonly rows: Int32Array;
	private readonly attributeOfValue: Int32Array;
	/** Of the product under way: some SKU meets all filters; bits of single filters that a SKU fails. */
	private meetsAll = false;
	private failsOnly = 0;

	constructor(
		private readonly table: ProductTable,
		private readonly names: NameTable,
		filter: Filter
	) {
		this.categories = new Int32Array(table.categories.size);
		this.brands = new Int32Array(table.brands.size);
		this.values = new Int32Array(table.values.size);
		this.countedValue = new Int32Array(table.values.size);
		this.countsUnder = Int32Array.from(table.attributes.texts, (name, i) =>
			names.facets.has(name) ? MEETS_ALL | (filter.bitOfAttribute[i] ?? 0) : 0
		);
		this.rows = table.rows.values;
		this.attributeOfValue = table.attributeOfValue.values;
	}

	/** Call for each SKU of a product that fails one filter at most, and `endProduct` after them. `sku` is its place in the rows. */
	addSku(p: number, sku: number, fails: number): void {
		const { rows } = this;
		if (fails === 0) this.meetsAll = true;
		else this.failsOnly |= fails;
		if (fails === 0 || fails === FAILS.price) this.addPrice(p, rows[sku + SKU.price] ?? 0);
		if (fails === 0 || fails > FAILS.other)
			this.addValues(p, sku + SKU.values, rows[sku + SKU.valueCount] ?? 0, fails || MEETS_ALL);
	}

	endProduct(p: number, row: number): void {
		const { table, rows, meetsAll, failsOnly } = this;
		if (meetsAll || failsOnly & FAILS.category) {
			const category = table.category.values[p] ?? 0;
			this.categories[category] = (this.categories[category] ?? 0) + 1;
		}
		if (meetsAll || failsOnly & FAILS.brand) {
			const brand = table.brand.values[p] ?? 0;
			this.brands[brand] = (this.brands[brand] ?? 0) + 1;
		}
		if (meetsAll || failsOnly > FAILS.other)
			this.addValues(
				p,
				row + ROW.values,
				rows[row + ROW.valueCount] ?? 0,
				meetsAll ? MEETS_ALL | failsOnly : failsOnly
			);
		this.meetsAll = false;
		this.failsOnly = 0;
	}

	result(): Facets {
		const { categories, brands } = this.table;
		return {
			categories: listCategories(countsByText(this.categories, categories.texts), this.names),
			brands: listBrands(countsByText(this.brands, brands.texts, 1), this.names),
			prices: toPriceRanges(this.prices),
			attributes: listAttributes(this.countedValues())
		};
	}

	private addPrice(p: number, price: number): void {
		const i = findPriceStep(price);
		if (this.countedPrice[i] === p + 1) return;
		this.countedPrice[i] = p + 1;
		this.prices[i] = (this.prices[i] ?? 0) + 1;
	}

	/** @param bits MEETS_ALL counts values of all facets; a bit of a filter those of its own facet. */
	private addValues(p: number, start: number, count: number, bits: number): void {
		const { rows, attributeOfValue, countsUnder, countedValue, values } = this;
		for (let i = start; i < start + count; i++) {
			const value = rows[i] ?? 0;
			if (((countsUnder[attributeOfValue[value] ?? 0] ?? 0) & bits) === 0) continue;
			if (countedValue[value] === p + 1) continue;
			countedValue[value] = p + 1;
			values[value] = (values[value] ?? 0) + 1;
		}
	}

	private *countedValues() {
		const { attributes, attributeOfValue, valueTexts } = this.table;
		for (const [number, count] of this.values.entries())
			if (count > 0) {
				const attribute = attributes.texts[attributeOfValue.get(number)] ?? "";
				yield { attribute, value: valueTexts[number] ?? "", count };
			}
	}
}

/** The counts that are not 0, with their texts. */
function* countsByText(counts: Int32Array, texts: readonly string[], from = 0) {
	for (let number = from; number < texts.length; number++) {
		const count = counts[number] ?? 0;
		if (count > 0) yield [texts[number] ?? "", count] as const;
	}
}
