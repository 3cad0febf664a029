import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";

/** A price with everything that made it: each discount's shares sum to its amount, nothing is below 0. */
export const quote = r.obj({
	lines: r.list(
		r.obj({
			skuId: r.id(),
			productId: r.id(),
			price: r.fen(),
			quantity: r.quantity(),
			/** price × quantity − discount. */
			amount: r.fen({ max: Number.MAX_SAFE_INTEGER }),
			discount: r.fen({ max: Number.MAX_SAFE_INTEGER })
		})
	),
	itemsTotal: r.fen({ max: Number.MAX_SAFE_INTEGER }),
	discounts: r.list(
		r.obj({
			type: r.str(),
			id: r.str(),
			name: r.str(),
			amount: r.fen({ max: Number.MAX_SAFE_INTEGER }),
			lines: r.list(r.obj({ skuId: r.id(), amount: r.fen({ max: Number.MAX_SAFE_INTEGER }) }))
		})
	),
	discountTotal: r.fen({ max: Number.MAX_SAFE_INTEGER }),
	notApplied: r.list(r.obj({ id: r.str(), name: r.str(), reason: r.str() })),
	shippingFee: r.fen(),
	total: r.fen({ max: Number.MAX_SAFE_INTEGER }),
	currency: r.currency()
});
export type Quote = r.TypeOf<typeof quote>;

export const promotions = contract("promotions", {
	/** The one place where a price is made, for the cart's preview and for the order alike. */
	quote: action(
		{
			userId: r.orNull(r.id()),
			lines: r.list(
				r.obj({
					skuId: r.id(),
					productId: r.id(),
					categoryIds: r.list(r.id()),
					brandId: r.orNull(r.id()),
					price: r.fen(),
					quantity: r.quantity()
				}),
				{ min: 1, max: 100 }
			),
			province: r.opt(r.str({ max: 50 })),
			couponCode: r.opt(r.str({ max: 64 }))
		},
		{ repeatable: true }
	).returns(quote)
});
