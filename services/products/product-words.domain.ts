/** Runs of Chinese characters, of digits, and of other letters. */
const RUNS = /\p{Script=Han}+|\p{Nd}+|[\p{L}\p{M}]+/gu;
const HAN = /^\p{Script=Han}/u;
const PREFIX_LENGTH = { min: 2, max: 10 };
const MAX_QUERY_WORDS = 16;

const wordSegmenter = new Intl.Segmenter("zh", { granularity: "word" });
const normalize = (text: string) => text.normalize("NFKC").toLowerCase();

/**
 * Words under which texts are indexed. Chinese: every character and every bigram, so that any part of a text is found
 * however it would be cut into words. Other letters: each word and its prefixes. Letters next to digits also make one
 * word (`iphone15`), written together or with a blank or hyphen between.
 */
export function extractWords(...texts: readonly string[]): string[] {
	return [...new Set(texts.flatMap(text => splitRuns(normalize(text)).flatMap(indexWords)))];
}

/**
 * Words that a text must all be indexed under to match the query, longest first since those are the rarest. Chinese is cut
 * into words, and words of more than two characters into bigrams.
 */
export function extractQueryWords(query: string): string[] {
	const words = splitRuns(normalize(query), true).flatMap(({ text, joined }) => {
		if (joined !== undefined) return [joined];
		if (!HAN.test(text)) return [text];
		const cut = [...wordSegmenter.segment(text)].map(({ segment }) => segment);
		return cut.flatMap(word => (length(word) > 2 ? bigramsOf(word) : [word]));
	});
	return [...new Set(words)].sort((a, b) => length(b) - length(a)).slice(0, MAX_QUERY_WORDS);
}

type Run = { readonly text: string; readonly joined?: string };

/**
 * Runs of one script; `joined` is the run with its successor, where letters meet digits. With `asQuery`, runs that are part
 * of a joined word stand only in it.
 */
function splitRuns(text: string, asQuery = false): Run[] {
	const found = [...text.matchAll(RUNS)].map(({ 0: word, index }) => ({
		word,
		index,
		end: index + word.length
	}));
	const runs: Run[] = [];
	let covered = false;
	for (const [i, { word, end }] of found.entries()) {
		const next = found[i + 1];
		const gap = next ? text.slice(end, next.index) : undefined;
		const meets =
			next !== undefined &&
			isDigit(word) !== isDigit(next.word) &&
			!HAN.test(word) &&
			!HAN.test(next.word);
		const joins = meets && (gap === "" || (!asQuery && /^[ -]$/.test(gap ?? "")));
		if (!asQuery || (!covered && !joins)) runs.push({ text: word });
		if (joins) runs.push({ text: word, joined: word + next.word });
		covered = joins;
	}
	return runs;
}

function indexWords({ text, joined }: Run): string[] {
	if (joined !== undefined) return [joined];
	if (HAN.test(text)) return [...Array.from(text), ...bigramsOf(text)];
	if (isDigit(text)) return [text];
	const prefixes = [];
	for (let n = PREFIX_LENGTH.min; n <= Math.min(PREFIX_LENGTH.max, length(text)); n++)
		prefixes.push(Array.from(text).slice(0, n).join(""));
	return [...prefixes, text];
}

const isDigit = (word: string) => /^\p{Nd}/u.test(word);
const length = (word: string) => Array.from(word).length;
function bigramsOf(word: string): string[] {
	const characters = Array.from(word);
	return characters.slice(1).map((character, i) => `${characters[i]}${character}`);
}
