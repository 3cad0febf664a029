import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";

/** A price and how it came about. The shares of a discount sum to its amount, and no amount is below 0. */
export const quote = r.obj({
	lines: r.list(
		r.obj({
			skuId: r.id(),
			productId: r.id(),
			price: r.fen(),
			quantity: r.quantity(),
			/** price × quantity − discount. */
			amount: r.fenSum(),
			discount: r.fenSum()
		})
	),
	itemsTotal: r.fenSum(),
	discounts: r.list(
		r.obj({
			type: r.str(),
			id: r.str(),
			name: r.str(),
			amount: r.fenSum(),
			lines: r.list(r.obj({ skuId: r.id(), amount: r.fenSum() }))
		})
	),
	discountTotal: r.fenSum(),
	notApplied: r.list(r.obj({ id: r.str(), name: r.str(), reason: r.str() })),
	shippingFee: r.fen(),
	total: r.fenSum(),
	currency: r.currency()
});
export type Quote = r.TypeOf<typeof quote>;

export const promotions = contract("promotions", {
	/** Calculates the price of lines, for the cart's preview and for the order alike. */
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
