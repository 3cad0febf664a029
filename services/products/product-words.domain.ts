const RUNS = /\p{Script=Han}+|\p{Nd}+|[\p{L}\p{M}]+/gu;
const HAN = /^\p{Script=Han}/u;
const PREFIX = { min: 2, max: 10 };
const MOST_ASKED = 16;

const inWords = new Intl.Segmenter("zh", { granularity: "word" });
const normal = (text: string) => text.normalize("NFKC").toLowerCase();

/**
 * What a text is found by. Chinese: every character and every two neighbours, so that any part of a text is found however
 * it would be cut into words. Other letters: the words and how they begin. Letters beside digits count as one too
 * (`iphone15`), whether written together or with a blank between.
 */
export function wordsOf(...texts: readonly string[]): string[] {
	return [...new Set(texts.flatMap(text => runsOf(normal(text)).flatMap(indexed)))];
}

/** What all a text must have to match a query, the rarest first: Chinese is cut into words, and long words into pairs. */
export function wordsAsked(query: string): string[] {
	const words = runsOf(normal(query), true).flatMap(({ text, joined }) => {
		if (joined !== undefined) return [joined];
		if (!HAN.test(text)) return [text];
		const cut = [...inWords.segment(text)].map(({ segment }) => segment);
		return cut.flatMap(word => (length(word) > 2 ? pairs(word) : [word]));
	});
	return [...new Set(words)].sort((a, b) => length(b) - length(a)).slice(0, MOST_ASKED);
}

type Run = { readonly text: string; readonly joined?: string };

/** Runs of one script; `joined` with the next one where letters meet digits. `alone`: what is in a joined word counts once. */
function runsOf(text: string, alone = false): Run[] {
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
		const joins = meets && (gap === "" || (!alone && /^[ -]$/.test(gap ?? "")));
		if (!alone || (!covered && !joins)) runs.push({ text: word });
		if (joins) runs.push({ text: word, joined: word + next.word });
		covered = joins;
	}
	return runs;
}

function indexed({ text, joined }: Run): string[] {
	if (joined !== undefined) return [joined];
	if (HAN.test(text)) return [...Array.from(text), ...pairs(text)];
	if (isDigit(text)) return [text];
	const beginnings = [];
	for (let n = PREFIX.min; n <= Math.min(PREFIX.max, length(text)); n++)
		beginnings.push(Array.from(text).slice(0, n).join(""));
	return [...beginnings, text];
}

const isDigit = (word: string) => /^\p{Nd}/u.test(word);
const length = (word: string) => Array.from(word).length;
function pairs(word: string): string[] {
	const characters = Array.from(word);
	return characters.slice(1).map((character, i) => `${characters[i]}${character}`);
}
