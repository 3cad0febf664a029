import type { SearchQuery } from "../../../schemas/search.contract";
import type { NameTable } from "./catalogue-names.domain";
import type { Filter } from "./filter.domain";
import { brandToken, listsBelow, valueToken } from "./match-text.domain";
import { countEntries, ordinalOf, type PostingList, type Postings } from "./postings.domain";
import type { ProductTable } from "./product-table.domain";

/** Lists of products that meet a filter, or may meet it by one of their SKUs. */
type AttributeLists = { readonly bit: number; readonly lists: readonly PostingList[] };
export type Narrowing = {
	/** Lists that hold all products that count for the query, and others. */
	readonly lists: readonly PostingList[];
	readonly attributes: readonly AttributeLists[];
};

/**
 * What a query has to look at, or null where its filters narrow nothing. A list of products needs only those that meet the rarest
 * filter. A product that counts for a facet fails one filter at most, so it meets one of the two rarest.
 */
export function narrowCandidates(
	{ categoryId, brandIds, attributes = {} }: SearchQuery,
	filter: Filter,
	countsFacets: boolean,
	table: ProductTable,
	postings: Postings,
	names: NameTable
): Narrowing | null {
	const filters: (readonly PostingList[])[] = [];
	if (categoryId !== undefined) filters.push(listsBelow([categoryId], postings, names));
	if (brandIds) filters.push([...new Set(brandIds)].map(id => postings.find(brandToken(id))));
	const attributeLists = Object.entries(attributes).map(([name, values], i) => ({
		bit: filter.bitOf(i),
		lists: findLists(name, values, table, postings)
	}));
	filters.push(...attributeLists.map(({ lists }) => lists));
	const needed = countsFacets ? 2 : 1;
	if (filters.length < needed) return null;
	const lists = filters
		.map(found => ({ found, size: countEntries(found) }))
		.sort((a, b) => a.size - b.size)
		.slice(0, needed)
		.flatMap(({ found }) => found);
	return { lists, attributes: attributeLists };
}

function findLists(name: string, values: readonly string[], table: ProductTable, postings: Postings) {
	const attribute = table.attributes.find(name);
	const numbers = new Set(values.map(value => table.values.find(`${attribute}=${value}`)));
	return [...numbers].flatMap(number => (number === undefined ? [] : [postings.find(valueToken(number))]));
}

/** Reading an entry of a list is so many times faster than looking at the SKUs of a product. */
const LIST_IS_FASTER = 16;

/** Bits of the attributes that each product may meet; reused by every query. */
export class AttributeMarks {
	private bits = new Int32Array(0);
	private marked: readonly AttributeLists[] = [];

	/** Marks the products of the lists, unless it is faster to look at the candidates. Whether they are marked. */
	mark(attributes: readonly AttributeLists[], length: number, candidates: number): boolean {
		this.clear();
		const size = attributes.reduce((sum, { lists }) => sum + countEntries(lists), 0);
		if (attributes.length === 0 || size > LIST_IS_FASTER * candidates) return false;
		if (this.bits.length < length) this.bits = new Int32Array(Math.ceil(length * 1.5));
		for (const { bit, lists } of attributes) this.forEach(lists, p => (this.bits[p] = this.of(p) | bit));
		this.marked = attributes;
		return true;
	}

	of(p: number): number {
		return this.bits[p] ?? 0;
	}

	private clear(): void {
		for (const { lists } of this.marked) this.forEach(lists, p => (this.bits[p] = 0));
		this.marked = [];
	}

	private forEach(lists: readonly PostingList[], visit: (p: number) => void): void {
		for (const { chunk, start, length } of lists)
			for (let i = start; i < start + length; i++) visit(ordinalOf(chunk[i] ?? 0));
	}
}
