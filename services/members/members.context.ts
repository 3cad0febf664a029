import type { KeyedCache } from "../../mixins/cache.mixin";
import type { Store } from "../../mixins/store.mixin";
import type { Level, Member, MemberOrder, PriceList } from "./member.domain";

/** Stores and cache that the functions of this service work with. */
export type MembersContext = {
	readonly members: Store<Member>;
	readonly memberOrders: Store<MemberOrder>;
	readonly levels: Store<Level>;
	readonly priceLists: Store<PriceList>;
	/** All levels, and all price lists. */
	readonly cache: KeyedCache;
};
