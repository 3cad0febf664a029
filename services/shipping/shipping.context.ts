import type { ServiceBroker } from "moleculer";
import type { Config } from "../../mixins/config.mixin";
import type { Logger } from "../../mixins/platform";
import type { Store } from "../../mixins/store.mixin";
import type { Parcel } from "./parcel.domain";
import type { ShippingRule } from "./rule.domain";

/** Stores and clients that the functions of this service work with. */
export type ShippingContext = {
	readonly parcels: Store<Parcel>;
	readonly rules: Store<ShippingRule>;
	/** Says that what prices are calculated with has changed. */
	readonly announceChange: (...keys: readonly string[]) => void;
	readonly config: Pick<Config, "get">;
	readonly broker: Pick<ServiceBroker, "call">;
	readonly logger: Logger;
};
