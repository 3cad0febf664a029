import type { ServiceBroker } from "moleculer";
import type { Config } from "../../mixins/config.mixin";
import type { Metrics } from "../../mixins/metrics.mixin";
import type { Logger } from "../../mixins/platform";
import type { Store } from "../../mixins/store.mixin";
import type { Parcel } from "./parcel.domain";
import type { ShippingRule } from "./rule.domain";
import type { SHIPPING_METRICS } from "./shipping.metrics";
import type { TrackingService } from "./tracking/tracking-service";

/** Stores and clients that the functions of this service work with. */
export type ShippingContext = {
	readonly parcels: Store<Parcel>;
	readonly rules: Store<ShippingRule>;
	/** Says that what prices are calculated with has changed. */
	readonly announceChange: (...keys: readonly string[]) => void;
	/** The tracking service, created on first use, because the gateway's address is not known earlier; null without an account. */
	readonly tracking: () => TrackingService | null;
	readonly metrics: Metrics<typeof SHIPPING_METRICS>;
	readonly config: Pick<Config, "get">;
	readonly broker: Pick<ServiceBroker, "call">;
	readonly logger: Logger;
};
