import { unique } from "../../../support/builders";
import { until } from "../../../support/until";
import { deliverFact } from "../../../support/buyers";
import { PayingShop } from "../../../support/payments/paying-shop";

let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => counter.shop.stop());

const NO = { outcome: "refused", code: "NOT_ENOUGH", message: "The account is empty" } as const;
const noRefundOnce = (how: object = NO) =>
	jest.spyOn(counter.channel("wechat"), "refund").mockResolvedValueOnce(how as typeof NO);
const refunds = (orderId: string) => counter.payments(orderId).then(all => all[0].refunds);

it("calls an order off again after the channel refused to send the money back", async () => {
	const { order } = await counter.paidOrder();
	noRefundOnce();
	await counter.cancelAsStaff(order.id);
	await until("the refusal", async () => (await refunds(order.id))[0]?.status === "failed");
	await counter.orderIs(order.id, "paid");

	await counter.cancelAsStaff(order.id);

	expect((await counter.orderIs(order.id, "refunded")).refundedTotal).toBe(1000);
	expect((await refunds(order.id)).map((r: { status: string }) => r.status).sort()).toEqual([
		"failed",
		"succeeded"
	]);
});

it("counts nothing for a failed refund whose order's wish comes again", async () => {
	const { order, payment } = await counter.paidOrder();
	noRefundOnce();
	await counter.cancelAsStaff(order.id);
	await until("the refusal", async () => (await refunds(order.id))[0]?.status === "failed");
	await counter.orderIs(order.id, "paid");
	const wish = { orderId: order.id, userId: "u", paymentId: payment.id, reason: "缺货", attempt: 0 };

	await deliverFact(counter.shop, "payments", "order.refund_requested", wish);

	expect(await counter.context.payments.get(payment.id)).toMatchObject({
		refundReserved: 0,
		refundIds: []
	});
	expect((await counter.refund(payment.id, 1000)).status).toBe(200);
	await counter.orderIs(order.id, "refunded");
});

it("leaves an order in refund alone when staff ask for more than is left", async () => {
	const { order, payment } = await counter.paidOrder();
	const release = Promise.withResolvers<void>();
	const { queryRefund } = counter.channel("wechat");
	jest.spyOn(counter.channel("wechat"), "refund").mockResolvedValue({ outcome: "processing" });
	jest.spyOn(counter.channel("wechat"), "queryRefund").mockImplementation(async asked => {
		await release.promise;
		jest.restoreAllMocks();
		return queryRefund.call(counter.channel("wechat"), asked);
	});
	await counter.cancelAsStaff(order.id);
	await until("the refund", async () => (await refunds(order.id)).length === 1);

	const { status, body } = await counter.refund(payment.id, 1);
	const told = await until("the facts to be told", async () => {
		const { outbox } = (await counter.context.refunds.find({ paymentId: payment.id })).at(-1) as {
			outbox?: unknown[];
		};
		return !outbox?.length;
	});
	const cancelled = await counter.shopper.mustSend("GET", `/orders/${order.id}`);
	release.resolve();

	expect([status, body.code, told]).toEqual([409, "REFUND_EXCEEDS_PAID", true]);
	expect(cancelled.status).toBe("refunding");
	const done = await counter.orderIs(order.id, "refunded", 30_000);
	expect(done.timeline.map((s: { event: string }) => s.event)).not.toContain("refund_failed");
}, 40_000);

it("sends back what is left when staff refund a part in the middle of it", async () => {
	const { order, payment } = await counter.paidOrder();
	const { refunds: store } = counter.context;
	const { insertOnce } = store;
	jest.spyOn(store, "insertOnce").mockImplementationOnce(async (...args) => {
		expect((await counter.refund(payment.id, 150)).status).toBe(200);
		return insertOnce.apply(store, args);
	});

	await counter.cancelAsStaff(order.id);

	const done = await counter.orderIs(order.id, "refunded");
	expect(done.timeline.map((s: { event: string }) => s.event)).not.toContain("refund_failed");
	expect((await counter.paymentIs(order.id, "refunded")).refunded).toBe(1000);
});

it("sends back the rest as well when a part fails that staff asked for before", async () => {
	const { order, payment } = await counter.paidOrder();
	const wechat = counter.channel("wechat");
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
	await counter.refund(payment.id, 400);
	await counter.cancelAsStaff(order.id);
	await until("the order's own refund", async () =>
		(await refunds(order.id)).some((r: { status: string }) => r.status === "succeeded")
	);
	failing.resolve();

	const done = await counter.orderIs(order.id, "refunded", 30_000);

	expect(done.refundedTotal).toBe(1000);
	expect(done.timeline.map((s: { event: string }) => s.event)).not.toContain("refund_failed");
	expect(
		(await refunds(order.id)).map((r: { status: string; amount: number }) => [r.status, r.amount])
	).toEqual([
		["failed", 400],
		["succeeded", 600],
		["succeeded", 400]
	]);
}, 40_000);

it("leaves Alipay the pause that it wants between two refunds of a payment", async () => {
	const { order, payment } = await counter.paidOrder("alipay");
	const alipay = counter.channel("alipay");
	const { refund } = alipay;
	const askedAt: number[] = [];
	jest.spyOn(alipay, "refund").mockImplementation(asked => {
		askedAt.push(Date.now());
		return refund.call(alipay, asked);
	});

	const both = await Promise.all([counter.refund(payment.id, 100), counter.refund(payment.id, 200)]);

	const [seen] = await until(
		"both refunds",
		async () => {
			const found = await counter.payments(order.id);
			return found[0].refunded === 300 && found;
		},
		20_000
	);
	expect(both.map(({ status }) => status)).toEqual([200, 200]);
	expect(seen.refunds.map((r: { status: string }) => r.status)).toEqual(["succeeded", "succeeded"]);
	expect(askedAt).toHaveLength(2);
	expect(Number(askedAt[1]) - Number(askedAt[0])).toBeGreaterThanOrEqual(3000);
}, 40_000);

it("takes no refused question for a refused refund", async () => {
	const { order, payment } = await counter.paidOrder();
	const { refund } = counter.channel("wechat");
	jest.spyOn(counter.channel("wechat"), "refund").mockImplementationOnce(async asked => {
		await refund.call(counter.channel("wechat"), asked); // the money moves, the answer is lost
		return { outcome: "unknown", cause: "timeout", detail: "lost" };
	});
	jest.spyOn(counter.channel("wechat"), "queryRefund").mockResolvedValueOnce(NO);

	await counter.cancelAsStaff(order.id);

	await counter.orderIs(order.id, "refunded", 30_000);
	expect(await refunds(order.id)).toMatchObject([{ status: "succeeded", amount: 1000 }]);
	expect(payment.amount).toBe(1000);
}, 40_000);

it("shows money that nobody claims and the channel will not take back", async () => {
	const order = await counter.order();
	const payment = await counter.shopper.createPayment(order.id, "wechat");
	await counter.shopper.payAtChannel(payment.paymentNo, "never");
	noRefundOnce();

	await counter.shopper.mustSend("POST", `/orders/${order.id}/cancel`, {});

	const seen = await until("the anomaly", async () => {
		const [found] = await counter.payments(order.id);
		return found.anomalies.length > 0 && found;
	});
	expect(seen).toMatchObject({ status: "succeeded", refunds: [{ status: "failed" }] });
	expect(seen.anomalies[0].what).toContain("NOT_ENOUGH");
	expect((await counter.refund(payment.id, 1000)).status).toBe(200);
	await counter.paymentIs(order.id, "refunded");
});

it("ends an order that cost nothing when it is called off", async () => {
	const { id } = await counter.staff.addProductOnShelf({
		skus: [{ code: unique("C-"), price: 0, attributes: { 颜色: "白" } }]
	});
	const product = await counter.staff.mustSend("GET", `/admin/products/${id}`);
	await counter.staff.addStock(product.skus[0].id, 1);
	const order = await counter.shopper.order(product.skus[0].id);
	const payment = await counter.shopper.createPayment(order.id);
	await counter.orderIs(order.id, "paid");

	await counter.cancelAsStaff(order.id);

	await counter.orderIs(order.id, "refunded");
	expect(payment).toMatchObject({ status: "succeeded", amount: 0, action: null });
	await until("the stock", async () => {
		const [{ available }] = await counter.staff.mustSend("POST", "/stock/query", {
			skuIds: [product.skus[0].id]
		});
		return available === 1;
	});
});

it("refunds once for ten clicks under one key, and refuses the key for another amount [38]", async () => {
	const { order, payment } = await counter.paidOrder();
	const key = unique("refund-");
	const replies = await Promise.all(Array.from({ length: 10 }, () => counter.refund(payment.id, 400, key)));
	const meta = { user: { id: "staff", roles: ["support"], sessionId: "s" } };
	const ask = (amount: number) =>
		counter.shop.broker.call(
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

it("refunds nothing that was not paid [43]", async () => {
	const order = await counter.order();
	const payment = await counter.shopper.createPayment(order.id);

	const { status, body } = await counter.refund(payment.id, 1);

	expect([status, body.code]).toEqual([409, "INVALID_STATE"]);
});

it("leaves no dead letter behind", async () => {
	expect(await counter.deadLetters()).toEqual([]);
});
