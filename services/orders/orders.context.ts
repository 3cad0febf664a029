import type { ServiceBroker } from "moleculer";
import type { Config } from "../../mixins/config.mixin";
import type { Logger, StoredRefusal } from "../../mixins/platform";
import type { Metrics } from "../../mixins/metrics.mixin";
import type { Store } from "../../mixins/store.mixin";
import type { Order } from "./order.domain";
import type { ORDER_METRICS } from "./orders.metrics";
import type { PurchaseEntries } from "./purchase-limit.domain";

/** Stores and clients that the functions of this service work with. */
export type OrdersContext = {
	readonly orders: Store<Order>;
	readonly purchases: Store<PurchaseEntries>;
	/** Refusals that are the first answer under an idempotency key. */
	readonly refusals: Store<StoredRefusal>;
	readonly metrics: Pick<Metrics<typeof ORDER_METRICS>, "placing">;
	readonly config: Pick<Config, "get">;
	readonly broker: Pick<ServiceBroker, "call">;
	readonly logger: Pick<Logger, "warn" | "error">;
};

/** `broker`, or the `ctx` of a call: then its deadline and trace go on. */
export type Via = OrdersContext["broker"];
