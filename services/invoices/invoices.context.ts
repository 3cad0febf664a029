import type { ServiceBroker } from "moleculer";
import type { Store } from "../../mixins/store.mixin";
import type { Invoice } from "./invoice.domain";

/** Stores and clients that the functions of this service work with. */
export type InvoicesContext = {
	readonly invoices: Store<Invoice>;
	readonly broker: Pick<ServiceBroker, "call">;
};

/** `broker`, or the `ctx` of a call: then its deadline and trace go on. */
export type Via = InvoicesContext["broker"];
