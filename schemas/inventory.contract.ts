import { action, contract, event, id, int, list, nothing, obj, oneOf, quantity, time } from "./kit";

const line = obj({ skuId: id(), quantity: quantity() });
const lines = list(line, { min: 1, max: 100 });

export const inventory = contract("inventory", {
	query: action({ skuIds: list(id(), { min: 1, max: 100 }) }, { repeatable: true })
		.returns(list(obj({ skuId: id(), available: int({ min: 0 }) })))
		.rest("POST /stock/query", "public", "Units of SKUs that can be bought"),
	/** All lines or none, once per order however often it is called; refuses with OUT_OF_STOCK and `data.items`. */
	reserve: action({ orderId: id(), lines, expiresAt: time() }, { repeatable: true }).returns(nothing),
	/** Frees what the order holds, if anything: also after half a `reserve`. No later `reserve` of the order succeeds. */
	release: action({ orderId: id() }, { repeatable: true }).returns(nothing)
});

export const inventoryEvents = {
	"stock.reserved": event({ orderId: id(), lines }),
	"stock.released": event({ orderId: id(), lines }),
	"stock.deducted": event({ orderId: id(), lines }),
	"stock.returned": event({ orderId: id(), lines }),
	/** Told when a SKU's level changes; `version` grows with each, so that a late one can be told. */
	"stock.level_changed": event({
		skuId: id(),
		level: oneOf("in", "low", "out"),
		available: int(),
		version: int()
	})
};
