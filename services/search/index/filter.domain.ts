import type { SearchQuery } from "../../../schemas/search.contract";
import type { NameTable } from "./catalogue-names.domain";
import type { FacetTotals } from "./facet-totals.domain";
import { isOut, ROW, SKU, type ProductTable } from "./product-table.domain";

/** Bits of the filters that a SKU fails. Attributes have the bits from FIRST_ATTRIBUTE on. */
export const FAILS = { category: 1, brand: 2, price: 4, other: 8 } as const;
const FIRST_ATTRIBUTE_BIT = 4;

/** The filters of a query, compiled for one table. Valid as long as the table is not changed. */
export class Filter {
	/** Bits of all attributes that are asked for. */
	readonly attributeBits: number;
	/** The bit of the asked attribute by attribute number; 0 where it is not asked. */
	readonly bitOfAttribute: Int32Array;
	/** Whether SKUs of one product may differ in what the filters say about them. */
	readonly tellsSkusApart: boolean;
	/** The bit of its attribute by value that is asked for. */
	private readonly bitOfValue: Int32Array;
	private readonly categories: Uint8Array | null;
	private readonly visible: Uint8Array;
	private readonly brands: Uint8Array | null;
	private readonly inStock: boolean | undefined;
	private readonly minPrice: number;
	private readonly maxPrice: number;
	private readonly inScope: ((p: number, slot: number) => boolean) | null;
	private readonly rows: Int32Array;
	private readonly categoryOf: Int32Array;
	private readonly brandOf: Int32Array;

	constructor(
		private readonly table: ProductTable,
		names: NameTable,
		query: SearchQuery
	) {
		const { categoryId, brandIds, minPrice, maxPrice, attributes = {}, scope } = query;
		const idsOfCategories = table.categories.texts;
		this.rows = table.rows.values;
		this.categoryOf = table.category.values;
		this.brandOf = table.brand.values;
		this.visible = Uint8Array.from(idsOfCategories, id => (names.categories.has(id) ? 1 : 0));
		this.categories =
			categoryId === undefined
				? null
				: Uint8Array.from(idsOfCategories, id =>
						names.categories.get(id)?.path.includes(categoryId) ? 1 : 0
					);
		this.brands = brandIds
			? flagsOf(
					table.brands.size,
					brandIds.map(id => table.brands.find(id))
				)
			: null;
		this.inStock = query.inStock;
		this.minPrice = minPrice ?? 0;
		this.maxPrice = maxPrice ?? Infinity;
		this.bitOfValue = new Int32Array(table.values.size);
		this.bitOfAttribute = new Int32Array(table.attributes.size);
		this.attributeBits = this.compileAttributes(attributes);
		this.inScope = scope && (!scope.all || scope.not) ? compileScope(scope, table, names) : null;
		this.tellsSkusApart =
			minPrice !== undefined ||
			maxPrice !== undefined ||
			query.inStock !== undefined ||
			this.attributeBits !== 0 ||
			this.inScope !== null;
	}

	/** Totals that have the facets of the query, if it was asked without words; null where they must be counted. */
	findTotals(): FacetTotals | null {
		const { table, brands, inScope, inStock } = this;
		const isPlain = !brands && !inScope && this.minPrice === 0 && this.maxPrice === Infinity;
		if (!isPlain || this.attributeBits !== 0 || inStock === false) return null;
		return inStock ? table.totalsInStock : table.totals;
	}

	/** Whether shoppers may see products of the category; of a product that is no more they may not. */
	isVisible(category: number): boolean {
		return this.visible[category] === 1;
	}

	/** Whether products of the category are asked for. */
	isAsked(category: number): boolean {
		return !this.categories || this.categories[category] === 1;
	}

	/** Whether shoppers may see the product at all. */
	isShown(p: number): boolean {
		return this.visible[this.categoryOf[p] ?? 0] === 1;
	}

	/** Bits of the filters that the product fails whatever its SKUs are. */
	failsOfProduct(p: number): number {
		const { categories, brands } = this;
		let fails = 0;
		if (categories && !categories[this.categoryOf[p] ?? 0]) fails |= FAILS.category;
		if (brands && !brands[this.brandOf[p] ?? 0]) fails |= FAILS.brand;
		return fails;
	}

	/** Bits of the attributes that the product in this row lacks itself, so that its SKUs must have them. */
	attributesLeft(row: number): number {
		if (this.attributeBits === 0) return 0;
		const start = row + ROW.values;
		return (
			this.attributeBits & ~this.attributesAmong(start, start + (this.rows[row + ROW.valueCount] ?? 0))
		);
	}

	/**
	 * Bits of the filters that the SKU at this place of the rows fails, `ofProduct` among them; `left` is what `attributesLeft` tells
	 * of its product. Once it counts for no facet, since it fails two of them or one without a facet, the attributes, which take
	 * longest, are not looked at.
	 */
	failsOfSku(p: number, sku: number, slot: number, ofProduct: number, left: number): number {
		const { rows, inStock } = this;
		let fails = ofProduct;
		if (inStock !== undefined && isOut(rows[sku + SKU.level] ?? 0) === inStock)
			return fails | FAILS.other;
		const price = rows[sku + SKU.price] ?? 0;
		if (price < this.minPrice || price > this.maxPrice) fails |= FAILS.price;
		if (this.inScope && !this.inScope(p, slot)) return fails | FAILS.other;
		if (left === 0 || (fails & (fails - 1)) !== 0) return fails;
		const start = sku + SKU.values;
		return fails | (left & ~this.attributesAmong(start, start + (rows[sku + SKU.valueCount] ?? 0)));
	}

	/** The bit of the attribute that was asked for as the `i`th one. */
	bitOf(i: number): number {
		return 1 << (FIRST_ATTRIBUTE_BIT + i);
	}

	private attributesAmong(start: number, end: number): number {
		const { rows, bitOfValue } = this;
		let bits = 0;
		for (let i = start; i < end; i++) bits |= bitOfValue[rows[i] ?? 0] ?? 0;
		return bits;
	}

	private compileAttributes(asked: Readonly<Record<string, readonly string[]>>): number {
		let bits = 0;
		for (const [i, [name, values]] of Object.entries(asked).entries()) {
			const bit = this.bitOf(i);
			bits |= bit;
			const attribute = this.table.attributes.find(name);
			if (attribute === undefined) continue;
			this.bitOfAttribute[attribute] = bit;
			for (const value of values) {
				const number = this.table.values.find(`${attribute}=${value}`);
				if (number !== undefined) this.bitOfValue[number] = bit;
			}
		}
		return bits;
	}
}

function flagsOf(size: number, numbers: readonly (number | undefined)[]): Uint8Array {
	const flags = new Uint8Array(size);
	for (const number of numbers) if (number !== undefined) flags[number] = 1;
	return flags;
}

type Scope = NonNullable<SearchQuery["scope"]>;

/** The goods of a promotion: the union of the lists, less the union of those under `not`. */
function compileScope({ not, ...lists }: Scope, table: ProductTable, names: NameTable) {
	const included = compileLists(lists, table, names);
	const excluded = not ? compileLists(not, table, names) : null;
	return (p: number, slot: number) => included(p, slot) && !excluded?.(p, slot);
}

function compileLists(
	{ all, categoryIds = [], brandIds = [], productIds = [], skuIds = [] }: Omit<Scope, "not">,
	table: ProductTable,
	names: NameTable
) {
	if (all) return () => true;
	const inCategories = new Set(categoryIds);
	const categories = Uint8Array.from(table.categories.texts, id =>
		names.categories.get(id)?.path.some(above => inCategories.has(above)) ? 1 : 0
	);
	const brands = flagsOf(
		table.brands.size,
		brandIds.map(id => table.brands.find(id))
	);
	const products = new Set(productIds.map(id => table.find(id)));
	const skus = new Set(skuIds);
	return (p: number, slot: number) =>
		categories[table.category.values[p] ?? 0] === 1 ||
		brands[table.brand.values[p] ?? 0] === 1 ||
		products.has(p) ||
		(skus.size > 0 && skus.has(table.skuIdAt(slot)));
}
