import type { Facets } from "../../../schemas/search.contract";
import type { NameTable } from "./catalogue-names.domain";
import { FAILS, type Filter } from "./filter.domain";
import type { ProductTable } from "./product-table.domain";

/** Lower ends of the price ranges, in fen; the last range is open. */
const PRICE_STEPS = [0, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000].map(yuan => yuan * 100);
/** Most entries of a facet; the largest ones are shown. */
const MAX_ENTRIES = 500;

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
		return {
			categories: this.listCategories(),
			brands: this.listBrands(),
			prices: PRICE_STEPS.flatMap((from, i) => {
				const count = this.prices[i] ?? 0;
				return count ? [{ from, to: PRICE_STEPS[i + 1] ?? null, count }] : [];
			}),
			attributes: this.listAttributes()
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

	/** A category shows as many products as a list of it would have, so those below it count as well. */
	private listCategories(): Facets["categories"] {
		const counts = new Map<string, number>();
		for (const [number, count] of this.categories.entries()) {
			if (count === 0) continue;
			const category = this.names.categories.get(this.table.categories.texts[number] ?? "");
			for (const id of category?.path ?? []) counts.set(id, (counts.get(id) ?? 0) + count);
		}
		return largest(
			[...counts].map(([id, count]) => ({ id, name: this.names.categories.get(id)?.name ?? id, count }))
		);
	}

	private listBrands(): Facets["brands"] {
		const { texts } = this.table.brands;
		const found: { id: string; name: string; count: number }[] = [];
		for (let number = 1; number < texts.length; number++) {
			const count = this.brands[number] ?? 0;
			const id = texts[number] ?? "";
			if (count) found.push({ id, name: this.names.brands.get(id)?.name ?? id, count });
		}
		return largest(found);
	}

	private listAttributes(): Facets["attributes"] {
		const found = new Map<number, { name: string; count: number }[]>();
		for (let value = 0; value < this.values.length; value++) {
			const count = this.values[value] ?? 0;
			if (count === 0) continue;
			const attribute = this.table.attributeOfValue.get(value);
			const entry = { name: this.table.valueTexts[value] ?? "", count };
			const entries = found.get(attribute);
			if (entries) entries.push(entry);
			else found.set(attribute, [entry]);
		}
		return [...found]
			.map(([attribute, entries]) => ({
				name: this.table.attributes.texts[attribute] ?? "",
				values: largest(entries).map(({ name: value, count }) => ({ value, count }))
			}))
			.sort((a, b) => compareTexts(a.name, b.name));
	}
}

const compareTexts = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The largest entries first, those of one size by their names. */
const largest = <E extends { readonly name: string; readonly count: number }>(entries: E[]): E[] =>
	entries.sort((a, b) => b.count - a.count || compareTexts(a.name, b.name)).slice(0, MAX_ENTRIES);
