import type { ServiceBroker } from "moleculer";
import type { Config } from "../../mixins/config.mixin";
import type { Store } from "../../mixins/store.mixin";
import type { ConfigChange } from "./config-value.domain";

/** Stores and clients that the functions of this service work with. */
export type ConfigContext = {
	readonly changes: Store<ConfigChange>;
	/** The config values as this process knows them. */
	readonly config: Config;
	readonly broker: ServiceBroker;
};
