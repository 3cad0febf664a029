import { isOneEditAway } from "./edit-distance.domain";
import { segmentWords, splitRuns } from "./split-text.domain";

/** Gives the syllables of a word without tones: 手机 → shou, ji. */
export type ToPinyin = (word: string) => readonly string[];

const MAX_WORD = 8;
const MAX_COMPOUND = 5;
/** Most words that a spelling stands for; the more frequent ones are preferred. */
const MAX_HOMOPHONES = 40;
const MAX_EXPANSIONS = 40;
const MIN_FUZZY_LENGTH = 5;

/** Words in the names of products, brands and categories: what a query may be meant to say. */
export class Vocabulary {
	/** How many names have the word. */
	private readonly words = new Map<string, number>();
	private readonly latinByLength = new Map<number, string[]>();
	private readonly latin = new Set<string>();
	private sortedLatin: string[] | undefined;
	private toPinyin: ToPinyin | undefined;
	private readonly byPinyin = new Map<string, string[]>();
	private readonly byInitials = new Map<string, string[]>();
	private sortedPinyin: string[] | undefined;

	/** Whether queries in pinyin are understood. */
	get knowsPinyin(): boolean {
		return this.toPinyin !== undefined;
	}

	/** Adds the words of a folded name. */
	addName(text: string): void {
		for (const run of splitRuns(text)) {
			if (run.kind === "letters") this.addLatin(run.text);
			if (run.kind === "han") this.addHan(run.text);
		}
	}

	addLatin(word: string): void {
		if (this.latin.has(word) || word.length > 40) return;
		this.latin.add(word);
		this.sortedLatin = undefined;
		const same = this.latinByLength.get(word.length);
		if (same) same.push(word);
		else this.latinByLength.set(word.length, [word]);
	}

	hasLatin(word: string): boolean {
		return this.latin.has(word);
	}

	/** Spells all words; a generator, so that the caller can spread the work. From then on new words are spelled at once. */
	*spellWords(toPinyin: ToPinyin): Generator<void> {
		this.toPinyin = toPinyin;
		for (const word of [...this.words.keys()]) {
			this.spell(word);
			yield;
		}
	}

	frequencyOf(word: string): number {
		return this.words.get(word) ?? 0;
	}

	/** Latin words that begin with the text, but differ from it; at most 40. */
	completeLatin(beginning: string): string[] {
		this.sortedLatin ??= [...this.latin].sort();
		return takeWithPrefix(this.sortedLatin, beginning, MAX_EXPANSIONS).filter(word => word !== beginning);
	}

	/** Latin words of five letters and more that one typing error turns into the text. */
	correctLatin(text: string): string[] {
		if (text.length < MIN_FUZZY_LENGTH - 1) return [];
		return [text.length - 1, text.length, text.length + 1]
			.filter(length => length >= MIN_FUZZY_LENGTH)
			.flatMap(length => this.latinByLength.get(length) ?? [])
			.filter(word => isOneEditAway(text, word))
			.slice(0, MAX_EXPANSIONS);
	}

	/** Chinese words that are spelled so, in full (`shouji`) or by their initials (`sj`); the most frequent first. */
	findSpelled(text: string): string[] {
		const found = [...(this.byPinyin.get(text) ?? []), ...(this.byInitials.get(text) ?? [])];
		return this.mostFrequent(found);
	}

	/** Chinese words whose spelling begins so; the most frequent first. */
	completePinyin(beginning: string): string[] {
		this.sortedPinyin ??= [...this.byPinyin.keys()].sort();
		const spellings = takeWithPrefix(this.sortedPinyin, beginning, MAX_EXPANSIONS);
		return this.mostFrequent(spellings.flatMap(spelling => this.byPinyin.get(spelling) ?? []));
	}

	/** Cuts `zhinengshouji` into the fewest known spellings, `xmsj` into initials of known words; null where that is impossible. */
	splitPinyin(text: string): string[] | null {
		return (
			fewestPieces(text, piece => this.byPinyin.has(piece)) ??
			fewestPieces(text, piece => piece.length >= 2 && this.byInitials.has(piece))
		);
	}

	/** Cuts letters that are no word into known ones: promax → pro, max. As they are where that is impossible. */
	splitLatin(text: string): string[] {
		if (this.latin.has(text)) return [text];
		return fewestPieces(text, piece => piece.length > 1 && this.latin.has(piece)) ?? [text];
	}

	private mostFrequent(words: readonly string[]): string[] {
		if (words.length < 2) return [...words];
		return [...new Set(words)]
			.sort((a, b) => this.frequencyOf(b) - this.frequencyOf(a) || (a < b ? -1 : 1))
			.slice(0, MAX_HOMOPHONES);
	}

	private addHan(run: string): void {
		let before = "";
		for (const word of segmentWords(run)) {
			this.addWord(word);
			// Two words that make one name, such as 保温 and 杯, answer to their initials together.
			if (before && before.length + word.length <= MAX_COMPOUND) this.addWord(before + word);
			before = word;
			// 手机壳 also answers to the spelling of 手机.
			if (word.length > 2 && word.length <= MAX_WORD)
				for (let i = 0; i + 2 <= word.length; i++) this.addWord(word.slice(i, i + 2));
		}
	}

	private addWord(word: string): void {
		if (word.length > MAX_WORD) return;
		const count = this.words.get(word) ?? 0;
		this.words.set(word, count + 1);
		if (count === 0 && this.toPinyin) this.spell(word);
	}

	private spell(word: string): void {
		const syllables = this.toPinyin?.(word) ?? [];
		if (syllables.length === 0) return;
		addTo(this.byPinyin, syllables.join(""), word);
		this.sortedPinyin = undefined;
		if (syllables.length > 1) addTo(this.byInitials, syllables.map(s => s.charAt(0)).join(""), word);
	}
}

function addTo(map: Map<string, string[]>, key: string, word: string): void {
	const words = map.get(key);
	if (!words) map.set(key, [word]);
	else if (!words.includes(word)) words.push(word);
}

/** Of a sorted list, the first `limit` texts with this beginning. */
function takeWithPrefix(sorted: readonly string[], prefix: string, limit: number): string[] {
	let low = 0;
	let high = sorted.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((sorted[middle] ?? "") < prefix) low = middle + 1;
		else high = middle;
	}
	const found = [];
	for (let i = low; found.length < limit; i++) {
		const text = sorted[i];
		if (!text?.startsWith(prefix)) break;
		found.push(text);
	}
	return found;
}

const MAX_SPLIT_LENGTH = 40;
const MAX_PIECE_LENGTH = 24;

function fewestPieces(text: string, isKnown: (piece: string) => boolean): string[] | null {
	if (text.length > MAX_SPLIT_LENGTH) return null;
	const best: (string[] | null)[] = [[]];
	for (let end = 1; end <= text.length; end++) {
		best[end] = null;
		for (let start = Math.max(0, end - MAX_PIECE_LENGTH); start < end; start++) {
			const before = best[start];
			const piece = text.slice(start, end);
			if (!before || (best[end] && before.length + 1 >= (best[end]?.length ?? 0)) || !isKnown(piece))
				continue;
			best[end] = [...before, piece];
		}
	}
	return best[text.length] ?? null;
}
