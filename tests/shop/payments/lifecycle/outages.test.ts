import type { ChannelName } from "../../../../schemas/payments.contract";
import { unique } from "../../../support/builders";
import { until } from "../../../support/until";
import type { ChannelServer } from "../../../support/payments/channel-server";
import type { PayingShop } from "../../../support/payments/paying-shop";
import { openShopWithChannels } from "../../../support/payments/shop-with-channels";
import { CHANNEL_FAULTS } from "../../../support/payments/channel-faults";

let house: ChannelServer;
let counter: PayingShop;
let close: () => Promise<void>;
beforeAll(async () => {
	({ house, counter, close } = await openShopWithChannels());
});
afterEach(() => {
	house.fault = null;
	house.skewMs = 0;
	jest.restoreAllMocks();
});
afterAll(() => close());

const begin = (orderId: string, channel: ChannelName, key: string) =>
	counter.shopper.send("POST", "/payments", { orderId, channel, scene: "qr" }, key);
/** Has the shop ask by itself now, and not when it planned to. */
const askedAtOnce = (paymentId: string) =>
	counter.context.payments.change({ _id: paymentId }, { $set: { askAt: new Date(1) } });

describe.each(["alipay", "wechat"] as const)("when %s", channel => {
	it.each(CHANNEL_FAULTS)(
		"%s, a payment is begun by a second try, and found paid by another question [45]",
		async (_, trouble) => {
			const order = await counter.order();
			const key = unique("payment-");

			house.fault = trouble;
			const lost = await begin(order.id, channel, key);
			house.fault = null;
			const { status, body } = await begin(order.id, channel, key);
			await house.takePayment(body.data, { notify: false });
			house.fault = trouble;
			const asked = house.requests.length;
			const looked = await counter.shopper.send("GET", `/payments/${body.data.id}`);
			await askedAtOnce(body.data.id);
			await until("the shop to ask by itself", () => house.requests.length > asked + 1);
			const meanwhile = (await counter.payments(order.id))[0];
			house.fault = null;
			await askedAtOnce(body.data.id);

			// Not REQUEST_TIMEOUT: the shop waits for the channel for less long than its client for the shop.
			expect([lost.status, lost.body.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
			expect([status, body.data.status, body.data.action.type]).toEqual([201, "pending", "qr"]);
			expect([looked.status, looked.body.data.status]).toEqual([200, "pending"]);
			expect(meanwhile).toMatchObject({ status: "pending", anomalies: [] });
			await counter.orderIs(order.id, "paid", 20_000);
			expect(await counter.payments(order.id)).toMatchObject([{ status: "succeeded", refunds: [] }]);
		},
		40_000
	);

	it("says that nobody paid, it is asked again, and then somebody has [46]", async () => {
		const order = await counter.order();
		const { id, ...payment } = await counter.shopper.createPayment(order.id, channel, "qr");

		const before = await counter.shopper.mustSend("GET", `/payments/${id}`);
		await askedAtOnce(id);
		await until("the question", async () => (await counter.context.payments.get(id)).asked > 0);
		const still = await counter.shopper.mustSend("GET", `/payments/${id}`);
		await house.takePayment(payment, { notify: false });
		await askedAtOnce(id);

		expect([before.status, still.status]).toEqual(["pending", "pending"]);
		await counter.orderIs(order.id, "paid");
	});

	it("answers nobody while an order is cancelled, its later money goes back [45]", async () => {
		const order = await counter.order();
		const payment = await counter.shopper.createPayment(order.id, channel, "qr");

		await house.stop();
		await counter.shopper.mustSend("POST", `/orders/${order.id}/cancel`, {});
		await counter.paymentIs(order.id, "closed");
		await house.start();
		await house.takePayment(payment);

		await counter.paymentIs(order.id, "refunded");
		expect(await house.refundsOf(payment)).toEqual([1000]);
		expect((await counter.shopper.mustSend("GET", `/orders/${order.id}`)).status).toBe("cancelled");
	});
});

it("is no outage of the other channel, however many payments fail [45]", async () => {
	const [order, other] = [await counter.order(), await counter.order()];

	await house.stop();
	const failed = [];
	for (let n = 0; n < 40; n++) failed.push((await begin(order.id, "wechat", unique("payment-"))).status);
	await house.start();
	const paid = await begin(other.id, "alipay", unique("payment-"));

	expect(new Set(failed)).toEqual(new Set([503]));
	expect(paid.status).toBe(201);
	await house.takePayment(paid.body.data);
	await counter.orderIs(other.id, "paid");
});

it("leaves no dead letter behind", async () => {
	expect(await counter.deadLetters()).toEqual([]);
});
