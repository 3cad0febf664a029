import type { KeyedCache } from "../../mixins/cache.mixin";
import type { Config } from "../../mixins/config.mixin";
import type { Store } from "../../mixins/store.mixin";
import type { CountedSale } from "./count-sales";
import type { Product } from "./product.domain";

/** Stores, cache and config that the functions of this service work with. */
export type ProductsContext = {
	readonly products: Store<Product>;
	readonly countedSales: Store<CountedSale>;
	/** Products by id, and the number of matches of each list. */
	readonly cache: KeyedCache;
	readonly config: Pick<Config, "get">;
};
