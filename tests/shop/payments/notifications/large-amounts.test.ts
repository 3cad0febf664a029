import { unique } from "../../../support/builders";
import { PayingShop } from "../../../support/payments/paying-shop";

const PRICE = 1_000_000_000;
const UNITS = 11;
const TOTAL = PRICE * UNITS;

let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open(PRICE);
}, 60_000);
afterAll(() => counter.shop.stop());

it("says which channel does not take so much, and is paid by another", async () => {
	const order = await counter.shopper.order(counter.skuId, UNITS);
	const pay = (channel: string, scene: string) =>
		counter.shopper.send("POST", "/payments", { orderId: order.id, channel, scene }, unique("payment-"));

	const refused = [await pay("alipay", "page"), await pay("alipay", "qr")];
	const { body } = await pay("wechat", "qr");
	await counter.shopper.payAtChannel(body.data.paymentNo);

	for (const { status, body: no } of refused)
		expect([status, no.data]).toEqual([
			400,
			[expect.objectContaining({ field: "channel", type: "amountMax" })]
		]);
	expect(await counter.orderIs(order.id, "paid")).toMatchObject({ total: TOTAL });
});

it("sends all of it back at once, and not a fen more", async () => {
	const order = await counter.shopper.order(counter.skuId, UNITS);
	const payment = await counter.shopper.createPayment(order.id, "wechat");
	await counter.shopper.payAtChannel(payment.paymentNo);
	await counter.orderIs(order.id, "paid");

	const more = await counter.refund(payment.id, TOTAL + 1);
	const all = await counter.refund(payment.id, TOTAL);

	expect([more.status, more.body.code]).toEqual([409, "REFUND_EXCEEDS_PAID"]);
	expect([all.status, all.body.data.refunds.at(-1).amount]).toEqual([200, TOTAL]);
	await counter.orderIs(order.id, "refunded");
});
