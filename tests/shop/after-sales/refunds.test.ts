import { CaseDesk } from "../../support/after-sales";
import { unique } from "../../support/builders";
import { PayingShop } from "../../support/payments/paying-shop";

const PRICE = 1000;
const FEE = 800;
let payingShop: PayingShop;
let desk: CaseDesk;
beforeAll(async () => {
	payingShop = await PayingShop.start(PRICE);
	desk = new CaseDesk(payingShop);
	await payingShop.staff.mustSend("PUT", "/admin/config/shipping.fee", { value: FEE });
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

const lineOf = (quantity: number) => [{ skuId: payingShop.skuId, quantity }];
const refundsOf = async (orderId: string) => (await payingShop.listPayments(orderId))[0].refunds;

it("refunds a part of a paid order that was not sent, puts the units back into stock, and the rest with the fee", async () => {
	const before = await desk.available();
	const { order } = await desk.buy(lineOf(3));

	const opened = await desk.open(order.id, 1);
	const approved = await desk.asStaff(opened.id, "approve");
	const first = await desk.waitFor(opened.id, "refunded");
	const partly = await desk.waitForOrder(order.id, ({ refundedTotal }) => refundedTotal === PRICE);
	await desk.waitForStock(before - 2);
	const preview = await payingShop.shopper.mustSend(
		"GET",
		`/after-sales/preview?orderId=${order.id}&items=${payingShop.skuId}:2`
	);
	const rest = await desk.open(order.id, 2);
	await desk.asStaff(rest.id, "approve");
	await desk.waitFor(rest.id, "refunded");

	expect(opened).toMatchObject({
		orderId: order.id,
		type: "refund",
		status: "requested",
		items: [{ skuId: payingShop.skuId, quantity: 1, amount: PRICE }],
		amount: PRICE,
		refund: null
	});
	expect(approved.body.data.status).toMatch(/^refund(ing|ed)$/);
	expect(first.refund).toMatchObject({ amount: PRICE, status: "succeeded" });
	expect(first.timeline.map(({ to }: { to: string }) => to)).toEqual([
		"requested",
		"approved",
		"refunding",
		"refunded"
	]);
	expect(partly).toMatchObject({ status: "paid", items: [{ quantity: 3, refundedQuantity: 1 }] });
	expect(preview).toEqual({
		items: [{ skuId: payingShop.skuId, quantity: 2, amount: 2 * PRICE }],
		shipping: FEE,
		points: 0,
		maximum: 2 * PRICE + FEE
	});
	const ended = await payingShop.waitForOrder(order.id, "refunded");
	expect(ended).toMatchObject({ refundedTotal: order.total, items: [{ refundedQuantity: 3 }] });
	await desk.waitForStock(before);
	expect((await refundsOf(order.id)).map(({ amount }: { amount: number }) => amount)).toEqual([
		PRICE,
		2 * PRICE + FEE
	]);
});

it("gives a repeated request its first answer, and another one under its key a refusal", async () => {
	const { order } = await desk.buy(lineOf(2));
	const key = unique("case-");

	const first = await desk.ask(order.id, 1, { key });
	await desk.asStaff(first.body.data.id, "approve");
	const again = await desk.ask(order.id, 1, { key });
	const other = await desk.ask(order.id, 2, { key });

	expect([first.status, again.status, other.status]).toEqual([201, 201, 422]);
	expect(again.body.data).toEqual(first.body.data);
	expect(again.headers.get("idempotency-replayed")).toBe("true");
	expect((await payingShop.shopper.mustSend("GET", `/after-sales?orderId=${order.id}`)).total).toBe(1);
});

it("refuses a case that the order can't have, and names the fault", async () => {
	const unpaid = await payingShop.placeOrder();
	const { order } = await desk.buy(lineOf(2));
	const other = await payingShop.shop.register("13700000001");
	const asOther = await payingShop.shop.http("POST", "/after-sales", {
		token: other.token,
		key: unique("case-"),
		body: { orderId: order.id, type: "refund", items: lineOf(1), reason: "?" }
	});

	const refusals = [
		await desk.ask(unpaid.id, 1),
		await desk.ask(order.id, 1, { type: "return" }),
		await desk.ask(order.id, 3),
		await desk.ask(order.id, 1, { skuId: "tea-0" }),
		await desk.ask(order.id, 1, { amount: PRICE + 1 }),
		await desk.ask(order.id, 1, { exchangeSkuId: payingShop.skuId }),
		asOther
	];

	expect(refusals.map(({ status, body }) => [status, body.code, body.data?.[0]?.field])).toEqual([
		[409, "INVALID_STATE", undefined],
		[409, "INVALID_STATE", undefined],
		[400, "VALIDATION_ERROR", "items[0].quantity"],
		[400, "VALIDATION_ERROR", "items[0].skuId"],
		[400, "VALIDATION_ERROR", "amount"],
		[400, "VALIDATION_ERROR", "exchangeSkuId"],
		[404, "NOT_FOUND", undefined]
	]);
	expect((await payingShop.shopper.mustSend("GET", `/after-sales?orderId=${order.id}`)).items).toEqual([]);
});

it("frees the units of a case that is withdrawn or rejected", async () => {
	const { order } = await desk.buy();
	const withdrawn = await desk.open(order.id, 1);

	const meanwhile = await desk.ask(order.id, 1);
	const cancelled = await desk.asBuyer(withdrawn.id, "cancel");
	const rejected = await desk.open(order.id, 1);
	const answer = await desk.asStaff(rejected.id, "reject", { reason: "已出库" });
	const last = await desk.ask(order.id, 1);

	expect([meanwhile.status, meanwhile.body.code]).toEqual([409, "AFTER_SALE_CLOSED"]);
	expect(cancelled.body.data.status).toBe("cancelled");
	expect(answer.body.data).toMatchObject({ status: "rejected", timeline: [{}, { reason: "已出库" }] });
	expect(last.status).toBe(201);
	expect((await desk.asStaff(withdrawn.id, "approve")).body.code).toBe("INVALID_STATE");
});

it("approves an unanswered refund of unsent goods by itself, and lets staff pay back less", async () => {
	const { order } = await desk.buy(lineOf(2));
	const less = await desk.open(order.id, 1);
	await desk.asStaff(less.id, "approve", { amount: 700 });
	await desk.waitFor(less.id, "refunded");

	await payingShop.staff.mustSend("PUT", "/admin/config/afterSales.autoApprove", { value: 1 });
	const unanswered = await desk.open(order.id, 1);

	const done = await desk.waitFor(unanswered.id, "refunded");
	expect(done.timeline[1]).toMatchObject({ to: "approved", by: "system" });
	expect(done.amount).toBe(PRICE + FEE);
	// Nothing is left to be sent, so the order ends although some of its money stays.
	expect(await payingShop.waitForOrder(order.id, "refunded")).toMatchObject({
		refundedTotal: 700 + PRICE + FEE
	});
	await payingShop.staff.mustSend("PUT", "/admin/config/afterSales.autoApprove", { value: 172_800 });
});
