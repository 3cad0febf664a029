import { foldText } from "./fold-text.domain";
import { bigramsOf, charactersOf, segmentWords, splitRuns, type Run } from "./split-text.domain";
import type { Synonyms } from "./synonyms.domain";
import type { Vocabulary } from "./vocabulary.domain";

/** How surely a text that matches is what was meant; the weight of a match in the ranking. */
export const CERTAINTY = { exact: 4, synonym: 3, completed: 3, spelled: 2, corrected: 1 } as const;

/** Tokens that must all stand in a product, in one and the same of its texts with `sameField`. */
export type Alternative = {
	readonly tokens: readonly string[];
	readonly sameField: boolean;
	readonly certainty: number;
	/** The word that the tokens stand for, where the query spells it otherwise. */
	readonly word?: string;
};
/** A part of a query: one of its alternatives must match. `text` is what it says, folded. */
export type Term = { readonly text: string; readonly alternatives: readonly Alternative[] };
/** What decides how words that are no Chinese are understood. */
export type Lexicon = {
	readonly vocabulary: Vocabulary;
	readonly synonyms: Synonyms;
	/** Whether any product has the token. */
	readonly isKnown: (token: string) => boolean;
};

const MAX_TERMS = 24;
const MIN_COMPLETED_LENGTH = 2;

/** A word of the query, before it is decided what it matches: a Chinese word, or letters and digits without a gap. */
type Word = {
	readonly runs: readonly Run[];
	readonly text: string;
	readonly start: number;
	readonly end: number;
};

/** The terms of a query; empty where it holds no word. */
export function parseQuery(query: string, lexicon: Lexicon): Term[] {
	const text = foldText(query);
	const words = splitWords(text);
	const ends = new Set(words.map(({ end }) => end));
	const terms = new Map<string, Term>();
	const add = (term: Term) => {
		if (!terms.has(term.text) && terms.size < MAX_TERMS) terms.set(term.text, term);
	};
	let coveredTo = 0;
	for (const word of words) {
		if (word.start < coveredTo) continue;
		const phrase = lexicon.synonyms.matchAt(text, word.start, ends);
		if (phrase === null) toTerms(word, lexicon).forEach(add);
		else {
			coveredTo = word.start + phrase.length;
			add(toSynonymTerm(phrase, lexicon));
		}
	}
	return [...terms.values()];
}

function splitWords(text: string): Word[] {
	const words: Word[] = [];
	for (const run of splitRuns(text)) {
		const last = words.at(-1);
		const joins = last && run.kind !== "han" && last.end === run.start && last.runs[0]?.kind !== "han";
		if (joins)
			words[words.length - 1] = {
				...last,
				runs: [...last.runs, run],
				text: last.text + run.text,
				end: run.end
			};
		else if (run.kind !== "han") words.push({ ...run, runs: [run] });
		else words.push(...cutHan(run));
	}
	return words;
}

function cutHan(run: Run): Word[] {
	let start = run.start;
	return segmentWords(run.text).map(text => {
		const word = {
			runs: [{ ...run, text, start, end: start + text.length }],
			text,
			start,
			end: start + text.length
		};
		start += text.length;
		return word;
	});
}

function toSynonymTerm(phrase: string, lexicon: Lexicon): Term {
	const own = splitWords(phrase).flatMap(word => toTerms(word, lexicon));
	const [only, ...more] = own;
	const itself = only && more.length === 0 ? only.alternatives : [toExact(phrase, CERTAINTY.exact)];
	const others = lexicon.synonyms.find(phrase).map(word => toExact(word, CERTAINTY.synonym));
	return { text: phrase, alternatives: [...itself, ...others] };
}

/** All tokens of a text, without completion or correction. */
function toExact(text: string, certainty: number): Alternative {
	const tokens = splitWords(text).flatMap(word => tokensOf(word));
	return { tokens: [...new Set(tokens)], sameField: false, certainty };
}

function tokensOf({ runs, text }: Word): string[] {
	if (runs.length > 1) return joinNeighbours(runs);
	if (runs[0]?.kind !== "han") return [text];
	return charactersOf(text).length === 1 ? [text] : bigramsOf(text);
}

/** k80pro → k80, 80pro: the tokens under which letters next to digits are indexed. */
const joinNeighbours = (runs: readonly Run[]): string[] =>
	runs.slice(1).map((run, i) => `${runs[i]?.text ?? ""}${run.text}`);

function toTerms(word: Word, lexicon: Lexicon): Term[] {
	if (word.runs.length > 1) return [toModelTerm(word, lexicon)];
	if (word.runs[0]?.kind === "letters") return toLatinTerms(word.text, lexicon);
	const exact = { tokens: tokensOf(word), sameField: true, certainty: CERTAINTY.exact };
	return [{ text: word.text, alternatives: [exact] }];
}

/** iPhone15: as one, or its letters and digits anywhere. */
function toModelTerm({ runs, text }: Word, { vocabulary }: Lexicon): Term {
	const joined = { tokens: joinNeighbours(runs), sameField: true, certainty: CERTAINTY.exact };
	const parts = runs.flatMap(run =>
		run.kind === "letters" ? vocabulary.splitLatin(run.text) : [run.text]
	);
	const apart = { tokens: parts, sameField: true, certainty: CERTAINTY.corrected };
	const first = runs[0]?.text ?? "";
	const corrected = vocabulary.correctLatin(first).map(word => ({
		tokens: [word, ...runs.slice(1).map(run => run.text)],
		sameField: true,
		certainty: CERTAINTY.corrected
	}));
	return { text, alternatives: [joined, apart, ...corrected] };
}

function toLatinTerms(text: string, lexicon: Lexicon): Term[] {
	const alternatives = understandLatin(text, lexicon);
	if (alternatives.length > 1 || lexicon.isKnown(text)) return [{ text, alternatives }];
	const pieces = lexicon.vocabulary.splitPinyin(text);
	if (!pieces || pieces.length < 2) return [{ text, alternatives }];
	return pieces.map(piece => ({
		text: piece,
		alternatives: lexicon.vocabulary.findSpelled(piece).map(toSpelled)
	}));
}

const toSpelled = (word: string): Alternative => ({
	tokens: word.length === 1 ? [word] : bigramsOf(word),
	sameField: true,
	certainty: CERTAINTY.spelled,
	word
});
const toSingle = (certainty: number) => (token: string) => ({ tokens: [token], sameField: true, certainty });

/** As it is written, as the beginning of a word, as pinyin and, where all that is unknown, with one typing error. */
function understandLatin(text: string, { vocabulary, synonyms, isKnown }: Lexicon): Alternative[] {
	const exact = toSingle(CERTAINTY.exact)(text);
	if (text.length < MIN_COMPLETED_LENGTH) return [exact];
	const completed = vocabulary.completeLatin(text).map(toSingle(CERTAINTY.completed));
	const words = vocabulary.findSpelled(text);
	const meant = words.flatMap(word => synonyms.find(word)).map(word => toExact(word, CERTAINTY.spelled));
	const spelled = [...words.map(toSpelled), ...meant];
	const known = isKnown(text) || completed.length > 0 || spelled.length > 0;
	const corrected = known ? [] : vocabulary.correctLatin(text).map(toSingle(CERTAINTY.corrected));
	const begun = known || corrected.length > 0 ? [] : vocabulary.completePinyin(text).map(toSpelled);
	return [exact, ...completed, ...spelled, ...corrected, ...begun];
}
