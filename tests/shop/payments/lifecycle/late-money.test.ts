import { unique } from "../../../support/builders";
import { until } from "../../../support/until";
import type { ChannelServer } from "../../../support/payments/channel-server";
import type { PayingShop } from "../../../support/payments/paying-shop";
import { startShopWithChannels } from "../../../support/payments/shop-with-channels";

let channelServer: ChannelServer;
let payingShop: PayingShop;
let close: () => Promise<void>;
beforeAll(async () => {
	({ channelServer, payingShop, close } = await startShopWithChannels());
	// The channel takes money for half of it, in whole seconds. With less, a slow machine would be too late to begin a payment.
	await payingShop.staff.mustSend("PUT", "/admin/config/orders.paymentTimeout", { value: 6 });
	await until("the setting to be in force", async () => {
		const { expiresAt, createdAt } = await payingShop.placeOrder();
		return Date.parse(expiresAt) - Date.parse(createdAt) < 7_000;
	});
});
afterEach(() => {
	channelServer.skewMs = 0;
});
afterAll(() => close());

const stock = async () => {
	const { available, reserved, sold } = await payingShop.staff.mustSend(
		"GET",
		`/admin/inventory/${payingShop.skuId}`
	);
	return { available, reserved, sold };
};

describe.each([
	["tells of it", true],
	["does not tell of it", false]
])("money that a channel takes after the order ran out, and %s,", (_, notify) => {
	it("is refunded within a minute; the order stays cancelled and the stock free [32]", async () => {
		const { order, payment } = await until("a payment before the order ran out", async () => {
			const order = await payingShop.placeOrder();
			const payment = await payingShop.shopper
				.createPayment(order.id, "alipay", "qr")
				.catch(() => null);
			return payment && { order, payment };
		});
		await payingShop.waitForOrder(order.id, "cancelled");
		const free = await until("the stock to be free", async () => {
			const now = await stock();
			return now.reserved === 0 && now;
		});

		channelServer.skewMs = -60_000; // its clock is behind, so it takes money after the deadline
		await channelServer.takePayment(payment, { notify });

		await payingShop.waitForPayment(order.id, "refunded");
		expect(await channelServer.refundedAmounts(payment)).toEqual([1000]);
		expect((await payingShop.shopper.mustSend("GET", `/orders/${order.id}`)).status).toBe("cancelled");
		expect(await stock()).toEqual(free);
	});
});

it("refuses a payment of an expired order [36]", async () => {
	const order = await payingShop.placeOrder();
	await payingShop.waitForOrder(order.id, "cancelled");

	const { status, body } = await payingShop.shopper.send(
		"POST",
		"/payments",
		{ orderId: order.id, channel: "alipay", scene: "qr" },
		unique("payment-")
	);

	expect([status, body.code]).toEqual([409, "INVALID_STATE"]);
	expect(channelServer.requests.filter(({ body: asked }) => asked.includes(order.orderNo))).toEqual([]);
});
