import type { KeyedCache } from "../../mixins/cache.mixin";
import type { Store } from "../../mixins/store.mixin";
import type { Tree } from "./category.domain";

/** The store of the tree, and its cache under the key `tree`. */
export type CategoriesContext = {
	readonly trees: Store<Tree>;
	readonly cache: KeyedCache;
};
