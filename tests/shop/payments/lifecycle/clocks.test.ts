import { unique } from "../../../support/builders";
import { postNotification, type ChannelServer } from "../../../support/payments/channel-server";
import type { PayingShop } from "../../../support/payments/paying-shop";
import { startShopWithChannels } from "../../../support/payments/shop-with-channels";

const MINUTE = 60_000;
let channelServer: ChannelServer;
let payingShop: PayingShop;
let close: () => Promise<void>;
beforeAll(async () => {
	({ channelServer, payingShop, close } = await startShopWithChannels());
});
afterEach(() => {
	channelServer.skewMs = 0;
	jest.restoreAllMocks();
});
afterAll(() => close());

/** The count behind the alert for payments that were not begun. */
const countNotBegun = async (): Promise<number> => {
	const { body } = await payingShop.shop.http("GET", "//metrics");
	const of = /^moleculer_request_error_total\{.*action="payments\.create".*errorCode="503".*\} (\d+)$/m;
	return Number(of.exec(String(body.data))?.[1] ?? 0);
};
const begin = (orderId: string, channel: string, key: string) =>
	payingShop.shopper.send("POST", "/payments", { orderId, channel, scene: "qr" }, key);

// WeChat Pay allows a difference of five minutes.
it.each([10, -10])(
	"begins no payment by WeChat Pay %i minutes off its time, and says so aloud [49]",
	async minutes => {
		const order = await payingShop.placeOrder();
		const key = unique("payment-");
		const error = jest.spyOn(payingShop.context.logger, "error");

		const before = await countNotBegun();
		channelServer.skewMs = minutes * MINUTE;
		const early = await begin(order.id, "wechat", key);
		channelServer.skewMs = 0;
		const right = await begin(order.id, "wechat", key);

		expect([early.status, early.body.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
		expect(await countNotBegun()).toBe(before + 1);
		expect(error).toHaveBeenCalledWith(
			expect.objectContaining({
				channel: "wechat",
				detail: expect.stringContaining("SIGN_ERROR") as string
			}),
			"The channel did not begin a payment"
		);
		expect(right.status).toBe(201);
		await channelServer.takePayment(right.body.data);
		await payingShop.waitForOrder(order.id, "paid");
	}
);

it.each([10, -10])(
	"takes no notification of WeChat Pay's %i minutes off, and its money once the time is right [49]",
	async minutes => {
		const order = await payingShop.placeOrder();
		const payment = await payingShop.shopper.createPayment(order.id, "wechat", "qr");
		const warn = jest.spyOn(payingShop.context.logger, "warn");

		await channelServer.takePayment(payment, { notify: false });
		channelServer.skewMs = minutes * MINUTE;
		const stale = await channelServer.emulator("wechat").paymentNotification(payment.paymentNo);
		const status = await postNotification(stale!);
		const looked = await payingShop.shopper.mustSend("GET", `/payments/${payment.id}`);
		channelServer.skewMs = 0;

		expect([status, looked.status]).toEqual([401, "pending"]);
		const said = warn.mock.calls.map(([what, text]) => [text, JSON.stringify(what)]);
		expect(said).toContainEqual(["A notification was rejected", expect.stringContaining("stale")]);
		expect(said).toContainEqual([
			"The channel did not say how a payment stands",
			expect.stringContaining("SIGN_ERROR")
		]);
		await payingShop.shopper.mustSend("GET", `/payments/${payment.id}`);
		await payingShop.waitForOrder(order.id, "paid");
	}
);

// Alipay allows a difference of fifteen minutes.
it.each([10, -10])("pays by Alipay %i minutes off its time [49]", async minutes => {
	channelServer.skewMs = minutes * MINUTE;
	const order = await payingShop.placeOrder();

	const payment = await payingShop.shopper.createPayment(order.id, "alipay", "qr");
	await channelServer.takePayment(payment);

	await payingShop.waitForOrder(order.id, "paid");
});

it.each([20, -20])(
	"begins no payment by Alipay %i minutes off its time, and says so aloud [49]",
	async minutes => {
		const order = await payingShop.placeOrder();
		const error = jest.spyOn(payingShop.context.logger, "error");

		const before = await countNotBegun();
		channelServer.skewMs = minutes * MINUTE;
		const early = await begin(order.id, "alipay", unique("payment-"));
		channelServer.skewMs = 0;
		const right = await begin(order.id, "alipay", unique("payment-"));

		expect([early.status, early.body.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
		expect(await countNotBegun()).toBe(before + 1);
		expect(error).toHaveBeenCalledWith(
			expect.objectContaining({ channel: "alipay", reason: "isv.invalid-timestamp" }),
			"The channel refused a payment"
		);
		expect(right.status).toBe(201);
		await channelServer.takePayment(right.body.data);
		await payingShop.waitForOrder(order.id, "paid");
	}
);
