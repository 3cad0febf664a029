import { CERTAINTY, type Alternative, type Term } from "../text/parse-query.domain";
import type { NameTable } from "./catalogue-names.domain";
import { fieldsOf, intersect, ordinalOf, type PostingList, type Postings } from "./postings.domain";

/** Kinds of text that a product is found by, as bits of a posting. */
export const FIELDS = { name: 8, attribute: 4, detail: 2, description: 1 } as const;
const KINDS = Object.keys(FIELDS) as (keyof typeof FIELDS)[];

/** Weight of a match by kind of text: name > brand, category, attribute > subtitle, SKU code > description. */
export const WEIGHT_OF = { name: 12, attribute: 5, detail: 2, description: 1 } as const;
/** Weight of the best kind of text among the bits. */
const WEIGHTS = Uint8Array.from({ length: 16 }, (_, fields) =>
	Math.max(0, ...KINDS.map(kind => (fields & FIELDS[kind] ? WEIGHT_OF[kind] : 0)))
);
/** Lower scores may come from another text than the name. */
export const MIN_NAME_SCORE = WEIGHT_OF.attribute * CERTAINTY.exact + 1;
/** For a name match of a product in a category of exactly that name, or of one that ends so: 智能手机 is a 手机, 手机壳 is none. */
export const NAMESAKE_BONUS = 8;
/** Words that pinyin may stand for whose namesakes are looked for; the most frequent ones. */
export const MAX_NAMESAKES = 5;

/** Tokens under which the products of a category, brand or value of an attribute are listed. They can't stand in a text. */
export const categoryToken = (id: string): string => `\0c${id}`;
export const brandToken = (id: string): string => `\0b${id}`;
/** Under this token the products are listed that have the value themselves or in a SKU; `number` is the table's. */
export const valueToken = (number: number): string => `\0v${number}`;

/**
 * Scores of the products that match all terms so far; reused by every query. What a query leaves behind is cleared by the next
 * one, so that a query costs what it matches, and not what the catalogue has.
 */
export class Scores {
	private matched = new Uint8Array(0);
	private score = new Uint16Array(0);
	private last = new Uint16Array(0);
	/** Ordinals that match the first term, in the order in which they were found. */
	private found = new Int32Array(0);
	private foundCount = 0;
	private terms = 0;

	reset(length: number): void {
		if (this.matched.length < length) {
			const capacity = Math.ceil(length * 1.5);
			this.matched = new Uint8Array(capacity);
			this.score = new Uint16Array(capacity);
			this.last = new Uint16Array(capacity);
			this.found = new Int32Array(capacity);
		} else
			for (let i = 0; i < this.foundCount; i++) {
				const p = this.found[i] ?? 0;
				this.matched[p] = 0;
				this.score[p] = 0;
			}
		this.foundCount = 0;
		this.terms = 0;
	}

	/** Adds the entries of an alternative of the current term. Each product keeps the best of the term. */
	add({ chunk, start, length }: PostingList, certainty: number): void {
		const { matched, score, last, found, terms } = this;
		for (let i = start; i < start + length; i++) {
			const entry = chunk[i] ?? 0;
			const p = ordinalOf(entry);
			const state = matched[p] ?? 0;
			if (state < terms) continue;
			const weight = (WEIGHTS[fieldsOf(entry)] ?? 0) * certainty;
			if (state === terms) {
				if (terms === 0) found[this.foundCount++] = p;
				matched[p] = terms + 1;
				score[p] = (score[p] ?? 0) + weight;
				last[p] = weight;
			} else if (weight > (last[p] ?? 0)) {
				score[p] = (score[p] ?? 0) + weight - (last[p] ?? 0);
				last[p] = weight;
			}
		}
	}

	/** Adds a bonus to the products of the list that match the current term by their names. */
	addBonus({ chunk, start, length }: PostingList, bonus: number): void {
		const { matched, score, last, terms } = this;
		for (let i = start; i < start + length; i++) {
			const p = ordinalOf(chunk[i] ?? 0);
			if (matched[p] === terms + 1 && (last[p] ?? 0) >= MIN_NAME_SCORE) {
				score[p] = (score[p] ?? 0) + bonus;
				last[p] = 0; // once a term
			}
		}
	}

	endTerm(): void {
		this.terms++;
	}

	/** How many products match the first term at least; all of `length` where there are no terms. */
	count(length: number): number {
		return this.terms === 0 ? length : this.foundCount;
	}

	/** Writes the ordinals that match every term to `into`; their number. */
	collect(length: number, into: Int32Array): number {
		const { matched, found, foundCount, terms } = this;
		let count = 0;
		if (terms === 0) for (; count < length; count++) into[count] = count;
		else
			for (let i = 0; i < foundCount; i++) {
				const p = found[i] ?? 0;
				if (matched[p] === terms) into[count++] = p;
			}
		return count;
	}

	/** As `collect`, of the products in the lists only, each once. */
	collectFrom(lists: readonly PostingList[], into: Int32Array): number {
		const { matched, terms } = this;
		let count = 0;
		for (const { chunk, start, length } of lists)
			for (let i = start; i < start + length; i++) {
				const p = ordinalOf(chunk[i] ?? 0);
				if (matched[p] !== terms) continue;
				matched[p] = terms + 1; // taken
				into[count++] = p;
			}
		for (let i = 0; i < count; i++) matched[into[i] ?? 0] = terms;
		return count;
	}

	of(p: number): number {
		return this.score[p] ?? 0;
	}
}

/** Scores the products that match every term. */
export function matchTerms(
	terms: readonly Term[],
	postings: Postings,
	names: NameTable,
	scores: Scores
): void {
	for (const term of rarestFirst(terms, postings)) {
		for (const alternative of term.alternatives) {
			scores.add(findProducts(alternative, postings), alternative.certainty);
			addNamedEntities(alternative, postings, names, scores);
		}
		const spelled = term.alternatives.flatMap(({ word }) => word ?? []);
		for (const text of [term.text, ...spelled.slice(0, MAX_NAMESAKES)])
			for (const list of findNamesakes(text, postings, names)) scores.addBonus(list, NAMESAKE_BONUS);
		scores.endTerm();
	}
}

/** The order of terms changes no score; the first one decides how many products are looked at. */
function rarestFirst(terms: readonly Term[], postings: Postings): readonly Term[] {
	if (terms.length < 2) return terms;
	const sizeOf = ({ alternatives }: Term) =>
		alternatives.reduce((sum, { tokens }) => sum + Math.min(...tokens.map(postings.count)), 0);
	return terms
		.map(term => ({ term, size: sizeOf(term) }))
		.sort((a, b) => a.size - b.size)
		.map(({ term }) => term);
}

function findProducts({ tokens, sameField }: Alternative, postings: Postings): PostingList {
	const [first, ...others] = tokens;
	const found = postings.find(first ?? "");
	return others.length === 0
		? found
		: intersect([found, ...others.map(token => postings.find(token))], sameField);
}

/** Products whose brand or category, or one above it, has the tokens in its name. */
function addNamedEntities(
	{ tokens, certainty }: Alternative,
	postings: Postings,
	names: NameTable,
	scores: Scores
): void {
	const lists = [
		...listsBelow(names.findCategories(tokens), postings, names),
		...names.findBrands(tokens).map(id => postings.find(brandToken(id)))
	];
	for (const list of lists) scores.add(list, certainty);
}

/** Entries of products in the categories, and in those below them. */
export function listsBelow(ids: readonly string[], postings: Postings, names: NameTable): PostingList[] {
	if (ids.length === 0) return [];
	const wanted = new Set(ids);
	return [...names.categories.values()]
		.filter(({ path }) => path.some(id => wanted.has(id)))
		.map(({ id }) => postings.find(categoryToken(id)));
}

function findNamesakes(text: string, postings: Postings, names: NameTable): PostingList[] {
	return [...names.categories.values()]
		.filter(({ folded }) => folded.endsWith(text))
		.map(({ id }) => postings.find(categoryToken(id)));
}
