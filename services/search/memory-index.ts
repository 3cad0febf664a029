import type { SearchQuery, SearchResult, Suggestion } from "../../schemas/search.contract";
import type { CatalogueIndex, IndexStore, ProductsRead, SkuLevel } from "./catalogue-index";
import { SearchIndex } from "./index/search-index.domain";
import { MAX_SUGGESTIONS, suggest } from "./index/suggest.domain";
import { TimeSlice } from "./time-slice";

/** The catalogue in the memory of this process. */
export class MemoryIndex implements CatalogueIndex {
	readonly searchIndex = new SearchIndex();

	get words() {
		return this.searchIndex.words;
	}
	get size(): number {
		return this.searchIndex.size;
	}
	get bytes(): number {
		return this.searchIndex.bytes;
	}
	get isWorn(): boolean {
		return this.searchIndex.isWorn;
	}

	async store({ entries, gone, isOutdated }: ProductsRead): Promise<void> {
		const slice = new TimeSlice();
		for (const id of gone) this.searchIndex.remove(id);
		for (const entry of entries) {
			if (!isOutdated?.(entry.id)) this.searchIndex.put(entry);
			await slice.yieldIfOver();
		}
	}

	setLevel({ productId, skuId, level, version }: SkuLevel): boolean {
		this.searchIndex.setLevel(productId, skuId, level, version);
		return true;
	}

	async search(query: SearchQuery): Promise<SearchResult> {
		return this.searchIndex.search(query);
	}

	async suggest(q: string, popularQueries: readonly string[]): Promise<Suggestion[]> {
		const best = this.searchIndex.findBest(this.searchIndex.parse(q), MAX_SUGGESTIONS);
		return suggest(this.searchIndex, q, popularQueries, best);
	}
}

/** Every process has an index of its own, which is gone when it ends. */
export const memoryIndexes: IndexStore = {
	open: async () => null,
	create: async () => new MemoryIndex(),
	activate: async () => undefined,
	savePosition: async () => undefined
};
