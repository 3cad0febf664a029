import { StaffClient, unique } from "../../support/builders";
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
const waitForStock = (skuId: string, counts: object) =>
	until(`stock ${JSON.stringify(counts)}`, async () => {
		const stock = await stockOf(skuId);
		return Object.entries(counts).every(([what, n]) => stock[what] === n);
	});
const deliverToOrders = (event: string, payload: object) => deliverFact(shop, "orders", event, payload);
const deliverToInventory = (event: string, payload: object) => deliverFact(shop, "inventory", event, payload);
async function placeOrder() {
	const skuId = await aSkuInStock(staff, 10);
	const buyer = await aBuyer(shop);
	const order = await buyer.order([{ skuId, quantity: 2 }]);
	const payment = aPaymentFor(order);
	const lines = [{ skuId, productId: order.items[0].productId, quantity: 2 }];
	const ids = { orderId: order.id, userId: buyer.id };
	const refund = {
		paymentId: payment.paymentId,
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
	return { skuId, buyer, order, payment, lines, ids, refund, now, admin };
}
const steps = (order: { timeline: readonly { to: string }[] }) => order.timeline.map(({ to }) => to);

it("is paid once, however often the fact of its payment is delivered", async () => {
	const { skuId, payment, now } = await placeOrder();

	await Promise.all([1, 2, 3].map(() => deliverToOrders("payment.succeeded", payment)));

	const order = await now();
	expect(steps(order)).toEqual(["pending_payment", "paid"]);
	expect(order).toMatchObject({ paymentId: payment.paymentId, refusedPayments: [] });
	await waitForStock(skuId, { available: 8, reserved: 0, sold: 2 });
});

it("refuses payments of a wrong amount or currency and second ones, each once, and stays as it is", async () => {
	const { order, payment, now } = await placeOrder();
	const wrong = aPaymentFor(order, { amount: order.total - 1 });
	const foreign = aPaymentFor(order, { currency: "USD" });
	const second = aPaymentFor(order);

	for (const fact of [wrong, foreign, wrong, payment, second, second, wrong, payment])
		await deliverToOrders("payment.succeeded", fact);

	expect(await now()).toMatchObject({
		status: "paid",
		paymentId: payment.paymentId,
		refusedPayments: [wrong.paymentId, foreign.paymentId, second.paymentId]
	});
});

it("rejects the fact of a payment, so that it is delivered again, while the order is still being placed", async () => {
	const { order, payment, now } = await placeOrder();
	await getOrderStore(shop).change({ _id: order.id }, { $set: { status: "creating" } });

	await expect(deliverToOrders("payment.succeeded", payment)).rejects.toThrow("still being placed");

	await getOrderStore(shop).change({ _id: order.id }, { $set: { status: "pending_payment" } });
	expect((await now()).refusedPayments).toEqual([]);
});

it("returns the units of a cancelled paid order once its money is refunded, and only once", async () => {
	const { skuId, payment, refund, now, admin } = await placeOrder();
	await deliverToOrders("payment.succeeded", payment);
	await waitForStock(skuId, { sold: 2 });

	const cancelled = await admin("cancel", { reason: "not to be had" });
	for (let n = 0; n < 3; n++) await deliverToOrders("payment.refunded", refund);

	expect(cancelled.status).toBe("refunding");
	expect(steps(await now())).toEqual(["pending_payment", "paid", "refunding", "refunded"]);
	await waitForStock(skuId, { available: 10, reserved: 0, sold: 0 });
});

it("ends by way of refunding when staff refunds all of it, and keeps shipped units sold", async () => {
	const { skuId, payment, refund, now, admin } = await placeOrder();
	await deliverToOrders("payment.succeeded", payment);
	await admin("ship", { carrier: "顺丰", trackingNo: unique("SF") });
	const part = { ...refund, refundId: "r0", amount: 1, refunded: 1 };

	await deliverToOrders("payment.refunded", part);
	const afterPart = await now();
	await deliverToOrders("payment.refunded", refund);
	await deliverToOrders("payment.refunded", part);

	expect(afterPart).toMatchObject({ status: "shipped", refundedTotal: 1 });
	expect(await now()).toMatchObject({ status: "refunded", refundedTotal: refund.paid });
	expect(steps(await now())).toEqual(["pending_payment", "paid", "shipped", "refunding", "refunded"]);
	await waitForStock(skuId, { available: 8, reserved: 0, sold: 2 });
});

it("returns to its former status when a refund fails, once per refund", async () => {
	const { payment, refund, now, admin } = await placeOrder();
	await deliverToOrders("payment.succeeded", payment);
	const failed = { ...refund, reason: "account closed" };

	await admin("cancel", { reason: "first" });
	await deliverToOrders("payment.refund_failed", failed);
	const back = await now();
	await admin("cancel", { reason: "again" });
	await deliverToOrders("payment.refund_failed", failed);

	expect(back.status).toBe("paid");
	expect((await now()).status).toBe("refunding");
});

it.each(["requestedByOrder", "called"])(
	"stays in refund when a partial refund by staff fails, as told by the field %s",
	async field => {
		const { payment, refund, now, admin } = await placeOrder();
		await deliverToOrders("payment.succeeded", payment);
		await admin("cancel", { reason: "first" });

		await deliverToOrders("payment.refund_failed", { ...refund, [field]: false });
		const afterStaffRefund = await now();
		await deliverToOrders("payment.refund_failed", { ...refund, refundId: "r2", [field]: true });

		expect(afterStaffRefund).toMatchObject({ status: "refunding", failedRefunds: ["r1"] });
		expect(await now()).toMatchObject({ status: "paid", failedRefunds: ["r1", "r2"] });
	}
);

it("rejects the fact of a refund until the fact of its payment has come", async () => {
	const { skuId, payment, refund, now } = await placeOrder();

	await expect(deliverToOrders("payment.refunded", refund)).rejects.toThrow("has not applied");
	await deliverToOrders("payment.succeeded", payment);
	await deliverToOrders("payment.refunded", refund);

	expect((await now()).status).toBe("refunded");
	await waitForStock(skuId, { available: 10, reserved: 0, sold: 0 });
});

describe("stock", () => {
	it("changes once for every fact that is delivered twice", async () => {
		const { skuId, lines, ids, order } = await placeOrder();
		const paid = { ...ids, paymentId: "p", total: order.total, lines };
		const refunded = { ...ids, amount: order.total, restock: true, lines };

		for (let n = 0; n < 2; n++) await deliverToInventory("order.paid", paid);
		const sold = await stockOf(skuId);
		for (let n = 0; n < 2; n++) await deliverToInventory("order.refunded", refunded);

		expect(sold).toMatchObject({ available: 8, reserved: 0, sold: 2 });
		expect(await stockOf(skuId)).toMatchObject({ available: 10, reserved: 0, sold: 0 });
	});

	it("returns when the refund is delivered before the payment, which then changes nothing", async () => {
		const { skuId, lines, ids, order } = await placeOrder();

		await deliverToInventory("order.refunded", { ...ids, amount: order.total, restock: true, lines });
		await deliverToInventory("order.paid", { ...ids, paymentId: "p", total: order.total, lines });

		expect(await stockOf(skuId)).toMatchObject({ available: 10, reserved: 0, sold: 0 });
	});

	it("is released once by a cancelled order, and a contradicting fact becomes a dead letter", async () => {
		const { skuId, lines, ids, order } = await placeOrder();
		const cancelled = { ...ids, reason: "expired", lines };

		for (let n = 0; n < 2; n++) await deliverToInventory("order.cancelled", cancelled);
		const paid = deliverToInventory("order.paid", { ...ids, paymentId: "p", total: order.total, lines });

		await expect(paid).rejects.toMatchObject({ type: "INVALID_STATE" });
		expect(await stockOf(skuId)).toMatchObject({ available: 10, reserved: 0, sold: 0 });
	});
});
