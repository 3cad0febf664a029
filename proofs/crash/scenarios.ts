import { unique } from "../../tests/support/builders";
import { CASE_SCENARIOS } from "./case-scenarios";
import { OFFER_SCENARIOS } from "./offer-scenarios";
import { ignoreRefusal, pay, place, waitForStatus, type Scenario } from "./scenario";

/** Lives of an order that together pass every step of the shop. */
export const SCENARIOS: readonly Scenario[] = [
	...(["alipay", "wechat"] as const).map((channel): Scenario => ({
		name: `paid by ${channel}`,
		finalStatus: "paid",
		paymentTimeout: 90,
		async run(participants, attempt) {
			await place(participants, attempt);
			await pay(participants, attempt, channel);
		}
	})),
	{
		name: "cancelled",
		finalStatus: "cancelled",
		paymentTimeout: 90,
		async run(participants, attempt) {
			await place(participants, attempt);
			await ignoreRefusal(participants.buyer.mustSend("POST", `/orders/${attempt.id}/cancel`, {}));
		}
	},
	{
		name: "expired",
		finalStatus: "cancelled",
		paymentTimeout: 2,
		run: place
	},
	...(["alipay", "wechat"] as const).map((channel): Scenario => ({
		name: `paid by ${channel}, cancelled by staff`,
		finalStatus: "refunded",
		paymentTimeout: 90,
		async run(participants, attempt) {
			await place(participants, attempt);
			await pay(participants, attempt, channel);
			await waitForStatus("paid", participants, attempt);
			attempt.adminCancelled = true;
			const path = `/admin/orders/${attempt.id}/cancel`;
			await ignoreRefusal(participants.staff.mustSend("POST", path, { reason: "crash" }));
		}
	})),
	{
		name: "partly refunded",
		finalStatus: "paid",
		paymentTimeout: 90,
		async run(participants, attempt) {
			await place(participants, attempt);
			const paymentId = await pay(participants, attempt, "alipay");
			await waitForStatus("paid", participants, attempt);
			const reason = unique("crash ");
			attempt.refunds.push({ reason, outcome: "ok" });
			const path = `/admin/payments/${paymentId}/refund`;
			await participants.staff.mustSend("POST", path, { amount: 100, reason }, unique("crash-"));
		}
	},
	{
		name: "cancelled while its payment was under way",
		finalStatus: "cancelled",
		paymentTimeout: 90,
		async run(participants, attempt) {
			await place(participants, attempt);
			await pay(participants, attempt, "wechat", "never");
			await ignoreRefusal(participants.buyer.mustSend("POST", `/orders/${attempt.id}/cancel`, {}));
		}
	},
	{
		name: "refused: a line is out of stock",
		finalStatus: null,
		paymentTimeout: 90,
		async run({ buyer, addressId, skuId, soldOutSkuId: noneId }, attempt) {
			const lines = [skuId, noneId].map(id => ({ skuId: id, quantity: 2 }));
			const answer = await buyer
				.mustSend("POST", "/orders", { items: lines, addressId }, attempt.key)
				.then(() => "placed", String);
			if (!answer.includes(": 409 ")) throw new Error(`Not refused: ${answer}`);
			attempt.outcome = "refused";
		}
	},
	...CASE_SCENARIOS,
	...OFFER_SCENARIOS
];
