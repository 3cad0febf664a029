import type { ChannelName } from "../../../../schemas/payments.contract";
import { unique } from "../../../support/builders";
import type { ShopProcess } from "../../../support/shop-process";
import type { ChannelServer } from "../../../support/payments/channel-server";
import { openShopProcessWithChannels } from "../../../support/payments/shop-with-channels";
import type { StockedShop } from "../../../support/payments/stocked-shop";

let house: ChannelServer;
let till: StockedShop<ShopProcess>;
let close: () => Promise<void>;
beforeAll(async () => {
	({ house, till, close } = await openShopProcessWithChannels());
}, 90_000);
afterAll(() => close());

/** A shop that was dead a moment ago may need its time. */
const orderIs = (id: string, status: string) => till.orderIs(id, status, 40_000);

/** The channel does what it is asked for next, and the shop is dead before it hears of it; then it is started again. */
async function dyingAsIt(asks: () => Promise<unknown>): Promise<void> {
	const dead = Promise.withResolvers<unknown>();
	house.fault = async (response, done) => {
		house.fault = null;
		await done();
		dead.resolve(await till.shop.end("SIGKILL"));
		response.destroy();
	};
	const asked = asks().catch(() => "cut off");
	await dead.promise;
	await asked;
	await till.shop.start();
}

async function paid(channel: ChannelName) {
	const order = await till.order();
	const payment = await till.shopper.createPayment(order.id, channel, "qr");
	await house.takePayment(payment);
	await orderIs(order.id, "paid");
	return { order, payment };
}

describe.each(["alipay", "wechat"] as const)("a shop killed while %s does what it asked for", channel => {
	it("finds out by asking that the payment it had begun was paid [47]", async () => {
		const order = await till.order();
		const body = { orderId: order.id, channel, scene: "qr" };

		await dyingAsIt(() => till.shopper.send("POST", "/payments", body, unique("payment-")));
		const [left] = await till.payments(order.id);
		await house.takePayment(left, { notify: false });

		await orderIs(order.id, "paid");
		expect(left).toMatchObject({ status: "pending", action: null });
		expect(await till.payments(order.id)).toMatchObject([
			{ status: "succeeded", paidAmount: 1000, refunds: [] }
		]);
	}, 90_000);

	it("finds out by asking that the refund was made, and makes no other [47]", async () => {
		const { order, payment } = await paid(channel);

		await dyingAsIt(() => till.cancelAsStaff(order.id));

		await orderIs(order.id, "refunded");
		expect(await house.refundsOf(payment)).toEqual([1000]);
		expect(await till.payments(order.id)).toMatchObject([
			{ status: "refunded", refunded: 1000, refunds: [{ status: "succeeded" }] }
		]);
	}, 90_000);
});
