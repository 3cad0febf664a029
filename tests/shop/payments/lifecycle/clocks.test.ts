import { unique } from "../../../support/builders";
import { post, type ChannelServer } from "../../../support/payments/channel-server";
import type { PayingShop } from "../../../support/payments/paying-shop";
import { openShopWithChannels } from "../../../support/payments/shop-with-channels";

const MINUTE = 60_000;
let house: ChannelServer;
let counter: PayingShop;
let close: () => Promise<void>;
beforeAll(async () => {
	({ house, counter, close } = await openShopWithChannels());
});
afterEach(() => {
	house.skewMs = 0;
	jest.restoreAllMocks();
});
afterAll(() => close());

/** How many payments the alert for those that were not begun has counted. */
const counted = async (): Promise<number> => {
	const { body } = await counter.shop.http("GET", "//metrics");
	const of = /^moleculer_request_error_total\{.*action="payments\.create".*errorCode="503".*\} (\d+)$/m;
	return Number(of.exec(String(body.data))?.[1] ?? 0);
};
const begin = (orderId: string, channel: string, key: string) =>
	counter.shopper.send("POST", "/payments", { orderId, channel, scene: "qr" }, key);

// WeChat Pay allows five minutes.
it.each([10, -10])(
	"begins no payment by WeChat Pay %i minutes off its time, and says so aloud [49]",
	async minutes => {
		const order = await counter.order();
		const key = unique("payment-");
		const error = jest.spyOn(counter.context.logger, "error");

		const before = await counted();
		house.skewMs = minutes * MINUTE;
		const early = await begin(order.id, "wechat", key);
		house.skewMs = 0;
		const right = await begin(order.id, "wechat", key);

		expect([early.status, early.body.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
		expect(await counted()).toBe(before + 1);
		expect(error).toHaveBeenCalledWith(
			expect.objectContaining({
				channel: "wechat",
				detail: expect.stringContaining("SIGN_ERROR") as string
			}),
			"The channel did not begin a payment"
		);
		expect(right.status).toBe(201);
		await house.takePayment(right.body.data);
		await counter.orderIs(order.id, "paid");
	}
);

it.each([10, -10])(
	"takes no notification of WeChat Pay's %i minutes off, and its money once the time is right [49]",
	async minutes => {
		const order = await counter.order();
		const payment = await counter.shopper.createPayment(order.id, "wechat", "qr");
		const warn = jest.spyOn(counter.context.logger, "warn");

		await house.takePayment(payment, { notify: false });
		house.skewMs = minutes * MINUTE;
		const stale = await house.emulator("wechat").paymentNotification(payment.paymentNo);
		const status = await post(stale!);
		const looked = await counter.shopper.mustSend("GET", `/payments/${payment.id}`);
		house.skewMs = 0;

		expect([status, looked.status]).toEqual([401, "pending"]);
		const said = warn.mock.calls.map(([what, text]) => [text, JSON.stringify(what)]);
		expect(said).toContainEqual(["A notification was rejected", expect.stringContaining("stale")]);
		expect(said).toContainEqual([
			"The channel did not say how a payment stands",
			expect.stringContaining("SIGN_ERROR")
		]);
		await counter.shopper.mustSend("GET", `/payments/${payment.id}`);
		await counter.orderIs(order.id, "paid");
	}
);

// Alipay allows fifteen.
it.each([10, -10])("pays by Alipay %i minutes off its time [49]", async minutes => {
	house.skewMs = minutes * MINUTE;
	const order = await counter.order();

	const payment = await counter.shopper.createPayment(order.id, "alipay", "qr");
	await house.takePayment(payment);

	await counter.orderIs(order.id, "paid");
});

it.each([20, -20])(
	"begins no payment by Alipay %i minutes off its time, and says so aloud [49]",
	async minutes => {
		const order = await counter.order();
		const error = jest.spyOn(counter.context.logger, "error");

		const before = await counted();
		house.skewMs = minutes * MINUTE;
		const early = await begin(order.id, "alipay", unique("payment-"));
		house.skewMs = 0;
		const right = await begin(order.id, "alipay", unique("payment-"));

		expect([early.status, early.body.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
		expect(await counted()).toBe(before + 1);
		expect(error).toHaveBeenCalledWith(
			expect.objectContaining({ channel: "alipay", reason: "isv.invalid-timestamp" }),
			"The channel refused a payment"
		);
		expect(right.status).toBe(201);
		await house.takePayment(right.body.data);
		await counter.orderIs(order.id, "paid");
	}
);
