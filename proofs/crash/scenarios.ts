import type { OrderView } from "../../schemas/orders.contract";
import { unique } from "../../tests/support/builders";
import { until } from "../../tests/support/until";
import type { Customer } from "../prove/shop-user";
import type { Placing } from "../prove/history";

/** Who takes part: their requests are sent again, under the same keys, until they are answered. */
export type Cast = {
	readonly buyer: Customer;
	readonly staff: Customer;
	readonly addressId: string;
	readonly skuId: string;
	/** Of which there is nothing in stock. */
	readonly noneId: string;
};
export type Life = {
	readonly name: string;
	/** How it ends, whatever dies on the way; null: no order comes about. */
	readonly end: OrderView["status"] | null;
	/** Seconds that its order waits for the payment. */
	readonly paymentTimeout: number;
	readonly live: (cast: Cast, placing: Placing) => Promise<void>;
};

export const newPlacing = ({ addressId, skuId }: Cast): Placing => ({
	buyer: 0,
	key: unique("crash-"),
	body: { items: [{ skuId, quantity: 2 }], addressId },
	skuId,
	quantity: 2,
	outcome: "unknown",
	payments: [],
	refunds: []
});

async function place({ buyer }: Cast, placing: Placing): Promise<void> {
	const { id, total } = await buyer.mustSend("POST", "/orders", placing.body, placing.key);
	Object.assign(placing, { outcome: "ok", id, total });
}

async function pay({ buyer }: Cast, placing: Placing, channel: string, notify = "once"): Promise<string> {
	const wanted = { orderId: placing.id, channel, scene: "page" };
	const { id, paymentNo, amount } = await buyer.mustSend("POST", "/payments", wanted, unique("crash-"));
	const attempt = { paymentNo, amount, took: "unknown" as "no" | "yes" | "unknown" };
	placing.payments.push(attempt);
	const money = { outcome: "success", notify };
	const { outcome } = await buyer.mustSend("POST", `/sandbox/payments/${paymentNo}/pay`, money);
	attempt.took = outcome === "paid" || outcome === "again" ? "yes" : "no";
	return id;
}

const isNow = (status: OrderView["status"], { staff }: Cast, { id }: Placing) =>
	until(
		`the order to be ${status}`,
		async () => (await staff.mustSend("GET", `/admin/orders/${id}`)).status === status,
		40_000
	);

/** A request that may have had its effect before the crash: then it is refused when it comes again. */
const onceMore = (work: Promise<unknown>) => work.catch(() => undefined);

/** The lives of an order, by which every step of the shop is passed. */
export const LIVES: readonly Life[] = [
	...(["alipay", "wechat"] as const).map((channel): Life => ({
		name: `paid by ${channel}`,
		end: "paid",
		paymentTimeout: 90,
		async live(cast, placing) {
			await place(cast, placing);
			await pay(cast, placing, channel);
		}
	})),
	{
		name: "cancelled",
		end: "cancelled",
		paymentTimeout: 90,
		async live(cast, placing) {
			await place(cast, placing);
			await onceMore(cast.buyer.mustSend("POST", `/orders/${placing.id}/cancel`, {}));
		}
	},
	{
		name: "run out",
		end: "cancelled",
		paymentTimeout: 2,
		live: place
	},
	...(["alipay", "wechat"] as const).map((channel): Life => ({
		name: `paid by ${channel}, called off`,
		end: "refunded",
		paymentTimeout: 90,
		async live(cast, placing) {
			await place(cast, placing);
			await pay(cast, placing, channel);
			await isNow("paid", cast, placing);
			placing.calledOff = true;
			const path = `/admin/orders/${placing.id}/cancel`;
			await onceMore(cast.staff.mustSend("POST", path, { reason: "crash" }));
		}
	})),
	{
		name: "a part sent back",
		end: "paid",
		paymentTimeout: 90,
		async live(cast, placing) {
			await place(cast, placing);
			const paymentId = await pay(cast, placing, "alipay");
			await isNow("paid", cast, placing);
			const reason = unique("crash ");
			placing.refunds.push({ reason, outcome: "ok" });
			const path = `/admin/payments/${paymentId}/refund`;
			await cast.staff.mustSend("POST", path, { amount: 100, reason }, unique("crash-"));
		}
	},
	{
		name: "cancelled when its money was under way",
		end: "cancelled",
		paymentTimeout: 90,
		async live(cast, placing) {
			await place(cast, placing);
			await pay(cast, placing, "wechat", "never");
			await onceMore(cast.buyer.mustSend("POST", `/orders/${placing.id}/cancel`, {}));
		}
	},
	{
		name: "refused: a line is out of stock",
		end: null,
		paymentTimeout: 90,
		async live({ buyer, addressId, skuId, noneId }, placing) {
			const lines = [skuId, noneId].map(id => ({ skuId: id, quantity: 2 }));
			const answer = await buyer
				.mustSend("POST", "/orders", { items: lines, addressId }, placing.key)
				.then(() => "placed", String);
			if (!answer.includes(": 409 ")) throw new Error(`Not refused: ${answer}`);
			placing.outcome = "refused";
		}
	}
];
