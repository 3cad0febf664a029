import { foldText } from "./fold-text.domain";

/** Sets of words that mean the same, ready to be found in queries. */
export type Synonyms = {
	/** The other words of every set that the folded word is in. */
	find(word: string): readonly string[];
	/** The longest word of a set that begins at `start` of the text and ends at one of `ends`; null where there is none. */
	matchAt(text: string, start: number, ends: ReadonlySet<number>): string | null;
};

export function compileSynonyms(sets: readonly (readonly string[])[]): Synonyms {
	const others = new Map<string, Set<string>>();
	const byFirst = new Map<string, string[]>();
	for (const set of sets) {
		const words = set.map(word => foldText(word).trim()).filter(Boolean);
		for (const word of words) {
			const known = others.get(word) ?? new Set();
			for (const other of words) if (other !== word) known.add(other);
			if (!others.has(word))
				byFirst.set(word.charAt(0), [...(byFirst.get(word.charAt(0)) ?? []), word]);
			others.set(word, known);
		}
	}
	for (const words of byFirst.values()) words.sort((a, b) => b.length - a.length);
	return {
		find: word => [...(others.get(word) ?? [])],
		matchAt: (text, start, ends) =>
			byFirst
				.get(text.charAt(start))
				?.find(word => ends.has(start + word.length) && text.startsWith(word, start)) ?? null
	};
}
