import type { OrderView } from "../../schemas/orders.contract";
import { unique } from "../../tests/support/builders";
import { until } from "../../tests/support/until";
import type { ShopUser } from "../prove/shop-user";
import type { OrderAttempt } from "../prove/history";

/** Buyer and staff repeat each request under the same key until it is answered. */
export type Participants = {
	readonly buyer: ShopUser;
	readonly staff: ShopUser;
	readonly addressId: string;
	readonly skuId: string;
	/** A SKU without stock. */
	readonly soldOutSkuId: string;
};
export type Scenario = {
	readonly name: string;
	/** The order's final status, wherever the shop crashes; null: no order is placed. */
	readonly finalStatus: OrderView["status"] | null;
	/** The order's payment deadline in seconds. */
	readonly paymentTimeout: number;
	readonly run: (participants: Participants, attempt: OrderAttempt) => Promise<void>;
};

export const createOrderAttempt = ({ addressId, skuId }: Participants): OrderAttempt => ({
	buyer: 0,
	key: unique("crash-"),
	body: { items: [{ skuId, quantity: 2 }], addressId },
	skuId,
	quantity: 2,
	outcome: "unknown",
	payments: [],
	refunds: []
});

async function place({ buyer }: Participants, attempt: OrderAttempt): Promise<void> {
	const { id, total } = await buyer.mustSend("POST", "/orders", attempt.body, attempt.key);
	Object.assign(attempt, { outcome: "ok", id, total });
}

async function pay(
	{ buyer }: Participants,
	attempt: OrderAttempt,
	channel: string,
	notify = "once"
): Promise<string> {
	const wanted = { orderId: attempt.id, channel, scene: "page" };
	const { id, paymentNo, amount } = await buyer.mustSend("POST", "/payments", wanted, unique("crash-"));
	const payment = { paymentNo, amount, taken: "unknown" as "no" | "yes" | "unknown" };
	attempt.payments.push(payment);
	const money = { outcome: "success", notify };
	const { outcome } = await buyer.mustSend("POST", `/sandbox/payments/${paymentNo}/pay`, money);
	payment.taken = outcome === "paid" || outcome === "again" ? "yes" : "no";
	return id;
}

const waitForStatus = (status: OrderView["status"], { staff }: Participants, { id }: OrderAttempt) =>
	until(
		`the order to be ${status}`,
		async () => (await staff.mustSend("GET", `/admin/orders/${id}`)).status === status,
		40_000
	);

/** A request that took effect before the crash is refused when it is repeated. */
const ignoreRefusal = (work: Promise<unknown>) => work.catch(() => undefined);

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
	}
];
