import { continueRefund } from "../../../../services/payments/refunds/refund-payment";
import { aSku, unique } from "../../../support/builders";
import type { Reply } from "../../../support/shop";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";

const PRICE = 333;
let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start(PRICE);
	await payingShop.staff.mustSend("PUT", "/admin/config/shipping.fee", { value: 800 });
	await payingShop.staff.mustSend("PUT", "/admin/config/shipping.freeFrom", { value: 100_000 });
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

async function bought(quantity: number, shippingFee = 800) {
	const order = await until("the fee to be in force", async () => {
		const placed = await payingShop.shopper.order(payingShop.skuId, quantity);
		return placed.shippingFee === shippingFee && placed;
	});
	const payment = await payingShop.shopper.createPayment(order.id, "wechat");
	await payingShop.shopper.payAtChannel(payment.paymentNo);
	await payingShop.waitForOrder(order.id, "paid");
	const send = (what: object, key = unique("refund-")): Promise<Reply> =>
		payingShop.shop.http("POST", `/admin/payments/${payment.id}/refund`, {
			token: payingShop.staff.token,
			key,
			body: { reason: "破损", ...what }
		});
	const units = (n: number) => ({ items: [{ skuId: payingShop.skuId, quantity: n }] });
	return { order, payment, send, units };
}

it("refunds what the units and the shipping cost, each once, until nothing is left", async () => {
	const { order, send, units } = await bought(3);

	const first = await send(units(1));
	const fee = await send({ shipping: true });
	const tooMany = await send(units(3));
	const feeAgain = await send({ shipping: true });
	const rest = await send(units(2));

	expect(first.body.data.refunds).toMatchObject([
		{ amount: PRICE, items: [{ skuId: payingShop.skuId, quantity: 1, amount: PRICE }], shipping: 0 }
	]);
	expect(fee.body.data.refunds[1]).toMatchObject({ amount: 800, items: [], shipping: 800 });
	expect([tooMany.status, tooMany.body.code]).toEqual([409, "REFUND_EXCEEDS_PAID"]);
	expect([feeAgain.status, feeAgain.body.code]).toEqual([409, "REFUND_EXCEEDS_PAID"]);
	expect(rest.status).toBe(200);
	expect((await payingShop.waitForOrder(order.id, "refunded")).refundedTotal).toBe(3 * PRICE + 800);
});

it("refunds no unit twice under concurrent requests", async () => {
	const { order, send, units } = await bought(5);

	const replies = await Promise.all(Array.from({ length: 12 }, () => send(units(1))));

	const codes = replies.map(({ status }) => status).sort();
	expect(codes).toEqual([...Array<number>(5).fill(200), ...Array<number>(7).fill(409)]);
	const payment = await until("all five", async () => {
		const [seen] = await payingShop.listPayments(order.id);
		return seen.refunded === 5 * PRICE && seen;
	});
	expect(payment.status).toBe("succeeded"); // the shipping fee is not refunded
});

it("refunds once for two requests with one key", async () => {
	const { order, send, units } = await bought(2);
	const key = unique("refund-");

	await send(units(1), key);
	await send(units(1), key);

	expect((await payingShop.listPayments(order.id))[0].refunds).toHaveLength(1);
});

it("counts units and amounts against the same money", async () => {
	const { send, units } = await bought(2);
	await send({ amount: 2 * PRICE + 800 - 10 });

	const { status, body } = await send(units(1));

	expect([status, body.code]).toEqual([409, "REFUND_EXCEEDS_PAID"]);
	expect(body.data).toEqual({ requested: PRICE, refundable: 10 });
	expect((await send({ amount: 10 })).status).toBe(200);
});

it("releases the units when the channel refuses the refund", async () => {
	const { order, payment, send, units } = await bought(2);
	jest.spyOn(payingShop.getChannel("wechat"), "refund").mockResolvedValueOnce({
		outcome: "refused",
		code: "NOT_ENOUGH",
		message: "The account is empty"
	});
	await send(units(2));
	await until(
		"the refusal",
		async () => (await payingShop.listPayments(order.id))[0].refunds[0].status === "failed"
	);
	expect(await payingShop.context.payments.get(payment.id)).toMatchObject({
		refundReserved: 0,
		refundUnits: []
	});

	const again = await send(units(2));

	expect(again.status).toBe(200);
	await until(
		"the units' price",
		async () => (await payingShop.listPayments(order.id))[0].refunded === 2 * PRICE
	);
});

it("reserves nothing for an attempt that is still under way when another one has failed", async () => {
	const { payment, send, units } = await bought(2);
	const refusal = Promise.withResolvers<void>();
	const lateRead = Promise.withResolvers<void>();
	const channel = payingShop.getChannel("wechat");
	const refused = async () => {
		await refusal.promise;
		return { outcome: "refused", code: "NOT_ENOUGH", message: "The account is empty" } as const;
	};
	const asked = jest.spyOn(channel, "refund").mockImplementation(refused);
	const sent = send(units(2));
	const { payments, refunds } = payingShop.context;
	const refund = await until("the request", async () => {
		const [stored] = await refunds.find({ paymentId: payment.id });
		return asked.mock.calls.length > 0 ? stored : undefined;
	});
	const seen = await payments.get(payment.id);
	jest.spyOn(payments, "get").mockImplementationOnce(async () => {
		await lateRead.promise;
		return seen;
	});

	const late = continueRefund(payingShop.context, refund);
	refusal.resolve();
	await sent;
	await until("the refusal", async () => (await refunds.get(refund._id)).status === "failed");
	lateRead.resolve();
	await late;

	expect(asked).toHaveBeenCalledTimes(1);
	expect(await payments.get(payment.id)).toMatchObject({ refundReserved: 0, refundUnits: [] });
});

it("continues a refund of units that the channel processes slowly or does not answer", async () => {
	const { order, send, units } = await bought(2);
	const wechat = payingShop.getChannel("wechat");
	const { refund } = wechat;
	jest.spyOn(wechat, "refund").mockImplementationOnce(async asked => {
		await refund.call(wechat, asked);
		return { outcome: "unknown", cause: "timeout", detail: "lost" };
	});

	await send({ ...units(2), shipping: true });

	expect((await payingShop.waitForOrder(order.id, "refunded")).refundedTotal).toBe(2 * PRICE + 800);
});

it.each([
	["neither an amount nor items", {}, "amount"],
	["both", { amount: 1, items: [{ skuId: "x-1", quantity: 1 }] }, "amount"],
	["no units", { items: [{ skuId: "x-1", quantity: 0 }] }, "items[0].quantity"],
	[
		"a SKU twice",
		{
			items: [
				{ skuId: "x-1", quantity: 1 },
				{ skuId: "x-1", quantity: 1 }
			]
		},
		"items[1].skuId"
	]
])("refuses %s, naming the field", async (_, what, field) => {
	const { send } = await bought(1);

	const { status, body } = await send(what);

	expect([status, body.code]).toEqual([400, "VALIDATION_ERROR"]);
	expect(body.data).toEqual([expect.objectContaining({ field })]);
});

it("refuses units that the order does not have", async () => {
	const { send } = await bought(1);

	const { status, body } = await send({ items: [{ skuId: "x-1", quantity: 1 }] });

	expect([status, body.code]).toEqual([409, "REFUND_EXCEEDS_PAID"]);
	expect(body.data).toEqual({ skuId: "x-1", requested: 1, refundable: 0 });
});

it("refunds no unit that cost nothing, and ends no order by that", async () => {
	await payingShop.staff.mustSend("PUT", "/admin/config/shipping.fee", { value: 0 });
	const product = await payingShop.staff.addProductOnShelf({ skus: [aSku({ price: 0 })] });
	const skuId: string = product.skus[0].id;
	await payingShop.staff.addStock(skuId, 100);
	const items = [skuId, payingShop.skuId].map(id => ({ skuId: id, quantity: 2 }));
	const addressId = await payingShop.shopper.address();
	const order = await payingShop.shopper.mustSend(
		"POST",
		"/orders",
		{ items, addressId },
		unique("order-")
	);
	const { id, paymentNo } = await payingShop.shopper.createPayment(order.id);
	await payingShop.shopper.payAtChannel(paymentNo);
	await payingShop.waitForOrder(order.id, "paid");

	const { status, body } = await payingShop.shop.http("POST", `/admin/payments/${id}/refund`, {
		token: payingShop.staff.token,
		key: unique("refund-"),
		body: { items: [{ skuId, quantity: 1 }], reason: "破损" }
	});

	expect([status, body.data]).toEqual([
		400,
		[expect.objectContaining({ field: "items", type: "nothingPaid" })]
	]);
	expect((await payingShop.listPayments(order.id))[0]).toMatchObject({ status: "succeeded", refunds: [] });
	await payingShop.cancelAsStaff(order.id);
	await payingShop.waitForOrder(order.id, "refunded");
});
