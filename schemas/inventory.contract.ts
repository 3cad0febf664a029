import { action, contract, event } from "./kit/contract";
import * as r from "./kit/rules";
import { stockLevel } from "./values/stock-level";
import { prose } from "./kit/text-rules";
import { historyStep } from "./traces.contract";

const line = r.obj({ skuId: r.id(), quantity: r.quantity() });
const lines = r.list(line, { min: 1, max: 100 });

const units = () => r.int({ min: 0 });
export const stockChangeType = r.oneOf("adjust", "reserve", "release", "deduct", "return");
export type StockChangeType = r.TypeOf<typeof stockChangeType>;

const item = r.obj("StockItem", {
	skuId: r.id(),
	available: units(),
	reserved: units(),
	sold: units(),
	lowStockAt: units(),
	level: stockLevel,
	updatedAt: r.orNull(r.time())
});
export type StockView = r.TypeOf<typeof item>;

const change = r.obj("StockChange", {
	id: r.id(),
	type: stockChangeType,
	/** Signed for `adjust`, else the number of units moved. */
	quantity: r.int(),
	orderId: r.orNull(r.id()),
	/** Units available before and after. A deduct takes reserved units, so both are equal. */
	before: units(),
	after: units(),
	at: r.time(),
	by: r.str(),
	reason: r.orNull(r.str())
});
export type StockChangeView = r.TypeOf<typeof change>;

export const inventory = contract("inventory", {
	query: action({ skuIds: r.list(r.id(), { min: 1, max: 100 }) }, { repeatable: true })
		.returns(r.list(r.obj({ skuId: r.id(), available: units() })))
		.rest("POST /stock/query", "public", "Units of SKUs that can be bought"),
	/** Reserves all lines or none, once per order however often it is called; refuses with OUT_OF_STOCK and `data.items`. */
	reserve: action(
		{
			orderId: r.id(),
			lines,
			expiresAt: r.time(),
			/** Whose the reservation is; by default an order's. */
			owner: r.opt(r.oneOf("exchange"))
		},
		{ repeatable: true }
	).returns(r.nothing),
	/** Releases what the order holds, also after half a `reserve`. No later `reserve` of the order succeeds. */
	release: action({ orderId: r.id() }, { repeatable: true }).returns(r.nothing),
	/** Steps of an order's life from the ledger. */
	history: action({ orderId: r.id() }, { repeatable: true }).returns(r.list(historyStep)),
	/** Gives SKUs their first stock, for demo data and imports. SKUs that ever had stock are left alone. */
	seed: action(
		{
			items: r.list(r.obj({ skuId: r.id(), available: r.int({ min: 0, max: 1_000_000 }) }), {
				max: 1000
			})
		},
		{ repeatable: true }
	).returns(r.nothing),
	list: action({ ...r.cursorPaging, low: r.opt(r.bool()), skuId: r.opt(r.id()) })
		.returns(r.pageOf(item))
		.rest("GET /admin/inventory", ["warehouse"], "Stock by SKU; low=true only what runs short"),
	get: action({ skuId: r.id() })
		.returns(item)
		.rest("GET /admin/inventory/:skuId", ["warehouse"], "Stock of one SKU"),
	adjust: action({
		skuId: r.id(),
		delta: r.int({ min: -1_000_000, max: 1_000_000 }),
		reason: prose({ max: 200 }),
		key: r.str({ min: 8, max: 128 })
	})
		.returns(item)
		.rest("POST /admin/inventory/:skuId/adjust", ["warehouse"], "Add units to a SKU or take some off", {
			keyed: true,
			errors: ["OUT_OF_STOCK"]
		}),
	log: action({ skuId: r.id(), ...r.cursorPaging })
		.returns(r.pageOf(change))
		.rest("GET /admin/inventory/:skuId/log", ["warehouse"], "Every change of a SKU's stock, newest first")
});

export const inventoryEvents = {
	"stock.reserved": event({ orderId: r.id(), lines }).means("All lines of an order are reserved"),
	"stock.released": event({ orderId: r.id(), lines }).means("An order's reserved units are free again"),
	"stock.deducted": event({ orderId: r.id(), lines }).means("An order's reserved units are sold"),
	"stock.returned": event({ orderId: r.id(), lines }).means("Units of a refunded order are back in stock"),
	/** The level of a SKU changed. `version` grows with every change, so that a late fact is recognised. */
	"stock.level_changed": event({
		skuId: r.id(),
		level: stockLevel,
		available: r.int(),
		version: r.int()
	}).means("The stock level of a SKU changed: in, low or out; a higher version is newer")
};
