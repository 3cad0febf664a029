import type { ChannelName } from "../../../../schemas/payments.contract";
import { unique } from "../../../support/builders";
import { until } from "../../../support/until";
import type { ChannelServer } from "../../../support/payments/channel-server";
import type { PayingShop } from "../../../support/payments/paying-shop";
import { startShopWithChannels } from "../../../support/payments/shop-with-channels";
import { CHANNEL_FAULTS } from "../../../support/payments/channel-faults";

let channelServer: ChannelServer;
let payingShop: PayingShop;
let close: () => Promise<void>;
beforeAll(async () => {
	({ channelServer, payingShop, close } = await startShopWithChannels());
});
afterEach(() => {
	channelServer.fault = null;
	channelServer.skewMs = 0;
	jest.restoreAllMocks();
});
afterAll(() => close());

const begin = (orderId: string, channel: ChannelName, key: string) =>
	payingShop.shopper.send("POST", "/payments", { orderId, channel, scene: "qr" }, key);
/** Moves the payment's planned poll to now. */
const pollNow = (paymentId: string) =>
	payingShop.context.payments.change({ _id: paymentId }, { $set: { nextPollAt: new Date(1) } });

describe.each(["alipay", "wechat"] as const)("when %s", channel => {
	it.each(CHANNEL_FAULTS)(
		"%s, a payment is begun by a second try, and found paid by another question [45]",
		async (_, trouble) => {
			const order = await payingShop.placeOrder();
			const key = unique("payment-");

			channelServer.fault = trouble;
			const lost = await begin(order.id, channel, key);
			channelServer.fault = null;
			const { status, body } = await begin(order.id, channel, key);
			await channelServer.takePayment(body.data, { notify: false });
			channelServer.fault = trouble;
			const asked = channelServer.requests.length;
			const looked = await payingShop.shopper.send("GET", `/payments/${body.data.id}`);
			await pollNow(body.data.id);
			await until("the shop to ask by itself", () => channelServer.requests.length > asked + 1);
			const meanwhile = (await payingShop.listPayments(order.id))[0];
			channelServer.fault = null;
			await pollNow(body.data.id);

			// Not REQUEST_TIMEOUT: the shop's time-out for the channel is shorter than the client's for the shop.
			expect([lost.status, lost.body.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
			expect([status, body.data.status, body.data.action.type]).toEqual([201, "pending", "qr"]);
			expect([looked.status, looked.body.data.status]).toEqual([200, "pending"]);
			expect(meanwhile).toMatchObject({ status: "pending", anomalies: [] });
			await payingShop.waitForOrder(order.id, "paid");
			expect(await payingShop.listPayments(order.id)).toMatchObject([
				{ status: "succeeded", refunds: [] }
			]);
		}
	);

	it("first says unpaid, it is polled again and the payment succeeds [46]", async () => {
		const order = await payingShop.placeOrder();
		const { id, ...payment } = await payingShop.shopper.createPayment(order.id, channel, "qr");

		const before = await payingShop.shopper.mustSend("GET", `/payments/${id}`);
		await pollNow(id);
		await until("the question", async () => (await payingShop.context.payments.get(id)).pollCount > 0);
		const still = await payingShop.shopper.mustSend("GET", `/payments/${id}`);
		await channelServer.takePayment(payment, { notify: false });
		await pollNow(id);

		expect([before.status, still.status]).toEqual(["pending", "pending"]);
		await payingShop.waitForOrder(order.id, "paid");
	});

	it("does not answer while an order is cancelled, later money is refunded [45]", async () => {
		const order = await payingShop.placeOrder();
		const payment = await payingShop.shopper.createPayment(order.id, channel, "qr");

		await channelServer.stop();
		await payingShop.shopper.mustSend("POST", `/orders/${order.id}/cancel`, {});
		await payingShop.waitForPayment(order.id, "closed");
		await channelServer.listen();
		await channelServer.takePayment(payment);

		await payingShop.waitForPayment(order.id, "refunded");
		expect(await channelServer.refundedAmounts(payment)).toEqual([1000]);
		expect((await payingShop.shopper.mustSend("GET", `/orders/${order.id}`)).status).toBe("cancelled");
	});
});

it("serves payments by one channel however many fail by the other [45]", async () => {
	const [order, other] = [await payingShop.placeOrder(), await payingShop.placeOrder()];

	await channelServer.stop();
	const failed = [];
	for (let n = 0; n < 40; n++) failed.push((await begin(order.id, "wechat", unique("payment-"))).status);
	await channelServer.listen();
	const paid = await begin(other.id, "alipay", unique("payment-"));

	expect(new Set(failed)).toEqual(new Set([503]));
	expect(paid.status).toBe(201);
	await channelServer.takePayment(paid.body.data);
	await payingShop.waitForOrder(other.id, "paid");
});

it("leaves no dead letter behind", async () => {
	expect(await payingShop.listDeadLetters()).toEqual([]);
});
