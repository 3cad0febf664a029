import type { SearchQuery } from "../../../schemas/search.contract";
import type { NameTable } from "./catalogue-names.domain";
import { isOut, type ProductTable } from "./product-table.domain";

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

	constructor(
		private readonly table: ProductTable,
		names: NameTable,
		query: SearchQuery
	) {
		const { categoryId, brandIds, minPrice, maxPrice, attributes = {}, scope } = query;
		const idsOfCategories = table.categories.texts;
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

	/** Whether shoppers may see the product at all. */
	isShown(p: number): boolean {
		return this.table.alive.values[p] === 1 && this.visible[this.table.category.values[p] ?? 0] === 1;
	}

	/** Bits of the filters that the product fails whatever its SKUs are. */
	failsOfProduct(p: number): number {
		const { table, categories, brands } = this;
		let fails = 0;
		if (categories && !categories[table.category.values[p] ?? 0]) fails |= FAILS.category;
		if (brands && !brands[table.brand.values[p] ?? 0]) fails |= FAILS.brand;
		return fails;
	}

	/** Bits of the attributes that the product itself meets. */
	private attributesOfProduct(p: number): number {
		const { valueStart, valueCount } = this.table;
		return this.attributesAmong(valueStart.values[p] ?? 0, valueCount.values[p] ?? 0);
	}

	/**
	 * Bits of the filters that this SKU fails, `ofProduct` among them. Once it counts for no facet, since it fails two of them or
	 * one without a facet, the attributes, which take longest, are not looked at.
	 */
	failsOfSku(p: number, slot: number, ofProduct: number): number {
		const { table, attributeBits } = this;
		const { inStock } = this;
		let fails = ofProduct;
		if (inStock !== undefined && isOut(table.level.values[slot] ?? 0) === inStock)
			return fails | FAILS.other;
		const price = table.price.values[slot] ?? 0;
		if (price < this.minPrice || price > this.maxPrice) fails |= FAILS.price;
		if (this.inScope && !this.inScope(p, slot)) return fails | FAILS.other;
		if (attributeBits === 0 || (fails & (fails - 1)) !== 0) return fails;
		const met = this.attributesOfProduct(p);
		const { skuValueStart, skuValueCount } = table;
		const own = this.attributesAmong(skuValueStart.values[slot] ?? 0, skuValueCount.values[slot] ?? 0);
		return fails | (attributeBits & ~(met | own));
	}

	private attributesAmong(start: number, count: number): number {
		const values = this.table.attributeValues.values;
		let bits = 0;
		for (let i = start; i < start + count; i++) bits |= this.bitOfValue[values[i] ?? 0] ?? 0;
		return bits;
	}

	private compileAttributes(asked: Readonly<Record<string, readonly string[]>>): number {
		let bits = 0;
		for (const [i, [name, values]] of Object.entries(asked).entries()) {
			const bit = 1 << (FIRST_ATTRIBUTE_BIT + i);
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
	const products = new Set(productIds);
	const skus = new Set(skuIds);
	return (p: number, slot: number) =>
		categories[table.category.values[p] ?? 0] === 1 ||
		brands[table.brand.values[p] ?? 0] === 1 ||
		(products.size > 0 && products.has(table.ids[p] ?? "")) ||
		(skus.size > 0 && skus.has(table.skuIdAt(slot)));
}
