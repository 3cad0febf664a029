import type { KeyedCache } from "../../mixins/cache.mixin";
import type { Store } from "../../mixins/store.mixin";
import type { Banner, Notice, Page, Section } from "./entry.domain";

/** Stores and cache that the functions of this service work with. */
export type ContentContext = {
	readonly banners: Store<Banner>;
	readonly notices: Store<Notice>;
	readonly sections: Store<Section>;
	readonly pages: Store<Page>;
	/** The entries that have not ended, and pages with their HTML. */
	readonly cache: KeyedCache;
};
