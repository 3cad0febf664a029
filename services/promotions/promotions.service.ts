import { configMixin } from "../../mixins/config.mixin";
import { CURRENCY, sumAmounts } from "../../schemas/values/money";
import { promotions } from "../../schemas/promotions.contract";
import { service } from "../../schemas/registry";
import { calculateShippingFee } from "./fee.domain";
import { calculateQuote } from "./price.domain";

/** Calculates every price: cart, preview and order show the quotes of this service. */
export default service(promotions, {
	mixins: [configMixin],

	actions: {
		quote: {
			async handler(ctx) {
				const { lines, couponCode } = ctx.params;
				const itemsTotal = sumAmounts(lines.map(line => line.price * line.quantity));
				const fee = calculateShippingFee(itemsTotal, {
					fee: this.config.get("shipping.fee"),
					freeFrom: this.config.get("shipping.freeFrom")
				});
				const { lines: priced, ...made } = calculateQuote({
					lines,
					offers: [],
					shippingFee: fee,
					currency: CURRENCY
				});
				// Coupons are not issued yet, so every code is unknown.
				const unknown = couponCode ? [{ id: couponCode, name: couponCode, reason: "NOT_FOUND" }] : [];
				return {
					...made,
					lines: priced.map(({ skuId, productId, price, quantity, discount, payable }) => ({
						skuId,
						productId,
						price,
						quantity,
						discount,
						amount: payable
					})),
					notApplied: [...made.notApplied, ...unknown]
				};
			}
		}
	}
});
