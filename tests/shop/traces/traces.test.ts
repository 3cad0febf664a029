import type { Context } from "moleculer";
import type * as RecordSpansModule from "../../../services/traces/record-spans";
import type { TracesContext } from "../../../services/traces/traces.context";
import { aSku, unique } from "../../support/builders";
import { until } from "../../support/until";
import { PayingShop } from "../../support/payments/paying-shop";
import { formatStep, findPositions, readTrace, waitForTrace } from "../../support/trace-steps";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterAll(() => payingShop.shop.stop());

/** The spans that nodes recorded. */
const batches = () => (payingShop.getService("traces") as unknown as TracesContext).batches;
const trace = (ref: string) => readTrace(payingShop.staff, ref);
const traced = (ref: string, ...wanted: string[]) => waitForTrace(payingShop.staff, ref, ...wanted);

it("shows the whole life of an order: calls, facts, deliveries, stock, money, status", async () => {
	const { order } = await payingShop.createPaidOrder("wechat");
	const ship = { carrier: "顺丰", trackingNo: unique("SF") };
	await payingShop.staff.mustSend("POST", `/admin/orders/${order.id}/ship`, ship);
	await payingShop.shopper.mustSend("POST", `/orders/${order.id}/confirm`);

	const steps = await traced(
		order.id,
		"orders status created pending_payment",
		"orders orders.create ok",
		"products products.skus ok",
		"promotions promotions.quote ok",
		"inventory inventory.reserve ok",
		`inventory stock reserve 1 of ${payingShop.skuId}`,
		"orders published order.created ok",
		"carts handled order.created ok",
		"payments payments.create ok",
		"orders orders.payable ok",
		"payments notification received wechat notification payment",
		"payments published payment.succeeded ok",
		"orders handled payment.succeeded ok",
		"orders status paid paid",
		"inventory handled order.paid ok",
		"payments handled order.paid ok",
		`inventory stock deduct 1 of ${payingShop.skuId}`,
		"inventory published stock.deducted ok",
		"orders orders.ship ok",
		"orders published order.shipped ok",
		"orders orders.confirm ok",
		"orders status received completed",
		"products handled order.completed ok"
	);

	expect(steps.map(({ at }) => at)).toEqual(steps.map(({ at }) => at).toSorted());
	const nodes = new Set(steps.filter(({ step }) => step === "handled").map(({ node }) => node));
	expect([...nodes]).toEqual([payingShop.shop.broker.nodeID]);
	expect(steps.every(({ ms, attempt }) => ms >= 0 && attempt === 1)).toBe(true);
	const story = findPositions(
		steps,
		"orders orders.create ok",
		"inventory inventory.reserve ok",
		"orders published order.created ok",
		"payments payments.create ok",
		"orders status paid paid",
		"orders status received completed"
	);
	expect(story).toEqual(story.toSorted((a, b) => a - b));
});

it("is found by the order's number, and has nothing of other orders", async () => {
	const [order, other] = [await payingShop.placeOrder(), await payingShop.placeOrder()];

	const steps = await traced(order.orderNo, "orders orders.create ok", "carts handled order.created ok");

	expect(steps.filter(({ step }) => step === "orders.create")).toHaveLength(1);
	expect(JSON.stringify(steps)).not.toContain(other.id);
});

it("shows a cancellation and what it gives back", async () => {
	const order = await payingShop.placeOrder();
	await payingShop.shopper.mustSend("POST", `/orders/${order.id}/cancel`, { reason: "changed my mind" });

	const steps = await traced(
		order.id,
		"orders orders.cancel ok",
		"orders status cancelled cancelled: changed my mind",
		"orders published order.cancelled ok",
		"inventory handled order.cancelled ok",
		`inventory stock release 1 of ${payingShop.skuId}`
	);

	const [reserved = -1, released = -1] = findPositions(
		steps,
		`inventory stock reserve 1 of ${payingShop.skuId}`,
		`inventory stock release 1 of ${payingShop.skuId}`
	);
	expect(reserved).toBeLessThan(released);
});

it("shows a refund on its way back to the order", async () => {
	const { order, payment } = await payingShop.createPaidOrder("alipay");
	await payingShop.cancelAsStaff(order.id);

	const steps = await traced(
		order.id,
		"orders orders.adminCancel ok",
		"payments handled order.refund_requested ok",
		"orders handled payment.refunded ok",
		"inventory handled order.refunded ok"
	);

	const refund = steps.find(({ step }) => step === "refund begun");
	expect(refund?.outcome).toBe(`1000 fen, R_${payment.paymentNo}_ORDER: succeeded`);
});

it("shows by the id of a refused request why there was no order", async () => {
	const { skus } = await payingShop.staff.addProductOnShelf({ skus: [aSku()] });
	const addressId = await payingShop.shopper.address();
	const requestId = unique("request-");
	const { body } = await payingShop.shop.http("POST", "/orders", {
		token: payingShop.shopper.token,
		key: unique("order-"),
		headers: { "X-Request-Id": requestId },
		body: { items: [{ skuId: skus[0].id, quantity: 2 }], addressId }
	});

	const steps = await traced(requestId, "orders orders.create OUT_OF_STOCK");

	expect([body.code, body.requestId]).toEqual(["OUT_OF_STOCK", requestId]);
	expect(steps.map(formatStep)).toContain("inventory inventory.query ok");
});

it("shows every attempt of a consumer that failed twice", async () => {
	const order = await payingShop.placeOrder();
	let failures = 2;
	payingShop.shop.broker.createService({
		name: "flaky",
		events: {
			async "order.cancelled"(ctx: Context<{ orderId: string }>) {
				if (ctx.params.orderId === order.id && failures-- > 0) throw new Error("not today");
			}
		}
	});
	await payingShop.shopper.mustSend("POST", `/orders/${order.id}/cancel`, {});

	const steps = await traced(order.id, "flaky handled order.cancelled ok");

	const attempts = steps.filter(({ service }) => service === "flaky");
	expect(attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
		[1, "error: not today"],
		[2, "error: not today"],
		[3, "ok"]
	]);
});

it("shows the life from the documents when every span is lost", async () => {
	const { order } = await payingShop.createPaidOrder("wechat");
	await traced(order.id, "inventory handled order.paid ok");
	await batches().remove({ refs: order.id });

	const steps = await trace(order.id);

	expect(steps.every(({ node }) => node === null)).toBe(true);
	expect(steps.map(formatStep)).toEqual(
		expect.arrayContaining([
			"orders status created pending_payment",
			"payments notification received wechat notification payment",
			"orders status paid paid",
			`inventory stock reserve 1 of ${payingShop.skuId}`,
			`inventory stock deduct 1 of ${payingShop.skuId}`
		])
	);
});

it("harms no order when spans can't be stored, and logs how many were lost", async () => {
	const insertMissing = jest.spyOn(batches(), "insertMissing").mockRejectedValue(new Error("disk full"));
	const warn = jest.spyOn(payingShop.shop.broker.logger, "warn");

	const { order } = await payingShop.createPaidOrder("wechat");
	const lost = await until("it is said", () => warn.mock.calls.find(([, text]) => /dropped/.test(text)));
	insertMissing.mockRestore();
	warn.mockRestore();

	expect(lost[0]).toEqual({ lost: expect.any(Number) });
	expect((await trace(order.id)).map(formatStep)).toContain("orders status paid paid");
});

it("loses its spans after `traces.keepDays`, but not the steps from documents", async () => {
	const order = await payingShop.placeOrder();
	await traced(order.id, "orders orders.create ok");
	const { removeOldSpans } = require("../../../services/traces/record-spans") as typeof RecordSpansModule;
	const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
	const nodes = async () => new Set((await trace(order.id)).map(({ node }) => node));

	await removeOldSpans({ batches: batches() }, 14, inDays(13));
	const before = await nodes();
	await removeOldSpans({ batches: batches() }, 14, inDays(15));

	expect(before).toContain(payingShop.shop.broker.nodeID);
	expect(await nodes()).toEqual(new Set([null]));
});

it("is for support and the warehouse, and of orders that exist", async () => {
	const order = await payingShop.placeOrder();

	const customer = await payingShop.shopper.send("GET", `/admin/orders/${order.id}/trace`);
	const unknown = await payingShop.staff.send("GET", "/admin/orders/01BX5ZZKBKACTAV9WEVGEMMVRZ/trace");

	expect(customer.body.code).toBe("FORBIDDEN");
	expect(unknown.body.code).toBe("NOT_FOUND");
});
