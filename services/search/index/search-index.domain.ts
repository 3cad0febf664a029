import type { SearchEntry, SearchQuery, SearchResult } from "../../../schemas/search.contract";
import { DEFAULT_PAGE_SIZE, MAX_LIST_DEPTH } from "../../../schemas/kit/rules";
import type { StockLevel } from "../../../schemas/values/stock-level";
import type { Term } from "../text/parse-query.domain";
import type { NameTable } from "./catalogue-names.domain";
import { CatalogueWords } from "./catalogue-words.domain";
import { FacetCounter } from "./count-facets.domain";
import { chooseOrder, decodeCursor, encodeCursor } from "./cursor.domain";
import { collectTokens, valuesOf } from "./entry-tokens.domain";
import { FAILS, Filter } from "./filter.domain";
import { brandToken, categoryToken, FIELDS, matchTerms, Scores } from "./match-text.domain";
import { Postings } from "./postings.domain";
import { ProductTable } from "./product-table.domain";
import { keyReader, selectPage, type Matches } from "./select-page.domain";

/**
 * The catalogue in memory, made for lists with words, filters and facets. It knows products by what `put`, `remove` and
 * `setLevel` told it; a product whose category is not in the visible tree is kept but never found.
 */
export class SearchIndex {
	readonly table = new ProductTable();
	readonly words = new CatalogueWords();
	private readonly postings = new Postings();
	private readonly scores = new Scores();
	private candidates = new Int32Array(256);

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
		const facets = query.facets ? new FacetCounter(this.table, this.names, filter) : null;
		const comparesPrices = order === "price_asc" || order === "price_desc";
		const matches = this.match(asksWords ? this.parse(q) : null, filter, facets, comparesPrices);
		const keyOf = keyReader(order, matches, this.table, p => this.scores.of(p));
		const skip = after ? 0 : (page - 1) * pageSize;
		const selected = selectPage(matches, this.table, order, keyOf, { after, skip, take: pageSize + 1 });
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
							key: keyOf(last),
							sales: this.table.sales.get(ordinalAt(last)),
							id: this.table.ids[ordinalAt(last)] ?? ""
						}),
			...(facets && { facets: facets.result() })
		};
	}

	/** Products shown to shoppers that match the terms, the best first. */
	findBest(terms: readonly Term[], limit: number): { readonly id: string; readonly name: string }[] {
		const filter = new Filter(this.table, this.names, { sort: "relevance" });
		const matches = this.match(terms, filter, null, false);
		const keyOf = keyReader("relevance", matches, this.table, p => this.scores.of(p));
		return selectPage(matches, this.table, "relevance", keyOf, { after: null, skip: 0, take: limit }).map(
			i => {
				const p = matches.ordinals[i] ?? 0;
				return { id: this.table.ids[p] ?? "", name: this.table.names[p] ?? "" };
			}
		);
	}

	/** Products listed under a category or brand, dead ones among them: about how large it is. */
	countOfCategory = (id: string): number => this.postings.count(categoryToken(id));
	countOfBrand = (id: string): number => this.postings.count(brandToken(id));
	isKnown = (token: string): boolean => this.postings.has(token) || this.names.hasToken(token);

	private match(
		terms: readonly Term[] | null,
		filter: Filter,
		facets: FacetCounter | null,
		comparesPrices: boolean
	): Matches {
		const { length } = this.table;
		if (this.candidates.length < length) this.candidates = new Int32Array(Math.ceil(length * 1.5));
		const ordinals = this.candidates;
		if (terms?.length === 0) return { ordinals, prices: new Int32Array(0), count: 0 };
		let candidates = length;
		this.scores.reset(length);
		if (terms) {
			matchTerms(terms, this.postings, this.names, this.scores);
			candidates = this.scores.collect(length, ordinals);
		} else for (let p = 0; p < length; p++) ordinals[p] = p;
		const needsSkus = comparesPrices || facets !== null || filter.tellsSkusApart;
		const prices = new Int32Array(candidates);
		let count = 0;
		for (let i = 0; i < candidates; i++) {
			const p = ordinals[i] ?? 0;
			if (!filter.isShown(p)) continue;
			const lowest = needsSkus
				? this.matchSkus(p, filter, facets)
				: filter.failsOfProduct(p) === 0
					? 0
					: -1;
			if (lowest < 0) continue;
			ordinals[count] = p;
			prices[count++] = lowest;
		}
		return { ordinals, prices, count };
	}

	/** The lowest price of the SKUs that meet every filter; -1 where none does. */
	private matchSkus(p: number, filter: Filter, facets: FacetCounter | null): number {
		const { table } = this;
		const ofProduct = filter.failsOfProduct(p);
		// Two failed filters of the product itself: it counts nowhere.
		if (ofProduct === (FAILS.category | FAILS.brand) || (ofProduct !== 0 && !facets)) return -1;
		const start = table.skuStart.values[p] ?? 0;
		const end = start + (table.skuCount.values[p] ?? 0);
		let lowest = -1;
		let counts = false;
		for (let slot = start; slot < end; slot++) {
			const fails = filter.failsOfSku(p, slot, ofProduct);
			if (fails === 0) {
				const price = table.price.values[slot] ?? 0;
				if (lowest < 0 || price < lowest) lowest = price;
			}
			// None, or a single one that has a facet.
			if (facets && (fails & (fails - 1)) === 0 && fails !== FAILS.other) {
				facets.addSku(p, slot, fails);
				counts = true;
				// The facets of category and brand count the product, whatever its other SKUs are.
				if (ofProduct !== 0) break;
			}
		}
		if (counts) facets?.endProduct(p);
		return lowest;
	}

	private toItem(p: number, filter: Filter): SearchResult["items"][number] {
		const id = this.table.ids[p] ?? "";
		if (!filter.tellsSkusApart) return { id, skuIds: null };
		const start = this.table.skuStart.get(p);
		const skuIds = [];
		for (let slot = start; slot < start + this.table.skuCount.get(p); slot++)
			if (filter.failsOfSku(p, slot, 0) === 0) skuIds.push(this.table.skuIdAt(slot));
		return { id, skuIds };
	}
}
