import type { SearchEntry } from "../../../schemas/search.contract";
import type { StockLevel } from "../../../schemas/values/stock-level";
import { Column, float64, int32, Numbering, uint8 } from "./column.domain";

const LEVELS: readonly StockLevel[] = ["out", "low", "in"];
const OUT = 0;

/**
 * Products by ordinal and SKUs by slot, in columns. A product whose texts or set of SKUs change gets a new ordinal at the end,
 * so that ordinals grow and lists by ordinal need no sorting; its old one is dead. Prices, stock and sales change in place.
 */
export class ProductTable {
	/** By ordinal; empty where it is dead. */
	readonly ids: string[] = [];
	readonly names: string[] = [];
	readonly alive = new Column(uint8);
	readonly category = new Column(int32);
	/** 0: none. */
	readonly brand = new Column(int32);
	readonly sales = new Column(float64);
	readonly rating = new Column(float64);
	readonly skuStart = new Column(int32);
	readonly skuCount = new Column(uint8);
	readonly valueStart = new Column(int32);
	readonly valueCount = new Column(uint8);
	/** By slot of a SKU. */
	readonly price = new Column(int32);
	readonly level = new Column(uint8);
	readonly skuValueStart = new Column(int32);
	readonly skuValueCount = new Column(uint8);
	private readonly levelVersion = new Column(float64);
	private readonly skuIds: string[] = [];
	/** Attribute values of products and SKUs, as numbers of `values`. */
	readonly attributeValues = new Column(int32);
	private attributeValueCount = 0;

	readonly categories = new Numbering();
	readonly brands = new Numbering();
	readonly attributes = new Numbering();
	/** Attribute and value, as `<attribute's number>=<value>`. */
	readonly values = new Numbering();
	readonly valueTexts: string[] = [];
	readonly attributeOfValue = new Column(int32);

	private readonly ordinals = new Map<string, number>();
	private readonly versions: number[] = [];
	/** Products that are alive. */
	size = 0;

	constructor() {
		this.brands.add(""); // number 0 stands for no brand
	}

	/** Ordinals that were given, dead ones among them. */
	get length(): number {
		return this.ids.length;
	}

	find(id: string): number | undefined {
		return this.ordinals.get(id);
	}

	/** Whether the product is here with this content, so that `patch` is enough. */
	hasVersion({ id, version, skus }: SearchEntry): boolean {
		const p = this.ordinals.get(id);
		return p !== undefined && this.versions[p] === version && this.skuCount.get(p) === skus.length;
	}

	/** Changes what is no content: sales, rating and stock. */
	patch(entry: SearchEntry): void {
		const p = this.ordinals.get(entry.id);
		if (p === undefined) return;
		this.sales.set(p, entry.sales);
		this.rating.set(p, entry.rating);
		for (const { id, level, levelVersion } of entry.skus)
			this.setLevel(entry.id, id, level, levelVersion);
	}

	/** Adds the product, or puts it in the place of its former self. The new ordinal. */
	add(entry: SearchEntry): number {
		const before = this.ordinals.get(entry.id);
		const p = this.ids.length;
		this.ids.push(entry.id);
		this.names.push(entry.name);
		this.versions.push(entry.version);
		this.category.set(p, this.categories.add(entry.categoryId));
		this.brand.set(p, entry.brandId === null ? 0 : this.brands.add(entry.brandId));
		this.sales.set(p, entry.sales);
		this.rating.set(p, entry.rating);
		this.valueStart.set(p, this.attributeValueCount);
		this.valueCount.set(p, this.addValues(entry.attributes));
		this.skuStart.set(p, this.skuIds.length);
		this.skuCount.set(p, entry.skus.length);
		for (const sku of entry.skus) this.addSku(sku, before);
		if (before !== undefined) this.kill(before);
		this.ordinals.set(entry.id, p);
		this.alive.set(p, 1);
		this.size++;
		return p;
	}

	remove(id: string): boolean {
		const p = this.ordinals.get(id);
		if (p === undefined) return false;
		this.kill(p);
		this.ordinals.delete(id);
		return true;
	}

	/** Stores the level unless a later one is known. */
	setLevel(productId: string, skuId: string, level: StockLevel, version: number): void {
		const p = this.ordinals.get(productId);
		const slot = p === undefined ? -1 : this.findSlot(p, skuId);
		if (slot < 0 || this.levelVersion.get(slot) > version) return;
		this.level.set(slot, LEVELS.indexOf(level));
		this.levelVersion.set(slot, version);
	}

	skuIdAt(slot: number): string {
		return this.skuIds[slot] ?? "";
	}

	/** Bytes of the columns, and about those of the texts. */
	get bytes(): number {
		const columns = Object.values(this).filter(value => value instanceof Column);
		const columnBytes = columns.reduce((sum, column) => sum + column.bytes, 0);
		return columnBytes + this.length * 250 + this.skuIds.length * 80;
	}

	private findSlot(p: number, skuId: string): number {
		const start = this.skuStart.get(p);
		for (let slot = start; slot < start + this.skuCount.get(p); slot++)
			if (this.skuIds[slot] === skuId) return slot;
		return -1;
	}

	private addSku(sku: SearchEntry["skus"][number], before: number | undefined): void {
		const slot = this.skuIds.push(sku.id) - 1;
		const former = before === undefined ? -1 : this.findSlot(before, sku.id);
		const isOld = former >= 0 && this.levelVersion.get(former) > sku.levelVersion;
		this.price.set(slot, sku.price);
		this.level.set(slot, isOld ? this.level.get(former) : LEVELS.indexOf(sku.level));
		this.levelVersion.set(slot, isOld ? this.levelVersion.get(former) : sku.levelVersion);
		this.skuValueStart.set(slot, this.attributeValueCount);
		this.skuValueCount.set(slot, this.addValues(sku.attributes));
	}

	private addValues(attributes: Readonly<Record<string, string>>): number {
		const entries = Object.entries(attributes);
		for (const [name, value] of entries)
			this.attributeValues.set(this.attributeValueCount++, this.addValue(name, value));
		return entries.length;
	}

	private addValue(name: string, value: string): number {
		const attribute = this.attributes.add(name);
		const number = this.values.add(`${attribute}=${value}`);
		if (number === this.valueTexts.length) {
			this.valueTexts.push(value);
			this.attributeOfValue.set(number, attribute);
		}
		return number;
	}

	private kill(p: number): void {
		this.alive.set(p, 0);
		this.ids[p] = "";
		this.names[p] = "";
		this.size--;
	}
}

export const isOut = (level: number): boolean => level === OUT;
