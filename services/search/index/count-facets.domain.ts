import type { Facets } from "../../../schemas/search.contract";
import type { NameTable } from "./catalogue-names.domain";
import { FAILS, type Filter } from "./filter.domain";
import { listAttributes, listBrands, listCategories, PRICE_STEPS, toPriceRanges } from "./list-facets.domain";
import type { ProductTable } from "./product-table.domain";

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
	/** Attributes that are facets, by number. */
	private readonly isFacet: Uint8Array;
	/** Of the product under way: some SKU meets all filters; bits of single filters that a SKU fails. */
	private meetsAll = false;
	private failsOnly = 0;

	constructor(
		private readonly table: ProductTable,
		private readonly names: NameTable,
		private readonly filter: Filter
	) {
		this.categories = new Int32Array(table.categories.size);
		this.brands = new Int32Array(table.brands.size);
		this.values = new Int32Array(table.values.size);
		this.countedValue = new Int32Array(table.values.size);
		this.isFacet = Uint8Array.from(table.attributes.texts, name => (names.facets.has(name) ? 1 : 0));
	}

	/** Call for each SKU of a product that fails one filter at most, and `endProduct` after them. */
	addSku(p: number, slot: number, fails: number): void {
		const { table } = this;
		if (fails === 0) this.meetsAll = true;
		else this.failsOnly |= fails;
		if (fails === 0 || fails === FAILS.price) this.addPrice(p, table.price.values[slot] ?? 0);
		if (fails === 0 || fails > FAILS.other)
			this.addValues(
				p,
				table.skuValueStart.values[slot] ?? 0,
				table.skuValueCount.values[slot] ?? 0,
				fails === 0,
				fails
			);
	}

	endProduct(p: number): void {
		const { table, meetsAll, failsOnly } = this;
		const category = table.category.values[p] ?? 0;
		const brand = table.brand.values[p] ?? 0;
		if (meetsAll || failsOnly & FAILS.category)
			this.categories[category] = (this.categories[category] ?? 0) + 1;
		if (meetsAll || failsOnly & FAILS.brand) this.brands[brand] = (this.brands[brand] ?? 0) + 1;
		if (meetsAll || failsOnly > FAILS.other)
			this.addValues(
				p,
				table.valueStart.values[p] ?? 0,
				table.valueCount.values[p] ?? 0,
				meetsAll,
				failsOnly
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
		let i = PRICE_STEPS.length - 1;
		while (i > 0 && (PRICE_STEPS[i] ?? 0) > price) i--;
		if (this.countedPrice[i] === p + 1) return;
		this.countedPrice[i] = p + 1;
		this.prices[i] = (this.prices[i] ?? 0) + 1;
	}

	private addValues(p: number, start: number, count: number, all: boolean, bits: number): void {
		const { table, isFacet, countedValue, values } = this;
		const numbers = table.attributeValues.values;
		for (let i = start; i < start + count; i++) {
			const value = numbers[i] ?? 0;
			const attribute = table.attributeOfValue.values[value] ?? 0;
			if (!isFacet[attribute] || countedValue[value] === p + 1) continue;
			if (!all && !(bits & (this.filter.bitOfAttribute[attribute] ?? 0))) continue;
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
