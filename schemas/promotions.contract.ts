import {
	action,
	contract,
	currency,
	fen,
	id,
	list,
	obj,
	opt,
	orNull,
	quantity,
	str,
	type TypeOf
} from "./kit";

/** A price with everything that made it: each discount's shares sum to its amount, nothing is below 0. */
export const quote = obj({
	lines: list(
		obj({
			skuId: id(),
			productId: id(),
			price: fen(),
			quantity: quantity(),
			/** price × quantity − discount. */
			amount: fen({ max: Number.MAX_SAFE_INTEGER }),
			discount: fen({ max: Number.MAX_SAFE_INTEGER })
		})
	),
	itemsTotal: fen({ max: Number.MAX_SAFE_INTEGER }),
	discounts: list(
		obj({
			type: str(),
			id: str(),
			name: str(),
			amount: fen({ max: Number.MAX_SAFE_INTEGER }),
			lines: list(obj({ skuId: id(), amount: fen({ max: Number.MAX_SAFE_INTEGER }) }))
		})
	),
	discountTotal: fen({ max: Number.MAX_SAFE_INTEGER }),
	notApplied: list(obj({ id: str(), name: str(), reason: str() })),
	shippingFee: fen(),
	total: fen({ max: Number.MAX_SAFE_INTEGER }),
	currency: currency()
});
export type Quote = TypeOf<typeof quote>;

export const promotions = contract("promotions", {
	/** The one place where a price is made, for the cart's preview and for the order alike. */
	quote: action(
		{
			userId: orNull(id()),
			lines: list(
				obj({
					skuId: id(),
					productId: id(),
					categoryIds: list(id()),
					brandId: orNull(id()),
					price: fen(),
					quantity: quantity()
				}),
				{ min: 1, max: 100 }
			),
			province: opt(str({ max: 50 })),
			couponCode: opt(str({ max: 64 }))
		},
		{ repeatable: true }
	).returns(quote)
});
