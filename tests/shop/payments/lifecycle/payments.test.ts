import { aSku, StaffClient, unique } from "../../../support/builders";
import { startShop, type Shop } from "../../../support/shop";
import { Shopper } from "../../../support/shopper";
import type { PaymentsContext } from "../../../../services/payments/payments.context";
import { until } from "../../../support/until";

let shop: Shop;
let staff: StaffClient;
let shopper: Shopper;
let skuId: string;

beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	shopper = new Shopper(shop, await shop.asUser());
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 1000 })] });
	skuId = product.skus[0].id;
	await staff.addStock(skuId, 1000);
});
afterAll(() => shop.stop());

const adminView = async (orderId: string) =>
	(await staff.mustSend("GET", `/admin/payments?orderId=${orderId}`)).items;
const orderIs = (orderId: string, status: string) =>
	until(`order ${status}`, async () => {
		const order = await shopper.mustSend("GET", `/orders/${orderId}`);
		return order.status === status && order;
	});

/** The business counters that are not 0, without their common label. */
async function readCounters(): Promise<Record<string, number>> {
	const { body } = await shop.http("GET", "//metrics");
	const lines = String(body.data).matchAll(/^(mall_(?:order|payment|refund)\w*_total\{.*\}) (\d+)$/gm);
	const counters = [...lines].map(([, series = "", n]) => [
		series.replace(/,?namespace="[^"]*"/, ""),
		Number(n)
	]);
	return Object.fromEntries(counters.filter(([, n]) => n !== 0)) as Record<string, number>;
}

it("counts an order and its payment once, however often the channel notifies", async () => {
	const order = await shopper.order(skuId, 2);
	const payment = await shopper.createPayment(order.id, "alipay", "qr");
	await shopper.payAtChannel(payment.paymentNo, "twice");
	await orderIs(order.id, "paid");
	await until("the paid order to be counted", async () => {
		const { 'mall_order_changes_total{change="paid"}': paid } = await readCounters();
		return paid;
	});

	expect(await readCounters()).toEqual({
		'mall_order_changes_total{change="placed"}': 1,
		'mall_order_changes_total{change="paid"}': 1,
		"mall_order_revenue_fen_total{}": order.total,
		"mall_order_units_paid_total{}": 2,
		'mall_payments_begun_total{channel="alipay",outcome="created"}': 1,
		'mall_payments_total{channel="alipay",outcome="succeeded"}': 1,
		'mall_payments_received_fen_total{channel="alipay"}': order.total
	});
});

describe.each(["alipay", "wechat"] as const)("payments by %s", channel => {
	it("pays once, however often the channel notifies", async () => {
		const order = await shopper.order(skuId);
		const payment = await shopper.createPayment(order.id, channel);

		const { notifications } = await shopper.payAtChannel(payment.paymentNo, "twice");

		expect(notifications.map((n: { status: number }) => n.status)).toEqual(
			channel === "alipay" ? [200, 200] : [204, 204]
		);
		const paid = await orderIs(order.id, "paid");
		expect(paid.timeline.filter((step: { to: string }) => step.to === "paid")).toHaveLength(1);
		expect(await adminView(order.id)).toMatchObject([
			{ status: "succeeded", paidAmount: 1000, refunds: [], anomalies: [] }
		]);
	});

	it("polls the channel when no notification arrives [29]", async () => {
		const order = await shopper.order(skuId);
		const payment = await shopper.createPayment(order.id, channel);
		await shopper.payAtChannel(payment.paymentNo, "never");

		const asked = await shopper.mustSend("GET", `/payments/${payment.id}`);

		expect(asked).toMatchObject({ status: "succeeded", action: null });
		await orderIs(order.id, "paid");
	});

	it("rejects a forged notification and believes the channel [4]", async () => {
		const order = await shopper.order(skuId);
		const payment = await shopper.createPayment(order.id, channel);

		const { notifications } = await shopper.payAtChannel(payment.paymentNo, "forged");

		expect(notifications[0].status).toBeGreaterThanOrEqual(400);
		expect(notifications[0].status).toBeLessThan(500);
		expect((await shopper.mustSend("GET", `/orders/${order.id}`)).status).toBe("pending_payment");
		await shopper.mustSend("GET", `/payments/${payment.id}`);
		await orderIs(order.id, "paid");
	});

	it("leaves an order unpaid when the payment fails", async () => {
		const order = await shopper.order(skuId);
		const payment = await shopper.createPayment(order.id, channel);

		const { outcome } = await shopper.payAtChannel(payment.paymentNo, "once", "fail");

		expect(outcome).toBe("failed");
		expect((await shopper.mustSend("GET", `/payments/${payment.id}`)).status).toBe("pending");
		expect((await shopper.mustSend("GET", `/orders/${order.id}`)).status).toBe("pending_payment");
	});

	it("refunds money that arrives for a cancelled order [32]", async () => {
		const order = await shopper.order(skuId);
		const payment = await shopper.createPayment(order.id, channel);
		await shopper.payAtChannel(payment.paymentNo, "never");
		await shopper.mustSend("POST", `/orders/${order.id}/cancel`, { reason: "不想要了" });

		await shopper.mustSend("GET", `/payments/${payment.id}`);

		const [seen] = await until("the money to be back", async () => {
			const all = await adminView(order.id);
			const [{ status, refunds }] = all;
			return status === "refunded" && refunds[0].status === "succeeded" && all;
		});
		expect(seen).toMatchObject({ refunded: 1000, refunds: [{ amount: 1000 }] });
		expect((await shopper.mustSend("GET", `/orders/${order.id}`)).status).toBe("cancelled");
	});

	it("keeps one payment and returns the other when both were paid", async () => {
		const order = await shopper.order(skuId);
		const first = await shopper.createPayment(order.id, channel);
		await shopper.payAtChannel(first.paymentNo, "never");
		const other = channel === "alipay" ? "wechat" : "alipay";
		// Creating the second finds the first one paid, so the second is refused.
		const second = await shopper.send(
			"POST",
			"/payments",
			{ orderId: order.id, channel: other, scene: "qr" },
			unique("pay-")
		);

		expect([second.status, second.body.code]).toEqual([409, "INVALID_STATE"]);
		await orderIs(order.id, "paid");
	});

	it("closes the last unpaid payment when a new one begins [35]", async () => {
		const order = await shopper.order(skuId);
		const first = await shopper.createPayment(order.id, channel, "qr");

		const second = await shopper.createPayment(order.id, channel, "wap");

		expect(await shopper.mustSend("GET", `/payments/${first.id}`)).toMatchObject({ status: "closed" });
		expect(second).toMatchObject({ status: "pending", action: { type: "redirect" } });
	});

	it("refunds in parts, never more than was paid, under concurrent requests", async () => {
		const order = await shopper.order(skuId);
		const payment = await shopper.createPayment(order.id, channel);
		await shopper.payAtChannel(payment.paymentNo);
		await orderIs(order.id, "paid");
		const refund = (amount: number) =>
			shop.http("POST", `/admin/payments/${payment.id}/refund`, {
				token: staff.token,
				key: unique("refund-"),
				body: { amount, reason: "破损" }
			});

		const { channels } = shop.broker.getLocalService("payments") as unknown as PaymentsContext;
		jest.replaceProperty(channels.of(channel), "minRefundIntervalMs", 0); // six intervals would take long

		const replies = await Promise.all(Array.from({ length: 12 }, () => refund(150)));

		const accepted = replies.filter(r => r.status === 200);
		const refused = replies.filter(r => r.status === 409 && r.body.code === "REFUND_EXCEEDS_PAID");
		expect([accepted.length, refused.length]).toEqual([6, 6]);
		await until("all six to be done", async () => (await adminView(order.id))[0].refunded === 900);
		expect((await refund(100)).status).toBe(200);
		await until("all to be back", async () => (await adminView(order.id))[0].status === "refunded");
		await orderIs(order.id, "refunded");
	});
});

it("has one effect of twenty payments begun at once with one key [35]", async () => {
	const order = await shopper.order(skuId);
	const key = unique("payment-");
	const body = { orderId: order.id, channel: "alipay", scene: "page" };

	const replies = await Promise.all(
		Array.from({ length: 20 }, () => shopper.send("POST", "/payments", body, key))
	);

	const ids = new Set(replies.filter(r => r.status === 201).map(r => r.body.data.id));
	expect(ids.size).toBe(1);
	expect(replies.every(r => r.status === 201 || r.body.code === "IDEMPOTENCY_IN_PROGRESS")).toBe(true);
	expect(await adminView(order.id)).toHaveLength(1);
});

it("shows a payment to nobody but its owner [36]", async () => {
	const order = await shopper.order(skuId);
	const payment = await shopper.createPayment(order.id);
	const { token } = await shop.register("13712340099");

	const foreign = await shop.http("GET", `/payments/${payment.id}`, { token });
	const anonymous = await shop.http("GET", `/payments/${payment.id}`);
	const begun = await shop.http("POST", "/payments", {
		token,
		key: unique("payment-"),
		body: { orderId: order.id, channel: "alipay", scene: "page" }
	});

	expect([foreign.status, anonymous.status, begun.status]).toEqual([404, 401, 404]);
});

it("refuses payments that do not exist [36]", async () => {
	const order = await shopper.order(skuId);
	const send = (body: object) => shopper.send("POST", "/payments", body, unique("payment-"));

	const unknownChannel = await send({ orderId: order.id, channel: "cash", scene: "page" });
	const ownAmount = await send({ orderId: order.id, channel: "alipay", scene: "page", amount: 1 });
	await shopper.mustSend("POST", `/orders/${order.id}/cancel`, {});
	const cancelled = await send({ orderId: order.id, channel: "alipay", scene: "page" });

	expect(unknownChannel.body).toMatchObject({ code: "VALIDATION_ERROR", data: [{ field: "channel" }] });
	expect(ownAmount.body).toMatchObject({
		code: "VALIDATION_ERROR",
		data: [{ field: "amount", type: "unknown" }]
	});
	expect([cancelled.status, cancelled.body.code]).toEqual([409, "INVALID_STATE"]);
});

const createFor = async (fields: object, key = unique("payment-")) => {
	const { id: orderId } = await shopper.order(skuId);
	return shopper.send("POST", "/payments", { orderId, channel: "wechat", scene: "page", ...fields }, key);
};

it.each([
	["alipay", "page", "redirect"],
	["alipay", "wap", "redirect"],
	["alipay", "qr", "qr"],
	["alipay", "jsapi", "sdk"],
	["alipay", "mini", "sdk"],
	["alipay", "app", "sdk"],
	["wechat", "page", "qr"],
	["wechat", "wap", "redirect"],
	["wechat", "qr", "qr"],
	["wechat", "jsapi", "sdk"],
	["wechat", "mini", "sdk"],
	["wechat", "app", "sdk"]
])("is paid by %s in the scene %s", async (channel, scene, type) => {
	const { body } = await createFor({ channel, scene, openid: "buyer-1" });

	const paid = await shopper.payAtChannel(body.data.paymentNo);

	expect(body.data.action).toMatchObject({ type, [type === "sdk" ? "params" : "url"]: expect.anything() });
	expect(paid.outcome).toBe("paid");
	await orderIs(body.data.orderId, "paid");
});

it.each(["jsapi", "mini"])("needs the shopper's openid in the scene %s", async scene => {
	const { status, body } = await createFor({ scene });

	expect([status, body.code]).toEqual([400, "VALIDATION_ERROR"]);
	expect(body.data).toEqual([expect.objectContaining({ field: "openid", type: "required" })]);
});

it.each([
	"https://evil.example/",
	"javascript:alert(1)",
	"//evil.example",
	"/orders",
	"http://127.0.0.1.evil.example/",
	"http://evil@evil.example/"
])("does not send shoppers back to %s", async returnUrl => {
	const { status, body } = await createFor({ returnUrl });

	expect([status, body.code]).toEqual([400, "VALIDATION_ERROR"]);
	expect(body.data).toEqual([expect.objectContaining({ field: "returnUrl" })]);
});

it("sends the shopper back to the page that the payment names, and takes no other under its key", async () => {
	const returnUrl = `${shop.url}/orders?paid=1`;
	const key = unique("payment-");
	const alipay = await createFor({ channel: "alipay", returnUrl }, key);
	const wechat = await createFor({ scene: "wap", returnUrl });

	const { orderId } = alipay.body.data;
	const changed = await shopper.send(
		"POST",
		"/payments",
		{ orderId, channel: "alipay", scene: "page" },
		key
	);
	const back = await shopper.payAtChannel(alipay.body.data.paymentNo);
	const cashier = await fetch(wechat.body.data.action.url);

	expect(new URL(alipay.body.data.action.url).searchParams.get("return_url")).toBe(returnUrl);
	expect(new URL(back.returnUrl).searchParams.get("out_trade_no")).toBe(alipay.body.data.paymentNo);
	expect(back.returnUrl.startsWith(returnUrl)).toBe(true);
	expect(await cashier.text()).toContain(`data-return="${returnUrl}"`);
	expect(changed.status).toBe(422);
});
