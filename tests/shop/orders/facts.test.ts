import { StaffClient } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";
import { aBuyer, aSkuInStock, deliverFact, getOrderStore, aPaymentFor } from "../../support/buyers";

let shop: Shop;
let staff: StaffClient;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
});
afterAll(() => shop.stop());

const stockOf = (skuId: string) => staff.mustSend("GET", `/admin/inventory/${skuId}`);
const stockToBe = (skuId: string, counts: object) =>
	until(`stock ${JSON.stringify(counts)}`, async () => {
		const stock = await stockOf(skuId);
		return Object.entries(counts).every(([what, n]) => stock[what] === n);
	});
const orders = (event: string, payload: object) => deliverFact(shop, "orders", event, payload);
const inventory = (event: string, payload: object) => deliverFact(shop, "inventory", event, payload);
async function placed() {
	const skuId = await aSkuInStock(staff, 10);
	const buyer = await aBuyer(shop);
	const order = await buyer.order([{ skuId, quantity: 2 }]);
	const money = aPaymentFor(order);
	const lines = [{ skuId, productId: order.items[0].productId, quantity: 2 }];
	const whose = { orderId: order.id, userId: buyer.id };
	const refund = {
		paymentId: money.paymentId,
		orderId: order.id,
		refundId: "r1",
		amount: order.total,
		refunded: order.total,
		paid: order.total,
		reason: "asked for"
	};
	const now = () => getOrderStore(shop).get(order.id);
	const admin = (step: string, body: object) =>
		staff.mustSend("POST", `/admin/orders/${order.id}/${step}`, body);
	return { skuId, buyer, order, money, lines, whose, refund, now, admin };
}
const steps = (order: { timeline: readonly { to: string }[] }) => order.timeline.map(({ to }) => to);

it("is paid once, however often the payment says so", async () => {
	const { skuId, money, now } = await placed();

	await Promise.all([1, 2, 3].map(() => orders("payment.succeeded", money)));

	const order = await now();
	expect(steps(order)).toEqual(["pending_payment", "paid"]);
	expect(order).toMatchObject({ paymentId: money.paymentId, refusedPayments: [] });
	await stockToBe(skuId, { available: 8, reserved: 0, sold: 2 });
});

it("sends back wrong money, second money and late money, each once, and stays what it is", async () => {
	const { order, money, now } = await placed();
	const wrong = aPaymentFor(order, { amount: order.total - 1 });
	const foreign = aPaymentFor(order, { currency: "USD" });
	const second = aPaymentFor(order);

	for (const news of [wrong, foreign, wrong, money, second, second, wrong, money])
		await orders("payment.succeeded", news);

	expect(await now()).toMatchObject({
		status: "paid",
		paymentId: money.paymentId,
		refusedPayments: [wrong.paymentId, foreign.paymentId, second.paymentId]
	});
});

it("asks for a payment's news again while the order is still being placed", async () => {
	const { order, money, now } = await placed();
	await getOrderStore(shop).change({ _id: order.id }, { $set: { status: "creating" } });

	await expect(orders("payment.succeeded", money)).rejects.toThrow("still being placed");

	await getOrderStore(shop).change({ _id: order.id }, { $set: { status: "pending_payment" } });
	expect((await now()).refusedPayments).toEqual([]);
});

it("calls a paid order off, gives its units back when the money is back, and never twice", async () => {
	const { skuId, money, refund, now, admin } = await placed();
	await orders("payment.succeeded", money);
	await stockToBe(skuId, { sold: 2 });

	const calledOff = await admin("cancel", { reason: "not to be had" });
	for (let n = 0; n < 3; n++) await orders("payment.refunded", refund);

	expect(calledOff.status).toBe("refunding");
	expect(steps(await now())).toEqual(["pending_payment", "paid", "refunding", "refunded"]);
	await stockToBe(skuId, { available: 10, reserved: 0, sold: 0 });
});

it("ends by way of refunding when staff sends all the money back, and keeps sold what was shipped", async () => {
	const { skuId, money, refund, now, admin } = await placed();
	await orders("payment.succeeded", money);
	await admin("ship", { carrier: "顺丰", trackingNo: "SF1" });
	const part = { ...refund, refundId: "r0", amount: 1, refunded: 1 };

	await orders("payment.refunded", part);
	const afterPart = await now();
	await orders("payment.refunded", refund);
	await orders("payment.refunded", part);

	expect(afterPart).toMatchObject({ status: "shipped", refundedTotal: 1 });
	expect(await now()).toMatchObject({ status: "refunded", refundedTotal: refund.paid });
	expect(steps(await now())).toEqual(["pending_payment", "paid", "shipped", "refunding", "refunded"]);
	await stockToBe(skuId, { available: 8, reserved: 0, sold: 2 });
});

it("is what it was when a refund fails, once a refund", async () => {
	const { money, refund, now, admin } = await placed();
	await orders("payment.succeeded", money);
	const failed = { ...refund, reason: "account closed" };

	await admin("cancel", { reason: "first" });
	await orders("payment.refund_failed", failed);
	const back = await now();
	await admin("cancel", { reason: "again" });
	await orders("payment.refund_failed", failed);

	expect(back.status).toBe("paid");
	expect((await now()).status).toBe("refunding");
});

it("waits for the payment's news when that of its refund overtakes it", async () => {
	const { skuId, money, refund, now } = await placed();

	await expect(orders("payment.refunded", refund)).rejects.toThrow("has not heard");
	await orders("payment.succeeded", money);
	await orders("payment.refunded", refund);

	expect((await now()).status).toBe("refunded");
	await stockToBe(skuId, { available: 10, reserved: 0, sold: 0 });
});

describe("stock", () => {
	it("moves once for every fact, told twice", async () => {
		const { skuId, lines, whose, order } = await placed();
		const paid = { ...whose, paymentId: "p", total: order.total, lines };
		const refunded = { ...whose, amount: order.total, restock: true, lines };

		for (let n = 0; n < 2; n++) await inventory("order.paid", paid);
		const sold = await stockOf(skuId);
		for (let n = 0; n < 2; n++) await inventory("order.refunded", refunded);

		expect(sold).toMatchObject({ available: 8, reserved: 0, sold: 2 });
		expect(await stockOf(skuId)).toMatchObject({ available: 10, reserved: 0, sold: 0 });
	});

	it("comes back when the refund is heard before the payment, which then changes nothing", async () => {
		const { skuId, lines, whose, order } = await placed();

		await inventory("order.refunded", { ...whose, amount: order.total, restock: true, lines });
		await inventory("order.paid", { ...whose, paymentId: "p", total: order.total, lines });

		expect(await stockOf(skuId)).toMatchObject({ available: 10, reserved: 0, sold: 0 });
	});

	it("is freed once by a cancelled order, and a contradicting fact is left to a person", async () => {
		const { skuId, lines, whose, order } = await placed();
		const cancelled = { ...whose, reason: "expired", lines };

		for (let n = 0; n < 2; n++) await inventory("order.cancelled", cancelled);
		const paid = inventory("order.paid", { ...whose, paymentId: "p", total: order.total, lines });

		await expect(paid).rejects.toMatchObject({ type: "INVALID_STATE" });
		expect(await stockOf(skuId)).toMatchObject({ available: 10, reserved: 0, sold: 0 });
	});
});
