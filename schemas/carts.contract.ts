import {
	action,
	bool,
	contract,
	currency,
	fen,
	id,
	int,
	list,
	nothing,
	obj,
	oneOf,
	opt,
	orNull,
	quantity,
	record,
	str,
	text,
	type TypeOf
} from "./kit";
import { quote } from "./promotions.contract";

const sum = () => fen({ max: Number.MAX_SAFE_INTEGER });
const line = obj({ skuId: id(), quantity: quantity() });

/**
 * What stands in the way of buying a line: OUT_OF_STOCK is more than is `available` to the buyer. A changed price is only news,
 * the line can be bought at the present one.
 */
const problem = oneOf("OUT_OF_STOCK", "NOT_ON_SHELF", "PRICE_CHANGED");

const cartItem = obj({
	skuId: id(),
	productId: id(),
	name: str(),
	image: orNull(text()),
	attributes: record(str()),
	quantity: quantity(),
	selected: bool(),
	/** The present one. */
	price: fen(),
	/** The one that the buyer saw when the line was put in. */
	addedPrice: fen(),
	/** price × quantity. */
	amount: sum(),
	/** Units that this buyer can have: what is in stock, no more than `limitPerUser`; what he has by former orders is not counted. */
	available: int({ min: 0 }),
	limitPerUser: orNull(int({ min: 1 })),
	problem: orNull(problem)
});
export type CartItem = TypeOf<typeof cartItem>;

const shown = {
	items: list(cartItem),
	/** What the selected lines that can be bought cost, without shipping. */
	totals: obj({ itemsTotal: sum(), discountTotal: sum(), total: sum(), currency: currency() }),
	/** Units of all lines. */
	count: int({ min: 0 })
};
const cart = obj(shown);
export type CartView = TypeOf<typeof cart>;

/**
 * What became of a guest's line: `from` is the user's quantity before, `to` after. CAPPED: as many as there are, or as one buyer may have; the last
 * three left the user's line as it was.
 */
const mergedLine = obj({
	skuId: id(),
	from: int({ min: 0 }),
	to: int({ min: 0 }),
	reason: oneOf("ADDED", "MAX", "SUM", "REPLACED", "CAPPED", "OUT_OF_STOCK", "NOT_ON_SHELF", "CART_FULL")
});
export type MergedLine = TypeOf<typeof mergedLine>;

export const carts = contract("carts", {
	/** The selected lines of a user's cart, for an order. */
	selected: action({ userId: id() }, { repeatable: true }).returns(list(line)),
	/** Takes the ordered lines out, once per order. */
	drop: action({ userId: id(), orderId: id(), skuIds: list(id()) }, { repeatable: true }).returns(nothing),

	get: action({})
		.returns(cart)
		.rest("GET /cart", "guest", "The cart at present prices and stock; a guest's by X-Cart-Id"),
	/** Answers 200 with the cart: nothing that has an id of its own is made. */
	add: action({ skuId: id(), quantity: quantity() })
		.returns(cart)
		.rest("POST /cart/items", "guest", "Put units of a SKU into the cart, on top of those there", {
			errors: ["NOT_FOUND", "NOT_ON_SHELF", "OUT_OF_STOCK", "INVALID_STATE"]
		}),
	setItem: action({ skuId: id(), quantity: opt(quantity()), selected: opt(bool()) })
		.returns(cart)
		.rest("PATCH /cart/items/:skuId", "guest", "Change a line's quantity or whether it is selected", {
			errors: ["NOT_FOUND", "NOT_ON_SHELF", "OUT_OF_STOCK"]
		}),
	removeItem: action({ skuId: id() })
		.returns(cart)
		.rest("DELETE /cart/items/:skuId", "guest", "Take a line out", { errors: ["NOT_FOUND"] }),
	clear: action({}, { repeatable: true })
		.returns(cart)
		.rest("DELETE /cart", "guest", "Take every line out"),
	select: action({
		skuIds: opt(list(id(), { min: 1, max: 100 })),
		all: opt(bool()),
		selected: bool()
	})
		.returns(cart)
		.rest("POST /cart/select", "guest", "Select the named lines, or all, or no longer", {
			errors: ["NOT_FOUND"]
		}),
	merge: action({ cartId: str({ max: 128 }) }, { repeatable: true })
		.returns(obj({ merged: list(mergedLine), ...shown }))
		.rest("POST /cart/merge", "user", "Merge a guest's cart into the user's, once"),
	/** Refuses what an order of these lines would refuse, by the same code, but for what the buyer has of a limited SKU by former orders. */
	preview: action({
		items: opt(list(line, { min: 1, max: 100 })),
		addressId: opt(id()),
		couponCode: opt(str({ max: 64 }))
	})
		.returns(quote)
		.rest("POST /cart/preview", "guest", "What the given lines, or else the selected ones, would cost", {
			errors: ["NOT_FOUND", "NOT_ON_SHELF", "OUT_OF_STOCK"]
		})
});
