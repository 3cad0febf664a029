import type { Config } from "../../mixins/config.mixin";
import type { Store } from "../../mixins/store.mixin";
import type { Account, Entry, PointsOrder } from "./account.domain";

export type LogRow = Entry & { readonly _id: string; readonly userId: string };

/** Stores and config that the functions of this service work with. */
export type PointsContext = {
	readonly accounts: Store<Account>;
	readonly log: Store<LogRow>;
	readonly pointsOrders: Store<PointsOrder>;
	readonly config: Pick<Config, "get">;
};
