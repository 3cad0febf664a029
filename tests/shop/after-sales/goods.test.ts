import { CaseDesk } from "../../support/after-sales";
import { unique } from "../../support/builders";
import { aSkuInStock, deliverFact } from "../../support/buyers";
import { PayingShop } from "../../support/payments/paying-shop";
import { until } from "../../support/until";

let payingShop: PayingShop;
let desk: CaseDesk;
beforeAll(async () => {
	payingShop = await PayingShop.start(333);
	desk = new CaseDesk(payingShop);
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

const lineOf = (quantity: number) => [{ skuId: payingShop.skuId, quantity }];
const sent = () => ({ carrier: "圆通速递", trackingNo: unique("YT") });
const salesOf = async () =>
	(await payingShop.shopper.mustSend("GET", `/products/${payingShop.productId}`)).sales as number;

it("refunds a return once its goods are back, restocks what is fit to sell, and takes the rest off sales", async () => {
	const { order } = await desk.buyAndReceive(lineOf(3));
	await until("the sales", async () => (await salesOf()) === 3);
	const stock = await desk.available();
	const opened = await desk.open(order.id, 2, { type: "return", images: ["/pictures/a.webp"] });
	const early = await desk.asStaff(opened.id, "received", { restock: [] });
	await desk.asStaff(opened.id, "approve");
	const back = await desk.asBuyer(opened.id, "shipment", sent());
	const late = await desk.asBuyer(opened.id, "cancel");
	const tooMany = await desk.asStaff(opened.id, "received", { restock: lineOf(3) });

	const received = await desk.asStaff(opened.id, "received", { restock: lineOf(1) });

	const refunded = await desk.waitFor(opened.id, "refunded");
	expect([early, late].map(({ body }) => body.code)).toEqual(["INVALID_STATE", "INVALID_STATE"]);
	expect(tooMany.body.data).toEqual([expect.objectContaining({ field: "restock[0].quantity" })]);
	expect(back.body.data).toMatchObject({ status: "approved", returnShipment: { carrier: "圆通速递" } });
	expect(received.body.data.restocked).toEqual(lineOf(1));
	expect(refunded.timeline.map(({ to }: { to: string }) => to)).toEqual([
		"requested",
		"approved",
		"returned",
		"refunding",
		"refunded"
	]);
	await desk.waitForStock(stock + 1);
	await until("the sales", async () => (await salesOf()) === 1);
	const seen = await desk.waitForOrder(order.id, ({ refundedTotal }) => refundedTotal === 666);
	expect(seen).toMatchObject({ status: "completed", items: [{ shippedQuantity: 3, refundedQuantity: 2 }] });
	expect((await desk.ask(order.id, 2, { type: "return" })).body.code).toBe("VALIDATION_ERROR");
	const { items } = await payingShop.staff.mustSend("GET", `/admin/inventory/${payingShop.skuId}/log`);
	expect(items[0]).toMatchObject({ type: "return", quantity: 1, orderId: order.id, reason: opened.id });
});

it("exchanges a unit for another SKU, which is reserved with the approval and sent in a parcel of its own", async () => {
	const other = await aSkuInStock(payingShop.staff, 1, { price: 300 });
	const { order } = await desk.buyAndReceive();
	const stock = await desk.available();
	const dearer = await aSkuInStock(payingShop.staff, 1, { price: 400 });
	const refused = await desk.ask(order.id, 1, { type: "exchange", exchangeSkuId: dearer });
	const opened = await desk.open(order.id, 1, { type: "exchange", exchangeSkuId: other });

	const approved = await desk.asStaff(opened.id, "approve");
	const reserved = await desk.available(other);
	await desk.asBuyer(opened.id, "shipment", sent());
	await desk.asStaff(opened.id, "received", { restock: lineOf(1) });
	const parcel = sent();
	const shipped = await desk.asStaff(opened.id, "ship", parcel);

	expect(refused.body.data).toEqual([expect.objectContaining({ field: "exchangeSkuId" })]);
	expect([approved.body.data.status, reserved]).toEqual(["approved", 0]);
	expect(shipped.body.data).toMatchObject({ status: "reshipped", shipment: parcel, amount: 0 });
	await desk.waitForStock(stock + 1);
	const { items } = await payingShop.staff.mustSend("GET", `/admin/inventory/${other}/log`);
	expect(items.map(({ type }: { type: string }) => type)).toEqual(["deduct", "reserve", "adjust"]);
	const delivered = {
		shipmentId: `${opened.id}-new`,
		orderId: order.id,
		userId: order.userId ?? "u",
		cause: { kind: "after_sale", id: opened.id },
		trackingNo: parcel.trackingNo,
		deliveredAt: new Date().toISOString()
	};
	await deliverFact(payingShop.shop, "afterSales", "shipment.delivered", delivered);
	expect(await desk.get(opened.id)).toMatchObject({ status: "completed", refund: null });
	expect(await desk.waitForOrder(order.id, () => true)).toMatchObject({
		refundedTotal: 0,
		items: [{ refundedQuantity: 0 }]
	});
	expect((await desk.ask(order.id, 1, { type: "return" })).body.code).toBe("AFTER_SALE_CLOSED");
});

it("gives the new unit back when an exchange is rejected, and refuses one that has sold out", async () => {
	const scarce = await aSkuInStock(payingShop.staff, 1, { price: 300 });
	const { order } = await desk.buyAndReceive(lineOf(2));
	const first = await desk.open(order.id, 1, { type: "exchange", exchangeSkuId: scarce });
	const second = await desk.open(order.id, 1, { type: "exchange", exchangeSkuId: scarce });
	await desk.asStaff(first.id, "approve");

	const soldOut = await desk.asStaff(second.id, "approve");
	await desk.asStaff(first.id, "reject", { reason: "影响二次销售" });

	expect([soldOut.status, soldOut.body.code]).toEqual([409, "OUT_OF_STOCK"]);
	await desk.waitForStock(1, scarce);
	expect((await desk.asStaff(second.id, "approve")).body.data.status).toBe("approved");
});

it("cancels a return that nobody sent in time, and frees its units", async () => {
	const set = (value: number) =>
		payingShop.staff.mustSend("PUT", "/admin/config/afterSales.returnWithin", { value });
	const { order } = await desk.buyAndReceive();
	await set(1);
	const opened = await desk.open(order.id, 1, { type: "return" });
	await desk.asStaff(opened.id, "approve");

	const expired = await desk.waitFor(opened.id, "cancelled");
	await set(604_800);

	expect(expired.timeline.at(-1)).toMatchObject({ event: "expired", by: "system" });
	expect((await desk.ask(order.id, 1, { type: "return" })).status).toBe(201);
});

it("opens cases up to the instant in which the window ends, and again once the window is longer", async () => {
	const setWindow = (value: number) =>
		payingShop.staff.mustSend("PUT", "/admin/config/afterSales.window", { value });
	const { order } = await desk.buyAndReceive();
	await setWindow(1);
	const endsAt = Date.parse(order.completedAt) + 1000;
	const path = `/after-sales/preview?orderId=${order.id}&items=${payingShop.skuId}:1`;
	const accepted: number[] = [];
	const refusal = await until("the window to end", async () => {
		const sentAt = Date.now();
		const { body } = await payingShop.shopper.send("GET", path);
		if (body.code !== "OK") return { code: body.code, at: Date.now() };
		accepted.push(sentAt);
		return null;
	});

	const late = await desk.ask(order.id, 1);
	await setWindow(604_800);
	const again = await desk.ask(order.id, 1);

	expect([refusal.code, late.body.code]).toEqual(["AFTER_SALE_CLOSED", "AFTER_SALE_CLOSED"]);
	expect(refusal.at).toBeGreaterThanOrEqual(endsAt);
	expect(accepted.filter(sentAt => sentAt >= endsAt)).toEqual([]);
	expect(again.status).toBe(201);
});

it("holds units back that are asked for before they are sent, and makes the order shipped when they are refunded", async () => {
	const { order } = await desk.buy(lineOf(3));
	await desk.ship(order.id, lineOf(1));
	const opened = await desk.open(order.id, 1);

	const all = await desk.ship(order.id);
	const meanwhile = await payingShop.staff.send("POST", `/admin/orders/${order.id}/ship`, sent());
	const returned = await desk.ask(order.id, 3, { type: "return" });
	const cancelled = await payingShop.staff.send("POST", `/admin/orders/${order.id}/cancel`, {
		reason: "?"
	});
	await desk.asStaff(opened.id, "approve");

	expect(all).toMatchObject({ status: "paid", items: [{ shippedQuantity: 2 }] });
	expect([meanwhile.body.code, cancelled.body.code]).toEqual(["INVALID_STATE", "INVALID_STATE"]);
	expect(returned.body.data).toEqual([expect.objectContaining({ field: "items[0].quantity" })]);
	const shipped = await payingShop.waitForOrder(order.id, "shipped");
	expect(shipped).toMatchObject({
		refundedTotal: 333,
		items: [{ shippedQuantity: 2, refundedQuantity: 1 }]
	});
});

it("lets a buyer see the own cases only, and keeps the account open while one is", async () => {
	const { order } = await desk.buy();
	const opened = await desk.open(order.id, 1);
	const { token } = await payingShop.shop.register("13700000011");

	const foreign = await payingShop.shop.http("GET", `/after-sales/${opened.id}`, { token });
	const staffList = await payingShop.staff.mustSend(
		"GET",
		`/admin/after-sales?status=requested&orderId=${order.id}`
	);
	const byBuyer = await payingShop.shopper.send("GET", "/admin/after-sales");
	const exported = await payingShop.shopper.mustSend("GET", "/me/export");

	expect([foreign.status, byBuyer.status]).toEqual([404, 403]);
	expect(staffList.items).toEqual([expect.objectContaining({ id: opened.id, restocked: [] })]);
	expect(exported.services.afterSales.cases[0].id).toBe(opened.id);
	const open = await payingShop.shop.broker.call("afterSales.listOpenMatters", {
		userId: staffList.items[0].userId
	});
	expect(open).toContainEqual({ kind: "after_sale", id: opened.id });
});
