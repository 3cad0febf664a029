import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";
import { quote } from "./promotions.contract";

const sum = () => r.fen({ max: Number.MAX_SAFE_INTEGER });
const line = r.obj({ skuId: r.id(), quantity: r.quantity() });

/**
 * What stands in the way of buying a line: OUT_OF_STOCK is more than is `available` to the buyer. A changed price is only news,
 * the line can be bought at the present one.
 */
const problem = r.oneOf("OUT_OF_STOCK", "NOT_ON_SHELF", "PRICE_CHANGED");

const cartItem = r.obj({
	skuId: r.id(),
	productId: r.id(),
	name: r.str(),
	image: r.orNull(r.text()),
	attributes: r.record(r.str()),
	quantity: r.quantity(),
	selected: r.bool(),
	/** The present one. */
	price: r.fen(),
	/** The one that the buyer saw when the line was put in. */
	addedPrice: r.fen(),
	/** price × quantity. */
	amount: sum(),
	/** Units that this buyer can have: what is in stock, no more than `limitPerUser`; what he has by former orders is not counted. */
	available: r.int({ min: 0 }),
	limitPerUser: r.orNull(r.int({ min: 1 })),
	problem: r.orNull(problem)
});
export type CartItem = r.TypeOf<typeof cartItem>;

const shown = {
	items: r.list(cartItem),
	/** What the selected lines that can be bought cost, without shipping. */
	totals: r.obj({ itemsTotal: sum(), discountTotal: sum(), total: sum(), currency: r.currency() }),
	/** Units of all lines. */
	count: r.int({ min: 0 })
};
const cart = r.obj(shown);
export type CartView = r.TypeOf<typeof cart>;

/**
 * What became of a guest's line: `from` is the user's quantity before, `to` after. CAPPED: as many as there are, or as one buyer may have; the last
 * three left the user's line as it was.
 */
const mergedLine = r.obj({
	skuId: r.id(),
	from: r.int({ min: 0 }),
	to: r.int({ min: 0 }),
	reason: r.oneOf("ADDED", "MAX", "SUM", "REPLACED", "CAPPED", "OUT_OF_STOCK", "NOT_ON_SHELF", "CART_FULL")
});
export type MergedLine = r.TypeOf<typeof mergedLine>;

export const carts = contract("carts", {
	/** The selected lines of a user's cart, for an order. */
	selected: action({ userId: r.id() }, { repeatable: true }).returns(r.list(line)),
	/** Takes the ordered lines out, once per order. */
	drop: action({ userId: r.id(), orderId: r.id(), skuIds: r.list(r.id()) }, { repeatable: true }).returns(
		r.nothing
	),

	get: action({})
		.returns(cart)
		.rest("GET /cart", "guest", "The cart at present prices and stock; a guest's by X-Cart-Id"),
	/** Answers 200 with the cart: nothing that has an id of its own is made. */
	add: action({ skuId: r.id(), quantity: r.quantity() })
		.returns(cart)
		.rest("POST /cart/items", "guest", "Put units of a SKU into the cart, on top of those there", {
			errors: ["NOT_FOUND", "NOT_ON_SHELF", "OUT_OF_STOCK", "INVALID_STATE"]
		}),
	setItem: action({ skuId: r.id(), quantity: r.opt(r.quantity()), selected: r.opt(r.bool()) })
		.returns(cart)
		.rest("PATCH /cart/items/:skuId", "guest", "Change a line's quantity or whether it is selected", {
			errors: ["NOT_FOUND", "NOT_ON_SHELF", "OUT_OF_STOCK"]
		}),
	removeItem: action({ skuId: r.id() })
		.returns(cart)
		.rest("DELETE /cart/items/:skuId", "guest", "Take a line out", { errors: ["NOT_FOUND"] }),
	clear: action({}, { repeatable: true })
		.returns(cart)
		.rest("DELETE /cart", "guest", "Take every line out"),
	select: action({
		skuIds: r.opt(r.list(r.id(), { min: 1, max: 100 })),
		all: r.opt(r.bool()),
		selected: r.bool()
	})
		.returns(cart)
		.rest("POST /cart/select", "guest", "Select the named lines, or all, or no longer", {
			errors: ["NOT_FOUND"]
		}),
	merge: action({ cartId: r.str({ max: 128 }) }, { repeatable: true })
		.returns(r.obj({ merged: r.list(mergedLine), ...shown }))
		.rest("POST /cart/merge", "user", "Merge a guest's cart into the user's, once"),
	/** Refuses what an order of these lines would refuse, by the same code, but for what the buyer has of a limited SKU by former orders. */
	preview: action({
		items: r.opt(r.list(line, { min: 1, max: 100 })),
		addressId: r.opt(r.id()),
		couponCode: r.opt(r.str({ max: 64 }))
	})
		.returns(quote)
		.rest("POST /cart/preview", "guest", "What the given lines, or else the selected ones, would cost", {
			errors: ["NOT_FOUND", "NOT_ON_SHELF", "OUT_OF_STOCK"]
		})
});
