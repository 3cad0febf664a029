import { setImmediate as nextTurn } from "node:timers/promises";
import type { SearchEntry } from "../../schemas/search.contract";
import type { CatalogueNames } from "./index/catalogue-names.domain";
import type { SearchIndex } from "./index/search-index.domain";
import type { ToPinyin } from "./text/vocabulary.domain";

/** Where an index reads what it holds. */
export type IndexSource = {
	/** Products on the shelf, by descending id from below `before` on; empty at the end. */
	readPage(before: string | undefined): Promise<readonly SearchEntry[]>;
	/** Those of the products that are on the shelf. */
	readProducts(ids: readonly string[]): Promise<readonly SearchEntry[]>;
	readNames(): Promise<CatalogueNames>;
	readSynonyms(): Promise<readonly (readonly string[])[]>;
};

/** An index under construction, and the products that were refreshed in it meanwhile: a page read before has them older. */
export type Building = { readonly index: SearchIndex; readonly refreshed: Set<string> };

/** Longest piece of synchronous work. */
const SLICE_MS = 4;

/** Puts all products into the index. */
export async function loadProducts(
	source: IndexSource,
	{ index, refreshed }: Building,
	hasStopped: () => boolean
): Promise<void> {
	const slice = new Slice();
	for (let before: string | undefined; ;) {
		const page = await source.readPage(before);
		for (const entry of page) {
			if (!refreshed.has(entry.id)) index.put(entry);
			await slice.yieldIfOver();
			if (hasStopped()) return;
		}
		before = page.at(-1)?.id;
		if (before === undefined) return;
	}
}

/** Lets the index understand pinyin. The tables are loaded at the first need, since they take memory. */
export async function spellWords({ vocabulary }: SearchIndex, hasStopped: () => boolean): Promise<void> {
	const { pinyin } = await import("pinyin-pro");
	const toPinyin: ToPinyin = word => pinyin(word, { toneType: "none", type: "array", v: true });
	const slice = new Slice();
	for (const _ of vocabulary.spellWords(toPinyin)) {
		await slice.yieldIfOver();
		if (hasStopped()) return;
	}
}

/** Lets other work have its turn of the event loop. */
class Slice {
	private startedAt = performance.now();

	async yieldIfOver(): Promise<void> {
		if (performance.now() - this.startedAt < SLICE_MS) return;
		await nextTurn();
		this.startedAt = performance.now();
	}
}
