import type { SearchEntry, SearchQuery, SearchResult } from "../../../schemas/search.contract";
import { DEFAULT_PAGE_SIZE, MAX_LIST_DEPTH } from "../../../schemas/kit/rules";
import type { StockLevel } from "../../../schemas/values/stock-level";
import type { Term } from "../text/parse-query.domain";
import type { NameTable } from "./catalogue-names.domain";
import { CatalogueWords } from "./catalogue-words.domain";
import { FacetCounter } from "./count-facets.domain";
import { chooseOrder, decodeCursor, encodeCursor, type Order } from "./cursor.domain";
import { collectTokens, valuesOf } from "./entry-tokens.domain";
import { FAILS, Filter } from "./filter.domain";
import { brandToken, categoryToken, FIELDS, matchTerms, Scores, valueToken } from "./match-text.domain";
import { AttributeMarks, narrowCandidates, type Narrowing } from "./narrow-candidates.domain";
import { countEntries, Postings } from "./postings.domain";
import { ProductTable, ROW, SKU } from "./product-table.domain";
import { readKeys, selectPage, type Matches } from "./select-page.domain";

/**
 * The catalogue in memory, made for lists with words, filters and facets. It knows products by what `put`, `remove` and
 * `setLevel` told it; a product whose category is not in the visible tree is kept but never found.
 */
export class SearchIndex {
	readonly table = new ProductTable();
	readonly words = new CatalogueWords();
	private readonly postings = new Postings();
	private readonly scores = new Scores();
	private readonly marks = new AttributeMarks();
	/** Ordinals, lowest prices and keys of what a query matches; used again by the next one. */
	private ordinals = new Int32Array(256);
	private prices = new Int32Array(256);
	private keys = new Float64Array(256);

	get names(): NameTable {
		return this.words.names;
	}

	get size(): number {
		return this.table.size;
	}

	/** Slots of former products make up so large a part that a rebuild pays. */
	get isWorn(): boolean {
		return this.table.length > 20_000 + 2 * this.table.size;
	}

	get bytes(): number {
		return this.table.bytes + this.postings.bytes;
	}

	put(entry: SearchEntry): void {
		if (this.table.hasVersion(entry)) return this.table.patch(entry);
		const p = this.table.add(entry);
		this.words.addProduct(entry.name, valuesOf(entry));
		for (const [token, mask] of collectTokens(entry)) this.postings.add(token, p, mask);
		this.postings.add(categoryToken(entry.categoryId), p, FIELDS.attribute);
		if (entry.brandId !== null) this.postings.add(brandToken(entry.brandId), p, FIELDS.attribute);
		for (const value of this.table.valuesOf(p)) this.postings.add(valueToken(value), p, FIELDS.attribute);
	}

	remove(id: string): void {
		this.table.remove(id);
	}

	setLevel(productId: string, skuId: string, level: StockLevel, version: number): void {
		this.table.setLevel(productId, skuId, level, version);
	}

	parse(q: string): Term[] {
		return this.words.parse(q, this.isKnown);
	}

	search(query: SearchQuery): SearchResult {
		const { q = "", page = 1, pageSize = DEFAULT_PAGE_SIZE, cursor } = query;
		const asksWords = q.trim() !== "";
		const order = chooseOrder(query.sort, asksWords);
		const after = cursor === undefined ? null : decodeCursor(order, cursor);
		const filter = new Filter(this.table, this.names, query);
		const totals = asksWords ? null : filter.findTotals();
		const facets = query.facets && !totals ? new FacetCounter(this.table, this.names, filter) : null;
		const comparesPrices = order === "price_asc" || order === "price_desc";
		const narrowed = narrowCandidates(
			query,
			filter,
			facets !== null,
			this.table,
			this.postings,
			this.names
		);
		const terms = asksWords ? this.parse(q) : null;
		const matches = this.match(terms, filter, narrowed, facets, comparesPrices);
		const keys = this.readKeys(order, matches);
		const skip = after ? 0 : (page - 1) * pageSize;
		const selected = selectPage(matches, this.table, order, keys, { after, skip, take: pageSize + 1 });
		const shown = selected.slice(0, pageSize);
		const last = selected.length > pageSize ? shown.at(-1) : undefined;
		const ordinalAt = (i: number) => matches.ordinals[i] ?? 0;
		return {
			items: shown.map(i => this.toItem(ordinalAt(i), filter)),
			page,
			pageSize,
			total: Math.min(matches.count, MAX_LIST_DEPTH),
			...(matches.count > MAX_LIST_DEPTH && { totalIsAtLeast: true }),
			nextCursor:
				last === undefined
					? null
					: encodeCursor(order, {
							key: keys[last] ?? 0,
							sales: this.table.sales.get(ordinalAt(last)),
							id: this.table.ids.at(ordinalAt(last))
						}),
			...(query.facets && { facets: facets?.result() ?? totals?.read(this.table, this.names, filter) })
		};
	}

	/** Products shown to shoppers that match the terms, the best first. */
	findBest(terms: readonly Term[], limit: number): { readonly id: string; readonly name: string }[] {
		if (terms.length === 0) return [];
		const { table } = this;
		const filter = new Filter(table, this.names, { sort: "relevance" });
		const matches = { ...this.makeRoom(), count: this.matchWords(terms, null) };
		const keys = this.readKeys("relevance", matches);
		const place = { after: null, skip: 0, take: limit };
		return selectPage(matches, table, "relevance", keys, place, p => filter.isShown(p)).map(i => {
			const p = matches.ordinals[i] ?? 0;
			return { id: table.ids.at(p), name: table.names.at(p) };
		});
	}

	/** Products listed under a category or brand, dead ones among them: about how large it is. */
	countOfCategory = (id: string): number => this.postings.count(categoryToken(id));
	countOfBrand = (id: string): number => this.postings.count(brandToken(id));
	isKnown = (token: string): boolean => this.postings.has(token) || this.names.hasToken(token);

	/** Room for the matches of a query, of any size. */
	private makeRoom(): Pick<Matches, "ordinals" | "prices"> {
		const { length } = this.table;
		if (this.ordinals.length < length) {
			this.ordinals = new Int32Array(Math.ceil(length * 1.5));
			this.prices = new Int32Array(this.ordinals.length);
			this.keys = new Float64Array(this.ordinals.length);
		}
		return { ordinals: this.ordinals, prices: this.prices };
	}

	/** Writes the ordinals that match every term, or all of them, as far as the lists hold them; their number. */
	private matchWords(terms: readonly Term[] | null, narrowed: Narrowing | null): number {
		const { scores, ordinals } = this;
		const { length } = this.table;
		scores.reset(length);
		if (terms) matchTerms(terms, this.postings, this.names, scores);
		return narrowed && countEntries(narrowed.lists) < scores.count(length)
			? scores.collectFrom(narrowed.lists, ordinals)
			: scores.collect(length, ordinals);
	}

	private readKeys(order: Order, matches: Matches): Float64Array {
		readKeys(order, matches, this.table, this.scores, this.keys);
		return this.keys;
	}

	private match(
		terms: readonly Term[] | null,
		filter: Filter,
		narrowed: Narrowing | null,
		facets: FacetCounter | null,
		comparesPrices: boolean
	): Matches {
		const { ordinals, prices } = this.makeRoom();
		if (terms?.length === 0) return { ordinals, prices, count: 0 };
		const candidates = this.matchWords(terms, narrowed);
		const isMarked =
			narrowed !== null && this.marks.mark(narrowed.attributes, this.table.length, candidates);
		const needsSkus = comparesPrices || facets !== null || filter.tellsSkusApart;
		let count = 0;
		for (let i = 0; i < candidates; i++) {
			const p = ordinals[i] ?? 0;
			if (!filter.isShown(p)) continue;
			const ofProduct = filter.failsOfProduct(p);
			if (isMarked) {
				const fails = ofProduct | (filter.attributeBits & ~this.marks.of(p));
				if ((fails & (fails - 1)) !== 0 || (fails !== 0 && !facets)) continue;
			}
			const lowest = needsSkus
				? this.matchSkus(p, ofProduct, filter, facets)
				: ofProduct === 0
					? 0
					: -1;
			if (lowest < 0) continue;
			ordinals[count] = p;
			prices[count++] = lowest;
		}
		return { ordinals, prices, count };
	}

	/** The lowest price of the SKUs that meet every filter; -1 where none does. */
	private matchSkus(p: number, ofProduct: number, filter: Filter, facets: FacetCounter | null): number {
		// Two failed filters of the product itself: it counts nowhere.
		if (ofProduct === (FAILS.category | FAILS.brand) || (ofProduct !== 0 && !facets)) return -1;
		const rows = this.table.rows.values;
		const row = this.table.rowStart.values[p] ?? 0;
		const left = filter.attributesLeft(row);
		const start = rows[row + ROW.firstSlot] ?? 0;
		const end = start + (rows[row + ROW.skuCount] ?? 0);
		let sku = row + ROW.values + (rows[row + ROW.valueCount] ?? 0);
		let lowest = -1;
		let counts = false;
		for (let slot = start; slot < end; slot++) {
			const fails = filter.failsOfSku(p, sku, slot, ofProduct, left);
			if (fails === 0) {
				const price = rows[sku + SKU.price] ?? 0;
				if (lowest < 0 || price < lowest) lowest = price;
			}
			// None, or a single one that has a facet.
			if (facets && (fails & (fails - 1)) === 0 && fails !== FAILS.other) {
				facets.addSku(p, sku, fails);
				counts = true;
				// The facets of category and brand count the product, whatever its other SKUs are.
				if (ofProduct !== 0) break;
			}
			sku += SKU.values + (rows[sku + SKU.valueCount] ?? 0);
		}
		if (counts) facets?.endProduct(p, row);
		return lowest;
	}

	private toItem(p: number, filter: Filter): SearchResult["items"][number] {
		const { table } = this;
		const id = table.ids.at(p);
		if (!filter.tellsSkusApart) return { id, skuIds: null };
		const row = table.rowStart.get(p);
		const left = filter.attributesLeft(row);
		const skuIds = [];
		let slot = table.rows.get(row + ROW.firstSlot);
		for (const sku of table.skusOf(row)) {
			if (filter.failsOfSku(p, sku, slot, 0, left) === 0) skuIds.push(table.skuIdAt(slot));
			slot++;
		}
		return { id, skuIds };
	}
}
