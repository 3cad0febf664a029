import type { ServiceBroker } from "moleculer";
import type { Config } from "../../mixins/config.mixin";
import type { Logger } from "../../mixins/platform";
import type { Store } from "../../mixins/store.mixin";
import type { Parcel } from "./parcel.domain";

/** Stores and clients that the functions of this service work with. */
export type ShippingContext = {
	readonly parcels: Store<Parcel>;
	readonly config: Pick<Config, "get">;
	readonly broker: Pick<ServiceBroker, "call">;
	readonly logger: Logger;
};
