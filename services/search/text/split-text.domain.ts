export type RunKind = "han" | "letters" | "digits";
/** A run of Chinese characters, of digits, or of other letters, and where it stands in the text. */
export type Run = {
	readonly kind: RunKind;
	readonly text: string;
	readonly start: number;
	readonly end: number;
};

const HAN = /^\p{Script=Han}/u;
const LETTER = /^[\p{L}\p{M}]/u;
const DIGIT = /^\p{Nd}/u;

function classify(text: string, i: number): RunKind | null {
	const code = text.charCodeAt(i);
	if (code < 0x80) {
		if (code >= 97 && code <= 122) return "letters";
		return code >= 48 && code <= 57 ? "digits" : null;
	}
	if (code >= 0x4e00 && code <= 0x9fff) return "han";
	const character = String.fromCodePoint(text.codePointAt(i) ?? 0);
	if (HAN.test(character)) return "han";
	if (LETTER.test(character)) return "letters";
	return DIGIT.test(character) ? "digits" : null;
}

const isHighSurrogate = (code: number) => code >= 0xd800 && code <= 0xdbff;

/** Splits a folded text into runs; everything else parts them. */
export function splitRuns(text: string): Run[] {
	const runs: Run[] = [];
	let kind: RunKind | null = null;
	let start = 0;
	for (let i = 0; i <= text.length;) {
		const next = i < text.length ? classify(text, i) : null;
		if (next !== kind) {
			if (kind) runs.push({ kind, text: text.slice(start, i), start, end: i });
			kind = next;
			start = i;
		}
		i += isHighSurrogate(text.charCodeAt(i)) ? 2 : 1;
	}
	return runs;
}

/** Whether letters meet digits without a gap, or with one blank or hyphen (`K80 Pro`, `iPhone-15`). */
export function isModel(text: string, run: Run, next: Run | undefined): next is Run {
	if (!next || run.kind === "han" || next.kind === "han" || run.kind === next.kind) return false;
	const gap = next.start - run.end;
	return gap === 0 || (gap === 1 && (text[run.end] === " " || text[run.end] === "-"));
}

/** Characters of a run as code points. */
export const charactersOf = (run: string): string[] => Array.from(run);

export function bigramsOf(run: string): string[] {
	const characters = charactersOf(run);
	return characters.slice(1).map((character, i) => `${characters[i] ?? ""}${character}`);
}

const MAX_TOKEN_LENGTH = 40;

/**
 * Calls `emit` with every token under which a folded text is found: each Chinese character and bigram, so that any part of
 * the text is found however it would be cut into words; words of other letters; numbers; and letters next to digits as one.
 */
export function forEachToken(text: string, emit: (token: string) => void): void {
	const runs = splitRuns(text);
	for (const [i, run] of runs.entries()) {
		if (run.kind === "han") {
			emitHan(run.text, emit);
			continue;
		}
		emit(run.text.slice(0, MAX_TOKEN_LENGTH));
		const next = runs[i + 1];
		if (isModel(text, run, next)) emit((run.text + next.text).slice(0, MAX_TOKEN_LENGTH));
	}
}

function emitHan(run: string, emit: (token: string) => void): void {
	let before = "";
	for (const character of run) {
		emit(character);
		if (before) emit(before + character);
		before = character;
	}
}

const segmenter = new Intl.Segmenter("zh", { granularity: "word" });

/** Words of a run of Chinese characters. */
export const segmentWords = (run: string): string[] =>
	run.length <= 2 ? [run] : Array.from(segmenter.segment(run), ({ segment }) => segment);
