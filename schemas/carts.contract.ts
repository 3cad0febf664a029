import { action, contract, id, list, nothing, obj, quantity } from "./kit";

export const carts = contract("carts", {
	/** The selected lines of a user's cart, for an order. */
	selected: action({ userId: id() }, { repeatable: true }).returns(
		list(obj({ skuId: id(), quantity: quantity() }))
	),
	/** Takes the ordered lines out, once per order. */
	drop: action({ userId: id(), orderId: id(), skuIds: list(id()) }, { repeatable: true }).returns(nothing)
});
