import {
	action,
	bool,
	contract,
	cursorPaging,
	event,
	id,
	int,
	list,
	nothing,
	obj,
	oneOf,
	opt,
	orNull,
	pageOf,
	paging,
	quantity,
	str,
	time,
	type TypeOf
} from "./kit";
import { stockLevel } from "./stock-level";
import { prose } from "./text-rules";
import { historyStep } from "./traces.contract";

const line = obj({ skuId: id(), quantity: quantity() });
const lines = list(line, { min: 1, max: 100 });

const units = () => int({ min: 0 });
export const stockChangeType = oneOf("adjust", "reserve", "release", "deduct", "return");
export type StockChangeType = TypeOf<typeof stockChangeType>;

const item = obj({
	skuId: id(),
	available: units(),
	reserved: units(),
	sold: units(),
	lowStockAt: units(),
	level: stockLevel,
	updatedAt: orNull(time())
});
export type StockView = TypeOf<typeof item>;

const change = obj({
	id: id(),
	type: stockChangeType,
	/** Signed for `adjust`; the units moved for the others. */
	quantity: int(),
	orderId: orNull(id()),
	/** Units available before and after; a deduct takes from the reserved ones and leaves them as they are. */
	before: units(),
	after: units(),
	at: time(),
	by: str(),
	reason: orNull(str())
});
export type StockChangeView = TypeOf<typeof change>;

export const inventory = contract("inventory", {
	query: action({ skuIds: list(id(), { min: 1, max: 100 }) }, { repeatable: true })
		.returns(list(obj({ skuId: id(), available: units() })))
		.rest("POST /stock/query", "public", "Units of SKUs that can be bought"),
	/** All lines or none, once per order however often it is called; refuses with OUT_OF_STOCK and `data.items`. */
	reserve: action({ orderId: id(), lines, expiresAt: time() }, { repeatable: true }).returns(nothing),
	/** Frees what the order holds, if anything: also after half a `reserve`. No later `reserve` of the order succeeds. */
	release: action({ orderId: id() }, { repeatable: true }).returns(nothing),
	/** What the ledger tells of an order's life. */
	history: action({ orderId: id() }, { repeatable: true }).returns(list(historyStep)),
	/** Gives SKUs that never had stock their first; leaves all others alone. For demo data and imports. */
	seed: action(
		{ items: list(obj({ skuId: id(), available: int({ min: 0, max: 1_000_000 }) }), { max: 1000 }) },
		{ repeatable: true }
	).returns(nothing),
	list: action({ ...paging, low: opt(bool()), skuId: opt(id()) })
		.returns(pageOf(item))
		.rest("GET /admin/inventory", ["warehouse"], "Stock by SKU; low=true only what runs short"),
	get: action({ skuId: id() })
		.returns(item)
		.rest("GET /admin/inventory/:skuId", ["warehouse"], "Stock of one SKU"),
	adjust: action({
		skuId: id(),
		delta: int({ min: -1_000_000, max: 1_000_000 }),
		reason: prose({ max: 200 }),
		key: str({ min: 8, max: 128 })
	})
		.returns(item)
		.rest("POST /admin/inventory/:skuId/adjust", ["warehouse"], "Add units to a SKU or take some off", {
			keyed: true,
			errors: ["OUT_OF_STOCK"]
		}),
	log: action({ skuId: id(), ...cursorPaging })
		.returns(pageOf(change))
		.rest("GET /admin/inventory/:skuId/log", ["warehouse"], "Every change of a SKU's stock, newest first")
});

export const inventoryEvents = {
	"stock.reserved": event({ orderId: id(), lines }),
	"stock.released": event({ orderId: id(), lines }),
	"stock.deducted": event({ orderId: id(), lines }),
	"stock.returned": event({ orderId: id(), lines }),
	/** Told when a SKU's level changes; `version` grows with each, so that a late one can be told. */
	"stock.level_changed": event({ skuId: id(), level: stockLevel, available: int(), version: int() })
};
