import type { Suggestion } from "../../../schemas/search.contract";
import { foldText } from "../text/fold-text.domain";
import { splitRuns } from "../text/split-text.domain";
import type { CatalogueWords } from "./catalogue-words.domain";

export const MAX_SUGGESTIONS = 10;
const MAX_QUERIES = 5;
const MAX_NAMED = 2;

/** What an index knows of its catalogue. */
export type Known = {
	readonly words: CatalogueWords;
	/** About how many products a category or brand has. */
	readonly countOfCategory: (id: string) => number;
	readonly countOfBrand: (id: string) => number;
	/** Whether any product has the token. */
	readonly isKnown: (token: string) => boolean;
};

/**
 * Completions of what is being typed: queries that others used, words of the catalogue, categories, brands, and the best
 * products. `popularQueries` has the queries that others used, the most used first; `products` those that match, the best first.
 */
export function suggest(
	known: Known,
	q: string,
	popularQueries: readonly string[],
	products: readonly { readonly id: string; readonly name: string }[]
): Suggestion[] {
	const typed = foldText(q).trim();
	if (typed === "") return [];
	const { names } = known.words;
	const spelled = findSpelledWords(known.words, typed);
	const beginnings = [typed, ...spelled.slice(0, 5)];
	const queries = popularQueries.filter(text =>
		beginnings.some(beginning => foldText(text).startsWith(beginning))
	);
	const words = spelled.filter(word => known.isKnown(wordToken(word)));
	const found: Suggestion[] = [
		...[...queries, ...words].slice(0, MAX_QUERIES).map(text => ({ text, kind: "query" as const })),
		...findNamed(names.categories.values(), beginnings, known.countOfCategory, "category"),
		...findNamed(names.brands.values(), beginnings, known.countOfBrand, "brand"),
		...products.map(({ id, name }) => ({ text: name, kind: "product" as const, id }))
	];
	return dropDuplicates(found).slice(0, MAX_SUGGESTIONS);
}

/** A token that every product with the word has. */
const wordToken = (word: string): string => word.slice(0, 2);

/** Tokens of which `suggest` asks whether they are known. */
export const tokensToSuggest = (words: CatalogueWords, q: string): string[] =>
	findSpelledWords(words, foldText(q).trim()).map(wordToken);

/** Chinese words that what is typed in Latin letters may spell, the most frequent first. */
function findSpelledWords({ vocabulary }: CatalogueWords, typed: string): string[] {
	const [run, ...others] = splitRuns(typed);
	if (run?.kind !== "letters" || others.length > 0 || typed.length < 2) return [];
	const words = [...vocabulary.findSpelled(typed), ...vocabulary.completePinyin(typed)];
	return [...new Set(words)].filter(word => word.length > 1).slice(0, MAX_SUGGESTIONS);
}

type Named = { readonly id: string; readonly name: string; readonly folded: string };

/** Those whose name has one of the beginnings, the ones with the most products first. */
function findNamed(
	all: Iterable<Named>,
	beginnings: readonly string[],
	countOf: (id: string) => number,
	kind: "category" | "brand"
): Suggestion[] {
	return [...all]
		.filter(({ folded }) => beginnings.some(beginning => folded.includes(beginning)))
		.map(named => ({ ...named, count: countOf(named.id) }))
		.filter(({ count }) => kind === "category" || count > 0)
		.sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1))
		.slice(0, MAX_NAMED)
		.map(({ id, name }) => ({ text: name, kind, id }));
}

function dropDuplicates(found: readonly Suggestion[]): Suggestion[] {
	const seen = new Set<string>();
	return found.filter(({ kind, text }) => {
		const key = `${kind} ${text}`;
		return !seen.has(key) && seen.add(key);
	});
}
