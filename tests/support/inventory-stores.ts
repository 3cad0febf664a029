import { rmSync } from "node:fs";
import { backends } from "../../infrastructure/backends";
import { Config } from "../../infrastructure/config";
import { Outbox } from "../../infrastructure/documents/outbox";
import type { Doc } from "../../infrastructure/documents/collection";
import { Store } from "../../infrastructure/documents/store";
import type { Reservation } from "../../services/inventory/reservation.domain";
import type { ReservationContext } from "../../services/inventory/inventory.context";
import type { LedgerRow, Stock } from "../../services/inventory/stock.domain";
import { settings } from "../../settings";

const quiet = { info() {}, warn() {}, error() {}, debug() {} };

const outboxes: Outbox[] = [];
function store<T extends Doc>(name: string): Store<T> {
	const documents = backends.collection<T>(name);
	const outbox = new Outbox(backends.collection(name), backends.facts(quiet), quiet);
	outboxes.push(outbox);
	return new Store(documents, outbox, name);
}

/** The stores of the inventory, with no service around them. */
export async function openInventory(): Promise<ReservationContext> {
	await backends.open();
	await backends.collection("stock_log").index({ keys: { skuId: 1, cause: 1 }, unique: true });
	await backends.collection("stock_log").index({ keys: { skuId: 1, _id: -1 } });
	return {
		stock: store<Stock>("stock"),
		ledger: store<LedgerRow>("stock_log"),
		reservations: store<Reservation>("stock_reservations"),
		config: new Config(),
		announceChange: () => undefined
	};
}

export async function closeInventory(): Promise<void> {
	await Promise.all(outboxes.map(outbox => outbox.close()));
	await backends.close();
	rmSync(settings.dataDir, { recursive: true, force: true });
}
