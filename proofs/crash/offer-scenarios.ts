import { aPromotion, aTemplate } from "../../tests/support/offers";
import { until } from "../../tests/support/until";
import { ignoreRefusal, buy, place, type Participants, type Scenario } from "./scenario";

/** A coupon that is claimed for the order, and some points. */
export async function takeBenefits({
	buyer,
	templateId
}: Pick<Participants, "buyer" | "templateId">): Promise<object> {
	const { code } = await buyer.mustSend("POST", `/coupons/templates/${templateId}/claim`, {});
	return { couponCode: code, usePoints: 10 };
}

/** Lives of an order with a coupon and points, of a SKU with a flash sale. */
export const OFFER_SCENARIOS: readonly Scenario[] = [
	{
		name: "flash sale, coupon and points, paid",
		finalStatus: "paid",
		paymentTimeout: 90,
		usesOffers: true,
		run: async (participants, attempt) => buy(participants, attempt, await takeBenefits(participants))
	},
	{
		name: "flash sale, coupon and points, cancelled",
		finalStatus: "cancelled",
		paymentTimeout: 90,
		usesOffers: true,
		async run(participants, attempt) {
			await place(participants, attempt, await takeBenefits(participants));
			await ignoreRefusal(participants.buyer.mustSend("POST", `/orders/${attempt.id}/cancel`, {}));
		}
	},
	{
		name: "flash sale, coupon and points, refunded by staff",
		finalStatus: "refunded",
		paymentTimeout: 90,
		usesOffers: true,
		async run(participants, attempt) {
			await buy(participants, attempt, await takeBenefits(participants));
			attempt.adminCancelled = true;
			const path = `/admin/orders/${attempt.id}/cancel`;
			await ignoreRefusal(participants.staff.mustSend("POST", path, { reason: "crash" }));
		}
	},
	{
		// The first use of a template or a promotion has steps that later ones lack.
		name: "flash sale, the first uses of a coupon's template and of a promotion",
		finalStatus: "paid",
		paymentTimeout: 90,
		usesOffers: true,
		async run(participants, attempt) {
			const { buyer, staff, offerSkuId, addressId } = participants;
			const template = aTemplate("fixed", { value: 99 });
			const { id: templateId } = await staff.mustSend("POST", "/admin/coupon-templates", template);
			const terms = { value: 1, threshold: 1, limitPerUser: 1 };
			const promotion = aPromotion("amount_off", [offerSkuId], terms);
			const { id } = await staff.mustSend("POST", "/admin/promotions", promotion);
			const cart = { items: [{ skuId: offerSkuId, quantity: attempt.quantity }], addressId };
			await until("the promotion to run", async () => {
				const { discounts } = await buyer.mustSend("POST", "/cart/preview", cart);
				return (discounts as { id: string }[]).some(discount => discount.id === id);
			});
			await buy(participants, attempt, await takeBenefits({ buyer, templateId }));
			await staff.mustSend("PATCH", `/admin/promotions/${id}`, { enabled: false });
		}
	}
];
