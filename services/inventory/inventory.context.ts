import type { ServiceBroker } from "moleculer";
import type { Config } from "../../mixins/config.mixin";
import type { Store } from "../../mixins/store.mixin";
import type { Reservation } from "./reservation.domain";
import type { LedgerRow, Stock } from "./stock.domain";

/** Stores and clients that the functions of this service work with. */
export type InventoryContext = {
	readonly stock: Store<Stock>;
	readonly reservations: Store<Reservation>;
	readonly ledger: Store<LedgerRow>;
	readonly config: Pick<Config, "get">;
	readonly broker: Pick<ServiceBroker, "call">;
	/** Tells the gateways that answers with the level of these SKUs are out of date. */
	readonly announceChange: (...skuIds: readonly string[]) => void;
};

/** Part of the context that stock is counted with. */
export type StockContext = Pick<InventoryContext, "stock" | "ledger" | "config" | "announceChange">;
/** Part of the context that reservations change stock with. */
export type ReservationContext = StockContext & Pick<InventoryContext, "reservations">;
