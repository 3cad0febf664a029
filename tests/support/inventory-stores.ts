import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type * as BackendsModule from "../../infrastructure/backends";
import type * as ConfigModule from "../../infrastructure/config";
import type * as OutboxModule from "../../infrastructure/documents/outbox";
import type { Doc } from "../../infrastructure/documents/collection";
import type * as SettingsModule from "../../settings";
import type * as StoreModule from "../../infrastructure/documents/store";
import type { Reservation } from "../../services/inventory/reservation.domain";
import type { ReservationContext } from "../../services/inventory/inventory.context";
import type { LedgerRow, Stock } from "../../services/inventory/stock.domain";

const dataDir = mkdtempSync(join(tmpdir(), "zjmall-inventory-"));
Object.assign(process.env, { DATA_DIR: dataDir, MALL_NAMESPACE: basename(dataDir) });
// Required, not imported: the settings are read when these modules are loaded.
const { backends } = require("../../infrastructure/backends") as typeof BackendsModule;
const { settings } = require("../../settings") as typeof SettingsModule;
const { Outbox } = require("../../infrastructure/documents/outbox") as typeof OutboxModule;
const { Store } = require("../../infrastructure/documents/store") as typeof StoreModule;
const { Config } = require("../../infrastructure/config") as typeof ConfigModule;
const quiet = { info() {}, warn() {}, error() {}, debug() {} };

const outboxes: OutboxModule.Outbox[] = [];
function store<T extends Doc>(name: string): StoreModule.Store<T> {
	const documents = backends.collection<T>(name);
	const outbox = new Outbox(backends.collection(name), backends.facts(quiet), quiet);
	outboxes.push(outbox);
	return new Store(documents, outbox, name);
}

/** The stores of the inventory, with no service around them. Import this file first: the services' files read the settings. */
export async function openInventory(): Promise<ReservationContext> {
	if (settings.dataDir !== dataDir)
		throw new Error("The settings were read before the data folder was set");
	await backends.open();
	await backends.collection("stock_log").index({ keys: { skuId: 1, cause: 1 }, unique: true });
	await backends.collection("stock_log").index({ keys: { skuId: 1, _id: -1 } });
	return {
		stock: store<Stock>("stock"),
		ledger: store<LedgerRow>("stock_log"),
		reservations: store<Reservation>("stock_reservations"),
		config: new Config()
	};
}

export async function closeInventory(): Promise<void> {
	await Promise.all(outboxes.map(outbox => outbox.close()));
	await backends.close();
	rmSync(dataDir, { recursive: true, force: true });
}
