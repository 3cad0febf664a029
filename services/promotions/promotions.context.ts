import type { ServiceBroker } from "moleculer";
import type { KeyedCache } from "../../mixins/cache.mixin";
import type { Config } from "../../mixins/config.mixin";
import type { QuotaContext } from "../../mixins/quotas";
import type { Store } from "../../mixins/store.mixin";
import type { Promotion } from "./promotion.domain";

/** Stores, cache and clients that the functions of this service work with. */
export type PromotionsContext = QuotaContext & {
	readonly promotions: Store<Promotion>;
	/** The promotions that have not ended, compiled. */
	readonly cache: KeyedCache;
	readonly config: Pick<Config, "get">;
	readonly broker: Pick<ServiceBroker, "call">;
};
