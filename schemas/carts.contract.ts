import { action, contract } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";
import { quote } from "./promotions.contract";

const line = r.obj({ skuId: r.id(), quantity: r.quantity() });

/**
 * Reasons why a line can't be bought as it stands. OUT_OF_STOCK: it asks for more than is `available` to the buyer.
 * PRICE_CHANGED only informs: the line can be bought at the present price.
 */
const problem = r.oneOf("OUT_OF_STOCK", "NOT_ON_SHELF", "PRICE_CHANGED");

const cartItem = r.obj("CartItem", {
	skuId: r.id(),
	productId: r.id(),
	name: r.str(),
	image: r.orNull(r.text()),
	attributes: r.record(r.str()),
	quantity: r.quantity(),
	selected: r.bool(),
	/** Present price. */
	price: r.fen(),
	/** Price that the buyer saw when adding the line. */
	addedPrice: r.fen(),
	/** price × quantity. */
	amount: r.fenSum(),
	/** Units that this buyer can have: those in stock, up to `limitPerUser`. Units of earlier orders are not taken off. */
	available: r.int({ min: 0 }),
	limitPerUser: r.orNull(r.int({ min: 1 })),
	problem: r.orNull(problem)
});
export type CartItem = r.TypeOf<typeof cartItem>;

const cartFields = {
	items: r.list(cartItem),
	/** Price of the selected lines that can be bought, without shipping. */
	totals: r.obj({
		itemsTotal: r.fenSum(),
		discountTotal: r.fenSum(),
		total: r.fenSum(),
		currency: r.currency()
	}),
	/** Units of all lines. */
	count: r.int({ min: 0 })
};
const cart = r.obj("Cart", cartFields);
export type CartView = r.TypeOf<typeof cart>;

/**
 * Result of merging a guest's line: the user's quantity before (`from`) and after (`to`). CAPPED: reduced to the stock or the
 * purchase limit. The last three reasons left the user's line as it was.
 */
const mergedLine = r.obj("MergedLine", {
	skuId: r.id(),
	from: r.int({ min: 0 }),
	to: r.int({ min: 0 }),
	reason: r.oneOf("ADDED", "MAX", "SUM", "REPLACED", "CAPPED", "OUT_OF_STOCK", "NOT_ON_SHELF", "CART_FULL")
});
export type MergedLine = r.TypeOf<typeof mergedLine>;

export const carts = contract("carts", {
	...personalDataActions,
	/** Selected lines of a user's cart, for an order. */
	selected: action({ userId: r.id() }, { repeatable: true }).returns(r.list(line)),
	/** Removes the ordered lines, once per order. */
	drop: action({ userId: r.id(), orderId: r.id(), skuIds: r.list(r.id()) }, { repeatable: true }).returns(
		r.nothing
	),

	get: action({})
		.returns(cart)
		.rest("GET /cart", "guest", "The cart at present prices and stock; a guest's by X-Cart-Id"),
	/** Answers 200 with the cart, not 201: a line is no resource with an id of its own. */
	add: action({ skuId: r.id(), quantity: r.quantity() })
		.returns(cart)
		.rest("POST /cart/items", "guest", "Put units of a SKU into the cart, on top of those there", {
			errors: ["NOT_FOUND", "NOT_ON_SHELF", "OUT_OF_STOCK", "PURCHASE_LIMIT", "LIMIT_REACHED"]
		}),
	setItem: action({ skuId: r.id(), quantity: r.opt(r.quantity()), selected: r.opt(r.bool()) })
		.returns(cart)
		.rest("PATCH /cart/items/:skuId", "guest", "Change a line's quantity or whether it is selected", {
			errors: ["NOT_FOUND", "NOT_ON_SHELF", "OUT_OF_STOCK", "PURCHASE_LIMIT"]
		}),
	removeItem: action({ skuId: r.id() })
		.returns(cart)
		.rest("DELETE /cart/items/:skuId", "guest", "Take a line out", { errors: ["NOT_FOUND"] }),
	clear: action({}, { repeatable: true })
		.returns(cart)
		.rest("DELETE /cart", "guest", "Take every line out"),
	select: action({
		skuIds: r.opt(r.list(r.id(), { max: 100 })),
		all: r.opt(r.bool()),
		selected: r.bool()
	})
		.returns(cart)
		.rest("POST /cart/select", "guest", "Select the named lines, or all, or no longer", {
			errors: ["NOT_FOUND"]
		}),
	merge: action({ cartId: r.str({ max: 128 }) }, { repeatable: true })
		.returns(r.obj({ merged: r.list(mergedLine), ...cartFields }))
		.rest("POST /cart/merge", "user", "Merge a guest's cart into the user's, once"),
	/** Refuses what an order of these lines would refuse, with the same code. Only units of earlier orders are not counted. */
	preview: action({
		items: r.opt(r.list(line, { min: 1, max: 100 })),
		addressId: r.opt(r.id()),
		couponCode: r.opt(r.str({ max: 64 })),
		usePoints: r.opt(r.int({ min: 0 }))
	})
		.returns(quote)
		.rest("POST /cart/preview", "guest", "What the given lines, or else the selected ones, would cost", {
			errors: ["NOT_FOUND", "NOT_ON_SHELF", "OUT_OF_STOCK", "PURCHASE_LIMIT"]
		})
});
