import type { AfterSaleView } from "../../schemas/after-sales.contract";
import type { OrderView } from "../../schemas/orders.views";
import { unique } from "../../tests/support/builders";
import { until } from "../../tests/support/until";
import type { OrderAttempt } from "../prove/history";
import type { ShopUser } from "../prove/shop-user";

/** Buyer and staff repeat each request under the same key until it is answered. */
export type Participants = {
	readonly buyer: ShopUser;
	readonly staff: ShopUser;
	readonly addressId: string;
	readonly skuId: string;
	/** A SKU without stock. */
	readonly soldOutSkuId: string;
	/** A SKU with a flash sale, of which there are plenty. */
	readonly offerSkuId: string;
	/** A template with plenty of coupons. */
	readonly templateId: string;
};
export type Scenario = {
	readonly name: string;
	/** The order's final status, wherever the shop crashes; null: no order is placed. */
	readonly finalStatus: OrderView["status"] | null;
	/** Units that stay sold in the end; by default all of a paid order. */
	readonly sold?: number;
	/** The final status of the order's one case; by default it has none. */
	readonly finalCase?: AfterSaleView["status"];
	/** The order's payment deadline in seconds. */
	readonly paymentTimeout: number;
	/** The order uses what the shop offers: it is of the SKU with the flash sale. */
	readonly usesOffers?: true;
	readonly run: (participants: Participants, attempt: OrderAttempt) => Promise<void>;
};

export function createOrderAttempt(
	{ addressId, ...goods }: Participants,
	{ usesOffers }: Pick<Scenario, "usesOffers"> = {}
): OrderAttempt {
	const skuId = usesOffers ? goods.offerSkuId : goods.skuId;
	return {
		buyer: 0,
		key: unique("crash-"),
		body: { items: [{ skuId, quantity: 2 }], addressId },
		skuId,
		quantity: 2,
		outcome: "unknown",
		payments: [],
		refunds: []
	};
}

export async function place(
	{ buyer }: Participants,
	attempt: OrderAttempt,
	benefits: object = {}
): Promise<void> {
	const body = { ...attempt.body, ...benefits };
	const { id, total } = await buyer.mustSend("POST", "/orders", body, attempt.key);
	Object.assign(attempt, { outcome: "ok", id, total });
}

/** Starts a payment and has the channel take the money; resolves to the payment's id. */
export async function pay(
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

export const waitForStatus = (
	status: OrderView["status"],
	{ staff }: Participants,
	{ id }: OrderAttempt
): Promise<boolean> =>
	until(
		`the order to be ${status}`,
		async () => (await staff.mustSend("GET", `/admin/orders/${id}`)).status === status
	);

export async function buy(
	participants: Participants,
	attempt: OrderAttempt,
	benefits?: object
): Promise<void> {
	await place(participants, attempt, benefits);
	await pay(participants, attempt, "alipay");
	await waitForStatus("paid", participants, attempt);
}

/** A request that took effect before the crash is refused when it is repeated. */
export const ignoreRefusal = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);
