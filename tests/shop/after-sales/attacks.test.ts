import { CaseDesk } from "../../support/after-sales";
import { StaffClient, unique } from "../../support/builders";
import { aSkuInStock } from "../../support/buyers";
import { login, registerPerson } from "../../support/people";
import { PayingShop } from "../../support/payments/paying-shop";
import type { Reply } from "../../support/shop";
import { findViolations } from "../../support/violations";
import { until } from "../../support/until";

let payingShop: PayingShop;
let desk: CaseDesk;
beforeAll(async () => {
	payingShop = await PayingShop.start(100);
	desk = new CaseDesk(payingShop);
});
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
	expect(await payingShop.listDeadLetters()).toEqual([]);
	expect(await findViolations()).toEqual([]);
	await payingShop.shop.stop();
});

const lineOf = (quantity: number) => [{ skuId: payingShop.skuId, quantity }];
const codesOf = (replies: readonly Reply[]) =>
	replies.map(({ status, body }) => `${status} ${body.code}`).sort();
const refund = (paymentId: string, what: object): Promise<Reply> =>
	payingShop.shop.http("POST", `/admin/payments/${paymentId}/refund`, {
		token: payingShop.staff.token,
		key: unique("refund-"),
		body: { reason: "破损", ...what }
	});
const refundByLine = (paymentId: string, quantity: number) => refund(paymentId, { items: lineOf(quantity) });
const refundsOf = async (orderId: string): Promise<{ amount: number; status: string }[]> =>
	(await payingShop.listPayments(orderId))[0].refunds;

it("opens one of several cases that ask for the last unit at once", async () => {
	const { order } = await desk.buyAndReceive(lineOf(2));
	await desk.open(order.id, 1, { type: "return" });

	const replies = await Promise.all(
		["return", "refund", "exchange", "return"].map(type =>
			desk.ask(order.id, 1, { type: type as "return" })
		)
	);

	expect(codesOf(replies)).toEqual(["201 OK", ...Array<string>(3).fill("409 AFTER_SALE_CLOSED")]);
});

it("refuses to preview impossible units as the caller's fault", async () => {
	const wrong = ["0", "00", "10000", "1,:1", "-1"].map(
		units => `/after-sales/preview?orderId=o&items=${payingShop.skuId}:${units}`
	);

	const replies = await Promise.all(wrong.map(path => payingShop.shopper.send("GET", path)));

	expect(codesOf(replies)).toEqual(wrong.map(() => "400 VALIDATION_ERROR"));
});

it("gives a unit back once to a case and staff's refund at once", async () => {
	const { order, payment } = await desk.buyAndReceive();

	const [asked, byStaff] = await Promise.all([desk.ask(order.id, 1), refundByLine(payment.id, 1)]);

	if (asked.status === 201) {
		expect([byStaff.status, byStaff.body.code]).toEqual([409, "REFUND_EXCEEDS_PAID"]);
		await desk.asStaff(asked.body.data.id, "approve");
	} else expect([asked.body.code, byStaff.status]).toEqual(["AFTER_SALE_CLOSED", 200]);
	await payingShop.waitForOrder(order.id, "refunded");
	expect(await refundsOf(order.id)).toMatchObject([{ amount: 100, status: "succeeded" }]);
});

it("refuses cases and approvals while the whole order is refunded, and closes open cases with it", async () => {
	const { order } = await desk.buy(lineOf(2));
	const open = await desk.open(order.id, 1);
	const release = Promise.withResolvers<void>();
	const wechat = payingShop.getChannel("wechat");
	const send = wechat.refund;
	jest.spyOn(wechat, "refund").mockImplementation(async asked => {
		await release.promise;
		return send.call(wechat, asked);
	});
	await payingShop.cancelAsStaff(order.id);

	const refusals = [await desk.ask(order.id, 1), await desk.asStaff(open.id, "approve")];
	release.resolve();

	expect(codesOf(refusals)).toEqual(["409 INVALID_STATE", "409 INVALID_STATE"]);
	await payingShop.waitForOrder(order.id, "refunded");
	expect((await desk.waitFor(open.id, "cancelled")).timeline.at(-1).event).toBe("order_refunded");
	expect(await refundsOf(order.id)).toMatchObject([{ amount: 200, status: "succeeded" }]);
});

it("refuses to cancel an order while the refund of a case runs", async () => {
	const { order } = await desk.buy(lineOf(2));
	const release = Promise.withResolvers<void>();
	const wechat = payingShop.getChannel("wechat");
	const send = wechat.refund;
	jest.spyOn(wechat, "refund").mockImplementation(async asked => {
		await release.promise;
		return send.call(wechat, asked);
	});
	const opened = await desk.open(order.id, 1);
	await desk.asStaff(opened.id, "approve");

	const cancelled = await payingShop.staff.send("POST", `/admin/orders/${order.id}/cancel`, {
		reason: "缺货"
	});
	release.resolve();

	expect(cancelled.body.code).toBe("INVALID_STATE");
	await desk.waitFor(opened.id, "refunded");
});

it("restocks and refunds once a return that is received twice at once", async () => {
	const { order } = await desk.buyAndReceive(lineOf(2));
	const opened = await desk.open(order.id, 1, { type: "return" });
	await desk.asStaff(opened.id, "approve");
	const stock = await desk.available();

	const receive = () => desk.asStaff(opened.id, "received", { restock: lineOf(1) });
	const replies = [...(await Promise.all([receive(), receive()])), await receive()];

	expect(codesOf(replies)).toEqual(["200 OK", "409 INVALID_STATE", "409 INVALID_STATE"]);
	await desk.waitFor(opened.id, "refunded");
	await desk.waitForStock(stock + 1);
	expect(await refundsOf(order.id)).toMatchObject([{ amount: 100, status: "succeeded" }]);
});

it("approves one of two exchanges for the last new unit at once", async () => {
	const scarce = await aSkuInStock(payingShop.staff, 1, { price: 100 });
	const { order } = await desk.buyAndReceive(lineOf(2));
	const exchange = { type: "exchange", exchangeSkuId: scarce } as const;
	const cases = [await desk.open(order.id, 1, exchange), await desk.open(order.id, 1, exchange)];

	const replies = await Promise.all(cases.map(({ id }) => desk.asStaff(id, "approve")));

	expect(codesOf(replies)).toEqual(["200 OK", "409 OUT_OF_STOCK"]);
	expect(await desk.available(scarce)).toBe(0);
});

it("either cancels or refunds a case that is withdrawn while it is approved", async () => {
	const { order } = await desk.buy(lineOf(10));
	for (let turn = 0; turn < 4; turn++) {
		const { id } = await desk.open(order.id, 1);

		const replies = await Promise.all([desk.asBuyer(id, "cancel"), desk.asStaff(id, "approve")]);

		expect(codesOf(replies)).toEqual(["200 OK", "409 INVALID_STATE"]);
		await desk.waitFor(id, replies[0].status === 200 ? "cancelled" : "refunded");
	}
	const refunds = await refundsOf(order.id);
	const { items } = await payingShop.shopper.mustSend(
		"GET",
		`/after-sales?status=refunded&orderId=${order.id}`
	);
	expect(refunds).toHaveLength(items.length);
});

it("returns a case whose refund the channel refuses to staff, who refund it once more", async () => {
	const { order } = await desk.buyAndReceive();
	const refusal = { outcome: "refused", code: "NOT_ENOUGH", message: "The account is empty" } as const;
	jest.spyOn(payingShop.getChannel("wechat"), "refund").mockResolvedValueOnce(refusal);
	const opened = await desk.open(order.id, 1, { type: "return" });
	await desk.asStaff(opened.id, "approve");
	await desk.asStaff(opened.id, "received", { restock: [] });
	const failed = await until("the failure", async () => {
		const seen = await desk.get(opened.id);
		return seen.refund?.status === "failed" && seen;
	});
	const meanwhile = await desk.ask(order.id, 1);
	const seenByStaff = await payingShop.staff.mustSend("GET", `/admin/after-sales/${opened.id}`);

	const again = await desk.asStaff(opened.id, "approve", { amount: 90 });

	expect(failed.status).toBe("returned");
	expect(seenByStaff.failureReason).toContain("NOT_ENOUGH");
	expect(meanwhile.body.code).toBe("AFTER_SALE_CLOSED");
	expect(again.status).toBe(200);
	expect(await desk.waitFor(opened.id, "refunded")).toMatchObject({ amount: 90 });
	expect(await refundsOf(order.id)).toMatchObject([
		{ amount: 100, status: "failed" },
		{ amount: 90, status: "succeeded" }
	]);
});

it("refunds three thirds of 100 to the last fen, and not one more", async () => {
	const skuId = await aSkuInStock(payingShop.staff, 3, { price: 100 });
	const promotion = {
		name: unique("买三付一 "),
		type: "units_off",
		thresholdUnits: 3,
		value: 2,
		scope: { skuIds: [skuId] },
		startsAt: new Date(Date.now() - 1000).toISOString(),
		endsAt: new Date(Date.now() + 600_000).toISOString()
	};
	await payingShop.staff.mustSend("POST", "/admin/promotions", promotion);
	const { order } = await desk.buyAndReceive([{ skuId, quantity: 3 }]);

	const cases = [];
	for (let n = 0; n < 3; n++) {
		const opened = await desk.open(order.id, 1, { skuId });
		await desk.asStaff(opened.id, "approve");
		cases.push(await desk.waitFor(opened.id, "refunded"));
	}

	expect(order.total).toBe(100);
	expect(cases.map(({ amount }) => amount as number)).toEqual([33, 33, 34]);
	expect((await desk.ask(order.id, 1, { skuId })).body.code).toBe("AFTER_SALE_CLOSED");
	expect((await payingShop.waitForOrder(order.id, "refunded")).refundedTotal).toBe(100);
});

it("ends an order once a bare amount and its units are all of its money, and takes a completed one off the sales", async () => {
	const skuId = await aSkuInStock(payingShop.staff, 10, { price: 100 });
	const { order, payment } = await desk.buy([{ skuId, quantity: 2 }]);
	const done = await desk.buyAndReceive([{ skuId, quantity: 2 }]);
	const byAmount = await desk.buyAndReceive([{ skuId, quantity: 3 }]);
	const productId: string = done.order.items[0].productId;
	const waitForSales = (units: number) =>
		until(`${units} sold`, async () => {
			const product = await payingShop.shopper.mustSend("GET", `/products/${productId}`);
			return product.sales === units;
		});
	await waitForSales(5);

	await refund(payment.id, { amount: 100 });
	await refund(payment.id, { items: [{ skuId, quantity: 1 }] });
	await refund(done.payment.id, { items: [{ skuId, quantity: 2 }] });
	await refund(byAmount.payment.id, { items: [{ skuId, quantity: 1 }] });
	await refund(byAmount.payment.id, { amount: 200 });

	const ended = await payingShop.waitForOrder(order.id, "refunded");
	expect(ended.refundedTotal).toBe(200);
	await payingShop.waitForOrder(done.order.id, "refunded");
	await payingShop.waitForOrder(byAmount.order.id, "refunded");
	await waitForSales(0);
});

it("refunds above the limit only what two of the staff agreed to", async () => {
	const limit = (value: number) =>
		payingShop.staff.mustSend("PUT", "/admin/config/security.twoPersonRefundAbove", { value });
	const { phone, user } = await registerPerson(payingShop.shop);
	await payingShop.staff.mustSend("PUT", `/admin/users/${user.id}/roles`, { roles: ["support"] });
	const { accessToken } = (await login(payingShop.shop, phone)).body.data;
	const second = new StaffClient(payingShop.shop, accessToken);
	const { order } = await desk.buy(lineOf(2));
	const { id } = await desk.open(order.id, 2);
	await limit(10);
	const asSecond = (amount: number) => second.send("POST", `/admin/after-sales/${id}/approve`, { amount });

	const states = [
		await desk.asStaff(id, "approve", { amount: 50 }),
		await asSecond(200),
		await desk.asStaff(id, "approve", { amount: 50 }),
		await asSecond(50)
	].map(({ body }) => body.data.status as string);
	await limit(0);

	expect(states.slice(0, 3)).toEqual(["requested", "requested", "requested"]);
	expect((await desk.waitFor(id, "refunded")).amount).toBe(50);
});

it("either sends a unit or refunds it unsent when both are asked at once", async () => {
	const { order } = await desk.buy();

	const [shipped, asked] = await Promise.all([
		payingShop.staff.send("POST", `/admin/orders/${order.id}/ship`, {
			carrier: "顺丰速运",
			trackingNo: unique("SF")
		}),
		desk.ask(order.id, 1)
	]);

	const seen = await payingShop.shopper.mustSend("GET", `/orders/${order.id}`);
	if (shipped.status === 200) expect(seen.items[0].shippedQuantity).toBe(1);
	else {
		expect([shipped.body.code, asked.status]).toEqual(["INVALID_STATE", 201]);
		expect(seen).toMatchObject({ status: "paid", items: [{ shippedQuantity: 0 }] });
	}
});
