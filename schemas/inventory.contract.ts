import { action, contract, event } from "./kit/contract";
import * as r from "./kit/rules";
import { stockLevel } from "./stock-level";
import { prose } from "./text-rules";
import { historyStep } from "./traces.contract";

const line = r.obj({ skuId: r.id(), quantity: r.quantity() });
const lines = r.list(line, { min: 1, max: 100 });

const units = () => r.int({ min: 0 });
export const stockChangeType = r.oneOf("adjust", "reserve", "release", "deduct", "return");
export type StockChangeType = r.TypeOf<typeof stockChangeType>;

const item = r.obj({
	skuId: r.id(),
	available: units(),
	reserved: units(),
	sold: units(),
	lowStockAt: units(),
	level: stockLevel,
	updatedAt: r.orNull(r.time())
});
export type StockView = r.TypeOf<typeof item>;

const change = r.obj({
	id: r.id(),
	type: stockChangeType,
	/** Signed for `adjust`; the units moved for the others. */
	quantity: r.int(),
	orderId: r.orNull(r.id()),
	/** Units available before and after; a deduct takes from the reserved ones and leaves them as they are. */
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
	/** All lines or none, once per order however often it is called; refuses with OUT_OF_STOCK and `data.items`. */
	reserve: action({ orderId: r.id(), lines, expiresAt: r.time() }, { repeatable: true }).returns(r.nothing),
	/** Frees what the order holds, if anything: also after half a `reserve`. No later `reserve` of the order succeeds. */
	release: action({ orderId: r.id() }, { repeatable: true }).returns(r.nothing),
	/** What the ledger tells of an order's life. */
	history: action({ orderId: r.id() }, { repeatable: true }).returns(r.list(historyStep)),
	/** Gives SKUs that never had stock their first; leaves all others alone. For demo data and imports. */
	seed: action(
		{
			items: r.list(r.obj({ skuId: r.id(), available: r.int({ min: 0, max: 1_000_000 }) }), {
				max: 1000
			})
		},
		{ repeatable: true }
	).returns(r.nothing),
	list: action({ ...r.paging, low: r.opt(r.bool()), skuId: r.opt(r.id()) })
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
	"stock.reserved": event({ orderId: r.id(), lines }),
	"stock.released": event({ orderId: r.id(), lines }),
	"stock.deducted": event({ orderId: r.id(), lines }),
	"stock.returned": event({ orderId: r.id(), lines }),
	/** Told when a SKU's level changes; `version` grows with each, so that a late one can be told. */
	"stock.level_changed": event({ skuId: r.id(), level: stockLevel, available: r.int(), version: r.int() })
};
