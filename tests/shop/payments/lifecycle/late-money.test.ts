import { unique } from "../../../support/builders";
import { until } from "../../../support/until";
import type { ChannelServer } from "../../../support/payments/channel-server";
import type { PayingShop } from "../../../support/payments/paying-shop";
import { openShopWithChannels } from "../../../support/payments/shop-with-channels";

let house: ChannelServer;
let counter: PayingShop;
let close: () => Promise<void>;
beforeAll(async () => {
	({ house, counter, close } = await openShopWithChannels());
	// The channel has half of it, in whole seconds: with less, a slow machine would come too late to begin a payment.
	await counter.staff.mustSend("PUT", "/admin/config/orders.paymentTimeout", { value: 6 });
	await until("the setting to be in force", async () => {
		const { expiresAt, createdAt } = await counter.order();
		return Date.parse(expiresAt) - Date.parse(createdAt) < 7_000;
	});
});
afterEach(() => {
	house.skewMs = 0;
});
afterAll(() => close());

const stock = async () => {
	const { available, reserved, sold } = await counter.staff.mustSend(
		"GET",
		`/admin/inventory/${counter.skuId}`
	);
	return { available, reserved, sold };
};

describe.each([
	["tells of it", true],
	["does not tell of it", false]
])("money that a channel takes after the order ran out, and %s,", (_, notify) => {
	it("goes back within a minute, the order stays cancelled and the stock free [32]", async () => {
		const order = await counter.order();
		const payment = await counter.shopper.createPayment(order.id, "alipay", "qr");
		await counter.orderIs(order.id, "cancelled", 20_000);
		const free = await until("the stock to be free", async () => {
			const now = await stock();
			return now.reserved === 0 && now;
		});

		house.skewMs = -60_000; // its clock is behind: it takes what it should not any more
		await house.takePayment(payment, { notify });

		await counter.paymentIs(order.id, "refunded", 60_000);
		expect(await house.refundsOf(payment)).toEqual([1000]);
		expect((await counter.shopper.mustSend("GET", `/orders/${order.id}`)).status).toBe("cancelled");
		expect(await stock()).toEqual(free);
	}, 90_000);
});

it("begins no payment of an order that ran out [36]", async () => {
	const order = await counter.order();
	await counter.orderIs(order.id, "cancelled", 20_000);

	const { status, body } = await counter.shopper.send(
		"POST",
		"/payments",
		{ orderId: order.id, channel: "alipay", scene: "qr" },
		unique("payment-")
	);

	expect([status, body.code]).toEqual([409, "INVALID_STATE"]);
	expect(house.requests.filter(({ body: asked }) => asked.includes(order.orderNo))).toEqual([]);
});
