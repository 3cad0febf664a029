import { unique } from "../../../support/builders";
import { until } from "../../../support/until";
import { deliverFact } from "../../../support/buyers";
import { PayingShop } from "../../../support/payments/paying-shop";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

const NO = { outcome: "refused", code: "NOT_ENOUGH", message: "The account is empty" } as const;
const noRefundOnce = (how: object = NO) =>
	jest.spyOn(payingShop.getChannel("wechat"), "refund").mockResolvedValueOnce(how as typeof NO);
const refunds = (orderId: string) => payingShop.listPayments(orderId).then(all => all[0].refunds);

/** Waits for the whole refund of an order, which the shop goes on with as often as it can and not only when it planned to. */
const waitForRefund = (orderId: string) =>
	until(`order ${orderId} refunded`, async () => {
		await payingShop.pollRefundsNow(orderId);
		const order = await payingShop.shopper.mustSend("GET", `/orders/${orderId}`);
		return order.status === "refunded" && order;
	});

it("cancels an order again after the channel refused the refund", async () => {
	const { order } = await payingShop.createPaidOrder();
	noRefundOnce();
	await payingShop.cancelAsStaff(order.id);
	await until("the refusal", async () => (await refunds(order.id))[0]?.status === "failed");
	await payingShop.waitForOrder(order.id, "paid");

	await payingShop.cancelAsStaff(order.id);

	expect((await payingShop.waitForOrder(order.id, "refunded")).refundedTotal).toBe(1000);
	expect((await refunds(order.id)).map((r: { status: string }) => r.status).sort()).toEqual([
		"failed",
		"succeeded"
	]);
});

it("reserves nothing for a failed refund whose request is delivered again", async () => {
	const { order, payment } = await payingShop.createPaidOrder();
	noRefundOnce();
	await payingShop.cancelAsStaff(order.id);
	await until("the refusal", async () => (await refunds(order.id))[0]?.status === "failed");
	await payingShop.waitForOrder(order.id, "paid");
	const wish = { orderId: order.id, userId: "u", paymentId: payment.id, reason: "缺货", attempt: 0 };

	await deliverFact(payingShop.shop, "payments", "order.refund_requested", wish);

	expect(await payingShop.context.payments.get(payment.id)).toMatchObject({
		refundReserved: 0,
		refundIds: []
	});
	expect((await payingShop.requestRefund(payment.id, 1000)).status).toBe(200);
	await payingShop.waitForOrder(order.id, "refunded");
});

it("does not change an order in refund when staff ask for more than is left", async () => {
	const { order, payment } = await payingShop.createPaidOrder();
	const release = Promise.withResolvers<void>();
	const { queryRefund } = payingShop.getChannel("wechat");
	jest.spyOn(payingShop.getChannel("wechat"), "refund").mockResolvedValue({ outcome: "processing" });
	jest.spyOn(payingShop.getChannel("wechat"), "queryRefund").mockImplementation(async asked => {
		await release.promise;
		jest.restoreAllMocks();
		return queryRefund.call(payingShop.getChannel("wechat"), asked);
	});
	await payingShop.cancelAsStaff(order.id);
	await until("the refund", async () => (await refunds(order.id)).length === 1);

	const { status, body } = await payingShop.requestRefund(payment.id, 1);
	const delivered = await until("the facts to be delivered", async () => {
		const { outbox } = (await payingShop.context.refunds.find({ paymentId: payment.id })).at(-1) as {
			outbox?: unknown[];
		};
		return !outbox?.length;
	});
	const cancelled = await payingShop.shopper.mustSend("GET", `/orders/${order.id}`);
	release.resolve();

	expect([status, body.code, delivered]).toEqual([409, "REFUND_EXCEEDS_PAID", true]);
	expect(cancelled.status).toBe("refunding");
	const done = await waitForRefund(order.id);
	expect(done.timeline.map((s: { event: string }) => s.event)).not.toContain("refund_failed");
});

it("refunds what is left when staff refund a part at the same time", async () => {
	const { order, payment } = await payingShop.createPaidOrder();
	const { refunds: store } = payingShop.context;
	const { insertOnce } = store;
	jest.spyOn(store, "insertOnce").mockImplementationOnce(async (...args) => {
		expect((await payingShop.requestRefund(payment.id, 150)).status).toBe(200);
		return insertOnce.apply(store, args);
	});

	await payingShop.cancelAsStaff(order.id);

	const done = await payingShop.waitForOrder(order.id, "refunded");
	expect(done.timeline.map((s: { event: string }) => s.event)).not.toContain("refund_failed");
	expect((await payingShop.waitForPayment(order.id, "refunded")).refunded).toBe(1000);
});

it("refunds the rest as well when an earlier partial refund by staff fails", async () => {
	const { order, payment } = await payingShop.createPaidOrder();
	const wechat = payingShop.getChannel("wechat");
	const { refund, queryRefund } = wechat;
	const staffs: string[] = [];
	jest.spyOn(wechat, "refund").mockImplementation(async asked => {
		if (asked.amount !== 400 || staffs.length) return refund.call(wechat, asked);
		staffs.push(asked.refundNo);
		return { outcome: "processing" };
	});
	const failing = Promise.withResolvers<void>();
	jest.spyOn(wechat, "queryRefund").mockImplementation(async asked => {
		if (asked.refundNo !== staffs[0]) return queryRefund.call(wechat, asked);
		await failing.promise;
		return { outcome: "closed" };
	});
	await payingShop.requestRefund(payment.id, 400);
	await payingShop.cancelAsStaff(order.id);
	await until("the order's own refund", async () =>
		(await refunds(order.id)).some((r: { status: string }) => r.status === "succeeded")
	);
	failing.resolve();

	const done = await waitForRefund(order.id);

	expect(done.refundedTotal).toBe(1000);
	expect(done.timeline.map((s: { event: string }) => s.event)).not.toContain("refund_failed");
	expect(
		(await refunds(order.id)).map((r: { status: string; amount: number }) => [r.status, r.amount])
	).toEqual([
		["failed", 400],
		["succeeded", 600],
		["succeeded", 400]
	]);
});

it("keeps Alipay's minimum interval between two refunds of a payment", async () => {
	const { order, payment } = await payingShop.createPaidOrder("alipay");
	const alipay = payingShop.getChannel("alipay");
	const { refund } = alipay;
	const askedAt: number[] = [];
	jest.spyOn(alipay, "refund").mockImplementation(asked => {
		askedAt.push(Date.now());
		return refund.call(alipay, asked);
	});

	const both = await Promise.all([
		payingShop.requestRefund(payment.id, 100),
		payingShop.requestRefund(payment.id, 200)
	]);

	const [seen] = await until("both refunds", async () => {
		const found = await payingShop.listPayments(order.id);
		const ended = found[0].refunds.every((r: { status: string }) => r.status === "succeeded");
		return found[0].refunded === 300 && ended && found;
	});
	expect(both.map(({ status }) => status)).toEqual([200, 200]);
	expect(seen.refunds.map((r: { status: string }) => r.status)).toEqual(["succeeded", "succeeded"]);
	expect(askedAt).toHaveLength(2);
	expect(Number(askedAt[1]) - Number(askedAt[0])).toBeGreaterThanOrEqual(3000);
});

it("does not treat a refused query as a refused refund", async () => {
	const { order, payment } = await payingShop.createPaidOrder();
	const { refund } = payingShop.getChannel("wechat");
	jest.spyOn(payingShop.getChannel("wechat"), "refund").mockImplementationOnce(async asked => {
		await refund.call(payingShop.getChannel("wechat"), asked); // the refund is made, the answer is lost
		return { outcome: "unknown", cause: "timeout", detail: "lost" };
	});
	jest.spyOn(payingShop.getChannel("wechat"), "queryRefund").mockResolvedValueOnce(NO);

	await payingShop.cancelAsStaff(order.id);

	await waitForRefund(order.id);
	expect(await refunds(order.id)).toMatchObject([{ status: "succeeded", amount: 1000 }]);
	expect(payment.amount).toBe(1000);
});

it("shows unclaimed money whose refund the channel refuses", async () => {
	const order = await payingShop.placeOrder();
	const payment = await payingShop.shopper.createPayment(order.id, "wechat");
	await payingShop.shopper.payAtChannel(payment.paymentNo, "never");
	noRefundOnce();

	await payingShop.shopper.mustSend("POST", `/orders/${order.id}/cancel`, {});

	const seen = await until("the anomaly", async () => {
		const [found] = await payingShop.listPayments(order.id);
		return found.anomalies.length > 0 && found;
	});
	expect(seen).toMatchObject({ status: "succeeded", refunds: [{ status: "failed" }] });
	expect(seen.anomalies[0].reason).toContain("NOT_ENOUGH");
	expect((await payingShop.requestRefund(payment.id, 1000)).status).toBe(200);
	await payingShop.waitForPayment(order.id, "refunded");
});

it("ends an order that cost nothing when it is cancelled", async () => {
	const { id } = await payingShop.staff.addProductOnShelf({
		skus: [{ code: unique("C-"), price: 0, attributes: { 颜色: "白" } }]
	});
	const product = await payingShop.staff.mustSend("GET", `/admin/products/${id}`);
	await payingShop.staff.addStock(product.skus[0].id, 1);
	const order = await payingShop.shopper.order(product.skus[0].id);
	const payment = await payingShop.shopper.send(
		"POST",
		"/payments",
		{ orderId: order.id, channel: "alipay", scene: "page" },
		unique("payment-")
	);

	await payingShop.cancelAsStaff(order.id);

	await payingShop.waitForOrder(order.id, "refunded");
	expect(order).toMatchObject({ status: "paid", total: 0 });
	expect(payment.body.code).toBe("INVALID_STATE");
	await until("the stock", async () => {
		const [{ available }] = await payingShop.staff.mustSend("POST", "/stock/query", {
			skuIds: [product.skus[0].id]
		});
		return available === 1;
	});
});

it("refunds once for ten clicks under one key, and refuses the key for another amount [38]", async () => {
	const { order, payment } = await payingShop.createPaidOrder();
	const key = unique("refund-");
	const replies = await Promise.all(
		Array.from({ length: 10 }, () => payingShop.requestRefund(payment.id, 400, key))
	);
	const meta = { user: { id: "staff", roles: ["support"], sessionId: "s" } };
	const ask = (amount: number) =>
		payingShop.shop.broker.call(
			"payments.refund",
			{ key, id: payment.id, amount, reason: "破损" },
			{ meta }
		);

	await ask(100);
	const other = ask(200);

	await expect(other).rejects.toMatchObject({ type: "IDEMPOTENCY_KEY_REUSED" });
	expect(replies.every(r => r.status === 200 || r.body.code === "IDEMPOTENCY_IN_PROGRESS")).toBe(true);
	expect((await refunds(order.id)).map((r: { amount: number }) => r.amount)).toEqual([400, 100]);
});

it("refuses to refund what was not paid [43]", async () => {
	const order = await payingShop.placeOrder();
	const payment = await payingShop.shopper.createPayment(order.id);

	const { status, body } = await payingShop.requestRefund(payment.id, 1);

	expect([status, body.code]).toEqual([409, "INVALID_STATE"]);
});

it("leaves no dead letter behind", async () => {
	expect(await payingShop.listDeadLetters()).toEqual([]);
});
