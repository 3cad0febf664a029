import type { Config } from "../../mixins/config.mixin";
import type { KeyedCache } from "../../mixins/cache.mixin";
import type { Store } from "../../mixins/store.mixin";

/** A set of words that mean the same. */
export type SynonymSet = {
	readonly _id: string;
	readonly words: readonly string[];
	/** Kept as a document: a removal could not carry the fact by which every index hears of it. */
	readonly removed: boolean;
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

/** How often a query was used on one day, by nobody in particular; the id is `<day>|<query, folded>`. */
export type QueryCount = {
	readonly _id: string;
	/** The day in Beijing, `2026-01-31`. */
	readonly day: string;
	/** As it was typed first that day. */
	readonly text: string;
	readonly count: number;
};

/** The last queries of a user; the id is the user's. */
export type SearchHistory = {
	readonly _id: string;
	readonly version: number;
	readonly queries: readonly { readonly q: string; readonly at: Date }[];
};

/** Stores, index and config that the functions of this service work with. */
export type SearchContext = {
	readonly synonyms: Store<SynonymSet>;
	readonly countedQueries: Store<QueryCount>;
	readonly histories: Store<SearchHistory>;
	readonly cache: KeyedCache;
	readonly config: Pick<Config, "get">;
};
