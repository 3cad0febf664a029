import { unique } from "../../../support/builders";
import { PayingShop } from "../../../support/payments/paying-shop";

const PRICE = 1_000_000_000;
const UNITS = 11;
const TOTAL = PRICE * UNITS;

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start(PRICE);
});
afterAll(() => payingShop.shop.stop());

it("names the channel that does not take so much, and is paid by another", async () => {
	const order = await payingShop.shopper.order(payingShop.skuId, UNITS);
	const pay = (channel: string, scene: string) =>
		payingShop.shopper.send(
			"POST",
			"/payments",
			{ orderId: order.id, channel, scene },
			unique("payment-")
		);

	const refused = [await pay("alipay", "page"), await pay("alipay", "qr")];
	const { body } = await pay("wechat", "qr");
	await payingShop.shopper.payAtChannel(body.data.paymentNo);

	for (const { status, body: no } of refused)
		expect([status, no.data]).toEqual([
			400,
			[expect.objectContaining({ field: "channel", type: "amountMax" })]
		]);
	expect(await payingShop.waitForOrder(order.id, "paid")).toMatchObject({ total: TOTAL });
});

it("refunds all of it at once, and not a fen more", async () => {
	const order = await payingShop.shopper.order(payingShop.skuId, UNITS);
	const payment = await payingShop.shopper.createPayment(order.id, "wechat");
	await payingShop.shopper.payAtChannel(payment.paymentNo);
	await payingShop.waitForOrder(order.id, "paid");

	const more = await payingShop.requestRefund(payment.id, TOTAL + 1);
	const all = await payingShop.requestRefund(payment.id, TOTAL);

	expect([more.status, more.body.code]).toEqual([409, "REFUND_EXCEEDS_PAID"]);
	expect([all.status, all.body.data.refunds.at(-1).amount]).toEqual([200, TOTAL]);
	await payingShop.waitForOrder(order.id, "refunded");
});
