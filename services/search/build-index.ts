import type { SearchEntry } from "../../schemas/search.contract";
import type { CatalogueIndex } from "./catalogue-index";
import type { CatalogueNames } from "./index/catalogue-names.domain";
import type { CatalogueWords } from "./index/catalogue-words.domain";
import type { ToPinyin } from "./text/vocabulary.domain";
import { TimeSlice } from "./time-slice";

/** Where an index reads what it holds. */
export type IndexSource = {
	/** Products on the shelf, by descending id from below `before` on; empty at the end. */
	readPage(before: string | undefined): Promise<readonly SearchEntry[]>;
	/** Those of the products that are on the shelf. */
	readProducts(ids: readonly string[]): Promise<readonly SearchEntry[]>;
	readNames(): Promise<CatalogueNames>;
	readSynonyms(): Promise<readonly (readonly string[])[]>;
};

/** An index under construction, and the products that were stored in it meanwhile: a page read before has them older. */
export type Building = { readonly index: CatalogueIndex; readonly refreshed: Set<string> };

/** Puts all products into the index. `version` is lower than those of later changes. */
export async function loadProducts(
	source: IndexSource,
	{ index, refreshed }: Building,
	version: number,
	hasStopped: () => boolean
): Promise<void> {
	for (let before: string | undefined; !hasStopped();) {
		const entries = await source.readPage(before);
		before = entries.at(-1)?.id;
		if (before === undefined) return;
		await index.store({ entries, gone: [], version, isOutdated: id => refreshed.has(id) });
	}
}

/** Reads the synonyms and names that the index's vocabulary needs. */
export async function readWords(source: IndexSource, { words }: CatalogueIndex): Promise<void> {
	words.setSynonyms(await source.readSynonyms());
	words.setNames(await source.readNames());
}

/** Lets queries in pinyin be understood. The tables are loaded at the first need, since they take memory. */
export async function spellWords({ vocabulary }: CatalogueWords, hasStopped: () => boolean): Promise<void> {
	const { pinyin } = await import("pinyin-pro");
	const toPinyin: ToPinyin = word => pinyin(word, { toneType: "none", type: "array", v: true });
	const slice = new TimeSlice();
	for (const _ of vocabulary.spellWords(toPinyin)) {
		await slice.yieldIfOver();
		if (hasStopped()) return;
	}
}
