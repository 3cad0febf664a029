import { ignoreRefusal, buy, place, type Participants, type Scenario } from "./scenario";

/** A coupon that is claimed for the order, and some points. */
async function takeBenefits({ buyer, templateId }: Participants): Promise<object> {
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
	}
];
