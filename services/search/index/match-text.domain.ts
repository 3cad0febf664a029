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

/** Tokens under which the products of a category or brand are listed. They can't stand in a text. */
export const categoryToken = (id: string): string => `\0c${id}`;
export const brandToken = (id: string): string => `\0b${id}`;

/** Scores of the products that match all terms so far; reused by every query. */
export class Scores {
	private matched = new Uint8Array(0);
	private score = new Uint16Array(0);
	private last = new Uint16Array(0);
	private terms = 0;

	reset(length: number): void {
		if (this.matched.length < length) {
			const capacity = Math.ceil(length * 1.5);
			this.matched = new Uint8Array(capacity);
			this.score = new Uint16Array(capacity);
			this.last = new Uint16Array(capacity);
		} else {
			this.matched.fill(0, 0, length);
			this.score.fill(0, 0, length);
		}
		this.terms = 0;
	}

	/** Adds the entries of an alternative of the current term. Each product keeps the best of the term. */
	add({ chunk, start, length }: PostingList, certainty: number): void {
		const { matched, score, last, terms } = this;
		for (let i = start; i < start + length; i++) {
			const entry = chunk[i] ?? 0;
			const p = ordinalOf(entry);
			const state = matched[p] ?? 0;
			if (state < terms) continue;
			const weight = (WEIGHTS[fieldsOf(entry)] ?? 0) * certainty;
			if (state === terms) {
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

	/** Writes the ordinals that match every term to `into`, ascending; their number. */
	collect(length: number, into: Int32Array): number {
		const { matched, terms } = this;
		let found = 0;
		for (let p = 0; p < length; p++) if (matched[p] === terms) into[found++] = p;
		return found;
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
	for (const term of terms) {
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
function listsBelow(ids: readonly string[], postings: Postings, names: NameTable): PostingList[] {
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
