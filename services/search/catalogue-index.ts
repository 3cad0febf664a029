import { Refusal } from "../../schemas/errors/errors";
import type { SearchEntry, SearchQuery, SearchResult, Suggestion } from "../../schemas/search.contract";
import type { StockLevel } from "../../schemas/values/stock-level";
import type { CatalogueWords } from "./index/catalogue-words.domain";

/** Products as they were read from their service. */
export type ProductsRead = {
	/** Products on the shelf. */
	readonly entries: readonly SearchEntry[];
	/** Ids of products that are not, or no longer, on the shelf. */
	readonly gone: readonly string[];
	/** Grows with the log of facts; of two readings of a product the one with the higher version is the newer one. */
	readonly version: number;
	/** Asked when a product is about to be stored: whether a newer reading of it has been stored meanwhile. */
	readonly isOutdated?: (id: string) => boolean;
};

/** The level of a SKU's stock; the highest version is the present one. */
export type SkuLevel = {
	readonly productId: string;
	readonly skuId: string;
	readonly level: StockLevel;
	readonly version: number;
};

/** An index of the catalogue: in the memory of this process, or in a search engine. */
export interface CatalogueIndex {
	/** Vocabulary by which this process parses queries. */
	readonly words: CatalogueWords;
	/** Number of products. */
	readonly size: number;
	/** Estimated bytes of the index. */
	readonly bytes: number;
	/** True after so many changes that a rebuilt index would be smaller. */
	readonly isWorn: boolean;
	/** Resolves when searches see the change. */
	store(read: ProductsRead): Promise<void>;
	/** True when searches see the level; false when they will once the product is stored again. */
	setLevel(level: SkuLevel): boolean;
	search(query: SearchQuery): Promise<SearchResult>;
	/** @param popularQueries Queries that others used, the most used first. */
	suggest(q: string, popularQueries: readonly string[]): Promise<Suggestion[]>;
}

/** Where the indexes of this process are kept. */
export interface IndexStore {
	/** The index that is in use already, as far as it was left in order by whoever filled it; null where there is none. */
	open(): Promise<OpenedIndex | null>;
	/** An empty index, beside the one in use. Null where another process was building one, which is in use now. */
	create(): Promise<CatalogueIndex | null>;
	/** Puts the index into use, in place of the former one. The log must be followed from the position on. */
	activate(index: CatalogueIndex, position: string): Promise<void>;
	/** Notes for the next `open` that the index in use has everything up to this position of the log. */
	savePosition(position: string): Promise<void>;
}

export type OpenedIndex = {
	readonly index: CatalogueIndex;
	readonly position: string;
	readonly builtAt: Date;
};

/** The index is not there: somebody has deleted it. */
export class IndexMissing extends Refusal<"SERVICE_UNAVAILABLE"> {
	constructor(name: string) {
		super("SERVICE_UNAVAILABLE", `The search index ${name} is missing`, { retryAfter: 1 });
	}
}
