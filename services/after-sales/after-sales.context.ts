import type { ServiceBroker } from "moleculer";
import type { Config } from "../../mixins/config.mixin";
import type { Logger, StoredRefusal } from "../../mixins/platform";
import type { Store } from "../../mixins/store.mixin";
import type { AfterSale } from "./after-sale.domain";

/** Stores and clients that the functions of this service work with. */
export type AfterSalesContext = {
	readonly cases: Store<AfterSale>;
	/** Refusals that are the first answer under an idempotency key. */
	readonly refusals: Store<StoredRefusal>;
	readonly config: Pick<Config, "get">;
	readonly broker: Pick<ServiceBroker, "call">;
	readonly logger: Pick<Logger, "warn" | "error">;
};

/** `broker`, or the `ctx` of a call: then its deadline and trace go on. */
export type Via = AfterSalesContext["broker"];
