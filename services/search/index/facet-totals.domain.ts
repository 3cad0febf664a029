import type { Facets } from "../../../schemas/search.contract";
import type { NameTable } from "./catalogue-names.domain";
import type { Filter } from "./filter.domain";
import {
	findPriceStep,
	listAttributes,
	listBrands,
	listCategories,
	PRICE_STEPS,
	toPriceRanges
} from "./list-facets.domain";
import { isOut, ROW, SKU, type ProductTable } from "./product-table.domain";

/** Counts of the products of one category by number. */
type Totals = {
	products: number;
	readonly brands: Map<number, number>;
	readonly prices: Int32Array;
	readonly values: Map<number, number>;
};

/**
 * The facets of each category without further filters, kept up with every change of a product: lists of the whole shop or of a
 * category, which have the most products and are asked for most, need not count them.
 */
export class FacetTotals {
	private readonly byCategory = new Map<number, Totals>();

	/** @param inStock Whether only SKUs count that are not out of stock. */
	constructor(private readonly inStock: boolean) {}

	/** Adds the product (`by` 1), or takes it away (−1) as it was added. */
	count(table: ProductTable, p: number, by: 1 | -1): void {
		const values = new Set<number>();
		const steps = new Set<number>();
		const row = table.rowStart.get(p);
		for (const sku of table.skusOf(row)) {
			if (this.inStock && isOut(table.rows.get(sku + SKU.level))) continue;
			steps.add(findPriceStep(table.rows.get(sku + SKU.price)));
			table.collectValues(sku + SKU.values, table.endOfSku(sku), values);
		}
		if (steps.size === 0) return;
		table.collectValues(row + ROW.values, table.startOfSkus(row), values);
		const totals = this.totalsOf(table.category.get(p));
		totals.products += by;
		addTo(totals.brands, table.brand.get(p), by);
		for (const step of steps) totals.prices[step] = (totals.prices[step] ?? 0) + by;
		for (const value of values) addTo(totals.values, value, by);
	}

	/** Facets of the products in the categories that are asked for; that of the categories counts all visible ones. */
	read(
		{ categories, brands, attributes, attributeOfValue, valueTexts }: ProductTable,
		names: NameTable,
		filter: Pick<Filter, "isVisible" | "isAsked">
	): Facets {
		const all = [...this.byCategory].filter(([category]) => filter.isVisible(category));
		const asked = all.filter(([category]) => filter.isAsked(category)).map(([, totals]) => totals);
		const prices = new Int32Array(PRICE_STEPS.length);
		for (const totals of asked)
			for (const [step, count] of totals.prices.entries()) prices[step] = (prices[step] ?? 0) + count;
		const brandCounts = sum(asked.map(totals => totals.brands));
		brandCounts.delete(0); // no brand
		const isFacet = attributes.texts.map(name => names.facets.has(name));
		const values = [...sum(asked.map(totals => totals.values))].flatMap(([value, count]) => {
			const attribute = attributeOfValue.get(value);
			return isFacet[attribute]
				? [{ attribute: attributes.texts[attribute] ?? "", value: valueTexts[value] ?? "", count }]
				: [];
		});
		return {
			categories: listCategories(
				all
					.filter(([, { products }]) => products > 0)
					.map(([category, { products }]) => [categories.texts[category] ?? "", products] as const),
				names
			),
			brands: listBrands(
				Array.from(brandCounts, ([brand, count]) => [brands.texts[brand] ?? "", count] as const),
				names
			),
			prices: toPriceRanges(prices),
			attributes: listAttributes(values)
		};
	}

	private totalsOf(category: number): Totals {
		const known = this.byCategory.get(category);
		if (known) return known;
		const totals = {
			products: 0,
			brands: new Map(),
			prices: new Int32Array(PRICE_STEPS.length),
			values: new Map()
		};
		this.byCategory.set(category, totals);
		return totals;
	}
}

function addTo(counts: Map<number, number>, key: number, by: number): void {
	const count = (counts.get(key) ?? 0) + by;
	if (count === 0) counts.delete(key);
	else counts.set(key, count);
}

function sum(all: readonly ReadonlyMap<number, number>[]): Map<number, number> {
	const counts = new Map<number, number>();
	for (const each of all) for (const [key, count] of each) addTo(counts, key, count);
	return counts;
}
