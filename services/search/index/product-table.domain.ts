import type { SearchEntry } from "../../../schemas/search.contract";
import type { StockLevel } from "../../../schemas/values/stock-level";
import { Column, float64, int32, Numbering } from "./column.domain";
import { FacetTotals } from "./facet-totals.domain";
import { PartedMap } from "./parted-map.domain";
import { TextColumn } from "./text-column.domain";

const LEVELS: readonly StockLevel[] = ["out", "low", "in"];
const OUT = 0;
/** The category of a product that is no more. */
const DEAD = -1;
const BYTES_OF_ID = 80;

/** Places in a product's row: what begins it, then the numbers of its attribute values, then its SKUs. */
export const ROW = { firstSlot: 0, skuCount: 1, valueCount: 2, values: 3 } as const;
/** Places in a SKU's part of the row, which ends with the numbers of its attribute values. */
export const SKU = { price: 0, level: 1, valueCount: 2, values: 3 } as const;

/**
 * Products by ordinal and SKUs by slot. What filters and facets read of a product stands together in its row, since what is
 * spread over memory takes longest to read. A product whose texts or set of SKUs change gets a new ordinal at the end, so that
 * ordinals grow and lists by ordinal need no sorting; its old one is dead. Stock, sales and ratings change in place.
 */
export class ProductTable {
	/** By ordinal. */
	readonly ids = new TextColumn();
	readonly names = new TextColumn();
	/** By ordinal, as numbers of `categories` and `brands`. */
	readonly category = new Column(int32);
	readonly brand = new Column(int32);
	/** By ordinal: numbers in the order of the ids, as far as their beginnings tell. */
	readonly idHeads = new Column(float64);
	readonly sales = new Column(float64);
	readonly rating = new Column(float64);
	/** By ordinal, where its row begins in `rows`. */
	readonly rowStart = new Column(int32);
	readonly rows = new Column(int32);
	private rowsEnd = 0;
	private readonly levelVersion = new Column(float64);
	private readonly skuIds = new TextColumn();

	readonly categories = new Numbering();
	/** Number 0 stands for no brand. */
	readonly brands = new Numbering();
	readonly attributes = new Numbering();
	/** Attribute and value, as `<attribute's number>=<value>`. */
	readonly values = new Numbering();
	readonly valueTexts: string[] = [];
	readonly attributeOfValue = new Column(int32);

	/** Facets of all SKUs, and of those that are not out of stock. */
	readonly totals = new FacetTotals(false);
	readonly totalsInStock = new FacetTotals(true);

	private readonly ordinals = new PartedMap<number>();
	private readonly versions = new Column(float64);
	/** Products that are alive. */
	size = 0;

	constructor() {
		this.brands.add("");
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
		return (
			p !== undefined &&
			this.versions.get(p) === version &&
			this.rows.get(this.rowStart.get(p) + ROW.skuCount) === skus.length
		);
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
		this.versions.set(p, entry.version);
		this.idHeads.set(p, headOf(entry.id));
		this.category.set(p, this.categories.add(entry.categoryId));
		this.brand.set(p, entry.brandId === null ? 0 : this.brands.add(entry.brandId));
		this.sales.set(p, entry.sales);
		this.rating.set(p, entry.rating);
		this.rowStart.set(p, this.rowsEnd);
		this.append(this.skuIds.length);
		this.append(entry.skus.length);
		this.appendValues(entry.attributes);
		for (const sku of entry.skus) this.appendSku(sku, before);
		if (before !== undefined) this.kill(before);
		this.ordinals.set(entry.id, p);
		this.countTotals(p, 1);
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
		const found = p === undefined ? null : this.findSku(p, skuId);
		if (p === undefined || !found || this.levelVersion.get(found.slot) > version) return;
		const code = LEVELS.indexOf(level);
		const turns = isOut(code) !== isOut(this.rows.get(found.at + SKU.level));
		if (turns) this.totalsInStock.count(this, p, -1);
		this.rows.set(found.at + SKU.level, code);
		this.levelVersion.set(found.slot, version);
		if (turns) this.totalsInStock.count(this, p, 1);
	}

	skuIdAt(slot: number): string {
		return this.skuIds.at(slot);
	}

	/** Where the part of the product's first SKU begins. Each ends where the next one begins: see `endOfSku`. */
	startOfSkus(rowAt: number): number {
		return rowAt + ROW.values + this.rows.get(rowAt + ROW.valueCount);
	}

	/** Where the part of each SKU of a row begins. */
	*skusOf(rowAt: number): Generator<number> {
		let at = this.startOfSkus(rowAt);
		for (let n = this.rows.get(rowAt + ROW.skuCount); n > 0; n--) {
			yield at;
			at = this.endOfSku(at);
		}
	}

	endOfSku(skuAt: number): number {
		return skuAt + SKU.values + this.rows.get(skuAt + SKU.valueCount);
	}

	/** The different values of a product and of its SKUs. */
	valuesOf(p: number): Set<number> {
		const values = new Set<number>();
		const row = this.rowStart.get(p);
		this.collectValues(row + ROW.values, this.startOfSkus(row), values);
		for (const at of this.skusOf(row)) this.collectValues(at + SKU.values, this.endOfSku(at), values);
		return values;
	}

	/** Adds the numbers of the values from `start` to `end` in `rows`. */
	collectValues(start: number, end: number, into: Set<number>): void {
		for (let i = start; i < end; i++) into.add(this.rows.get(i));
	}

	/** Bytes of the columns, and about those of the table of ids. */
	get bytes(): number {
		const columns = Object.values(this).filter(value => value instanceof Column);
		const texts = [this.ids, this.names, this.skuIds];
		return (
			columns.reduce((sum, column) => sum + column.bytes, 0) +
			texts.reduce((sum, text) => sum + text.byteLength, 0) +
			this.length * BYTES_OF_ID
		);
	}

	private findSku(p: number, skuId: string): { readonly slot: number; readonly at: number } | null {
		const row = this.rowStart.get(p);
		let slot = this.rows.get(row + ROW.firstSlot);
		for (const at of this.skusOf(row)) {
			if (this.skuIds.at(slot) === skuId) return { slot, at };
			slot++;
		}
		return null;
	}

	private append(value: number): void {
		this.rows.set(this.rowsEnd++, value);
	}

	private appendSku(sku: SearchEntry["skus"][number], before: number | undefined): void {
		const slot = this.skuIds.length;
		this.skuIds.push(sku.id);
		const former = before === undefined ? null : this.findSku(before, sku.id);
		const isNewer = former !== null && this.levelVersion.get(former.slot) > sku.levelVersion;
		this.levelVersion.set(slot, isNewer ? this.levelVersion.get(former.slot) : sku.levelVersion);
		this.append(sku.price);
		this.append(isNewer ? this.rows.get(former.at + SKU.level) : LEVELS.indexOf(sku.level));
		this.appendValues(sku.attributes);
	}

	/** Appends their number, then the values. */
	private appendValues(attributes: Readonly<Record<string, string>>): void {
		const entries = Object.entries(attributes);
		this.append(entries.length);
		for (const [name, value] of entries) this.append(this.addValue(name, value));
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
		this.countTotals(p, -1);
		this.category.set(p, DEAD);
		this.size--;
	}

	private countTotals(p: number, by: 1 | -1): void {
		this.totals.count(this, p, by);
		this.totalsInStock.count(this, p, by);
	}
}

export const isOut = (level: number): boolean => level === OUT;

const HEAD_LENGTH = 7;
/** A number that orders ids as their first seven characters do, which are ASCII. */
export function headOf(id: string): number {
	let head = 0;
	for (let i = 0; i < HEAD_LENGTH; i++) head = head * 128 + Math.min(id.charCodeAt(i) || 0, 127);
	return head;
}
