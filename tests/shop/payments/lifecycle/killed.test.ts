import type { ChannelName } from "../../../../schemas/payments.contract";
import { unique } from "../../../support/builders";
import type { ShopProcess } from "../../../support/shop-process";
import type { ChannelServer } from "../../../support/payments/channel-server";
import { startShopProcessWithChannels } from "../../../support/payments/shop-with-channels";
import type { StockedShop } from "../../../support/payments/stocked-shop";
import { until } from "../../../support/until";

let channelServer: ChannelServer;
let stockedShop: StockedShop<ShopProcess>;
let close: () => Promise<void>;
beforeAll(async () => {
	({ channelServer, stockedShop, close } = await startShopProcessWithChannels());
});
afterAll(() => close());

/** A restarted shop may need longer. */
const orderIs = (id: string, status: string) => stockedShop.waitForOrder(id, status);

/** Kills the shop while the channel carries its next request out, before the answer; then starts the shop again. */
async function killDuring(request: () => Promise<unknown>): Promise<void> {
	const dead = Promise.withResolvers<unknown>();
	channelServer.fault = async (response, done) => {
		channelServer.fault = null;
		await done();
		dead.resolve(await stockedShop.shop.end("SIGKILL"));
		response.destroy();
	};
	const asked = request().catch(() => "cut off");
	await dead.promise;
	await asked;
	await stockedShop.shop.start();
}

async function paid(channel: ChannelName) {
	const order = await stockedShop.placeOrder();
	const payment = await stockedShop.shopper.createPayment(order.id, channel, "qr");
	await channelServer.takePayment(payment);
	await orderIs(order.id, "paid");
	return { order, payment };
}

describe.each(["alipay", "wechat"] as const)("a shop killed during a request to %s", channel => {
	it("finds out by polling that the payment was paid [47]", async () => {
		const order = await stockedShop.placeOrder();
		const body = { orderId: order.id, channel, scene: "qr" };

		await killDuring(() => stockedShop.shopper.send("POST", "/payments", body, unique("payment-")));
		const [left] = await stockedShop.listPayments(order.id);
		await channelServer.takePayment(left, { notify: false });

		await orderIs(order.id, "paid");
		expect(left).toMatchObject({ status: "pending", action: null });
		expect(await stockedShop.listPayments(order.id)).toMatchObject([
			{ status: "succeeded", paidAmount: 1000, refunds: [] }
		]);
	});

	it("finds out by polling that the refund was made, and makes no other [47]", async () => {
		const { order, payment } = await paid(channel);

		await killDuring(() => stockedShop.cancelAsStaff(order.id));

		await orderIs(order.id, "refunded");
		await until(
			"the refund to have succeeded",
			async () => (await stockedShop.listPayments(order.id))[0].refunds[0]?.status === "succeeded"
		);
		expect(await channelServer.refundedAmounts(payment)).toEqual([1000]);
		expect(await stockedShop.listPayments(order.id)).toMatchObject([
			{ status: "refunded", refunded: 1000, refunds: [{ status: "succeeded" }] }
		]);
	});
});
