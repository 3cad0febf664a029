import type { ChannelName } from "../../schemas/payments.contract";
import { startMongo, type Server } from "../support/servers";
import { until } from "../support/until";
import { PayingShop } from "../support/payments/paying-shop";

let mongo: Server;
let payingShop: PayingShop;
beforeAll(async () => {
	mongo = await startMongo({ durable: true });
	payingShop = await PayingShop.start(1000, { MONGO_URL: mongo.url });
});
afterAll(async () => {
	await payingShop.shop.stop();
	await mongo.stop();
});

const ACK: Record<ChannelName, number> = { alipay: 200, wechat: 204 };

it.each(["alipay", "wechat"] as const)(
	"a notification by %s is asked for again while the document server is dead, and has one effect then [48]",
	async channel => {
		const order = await payingShop.placeOrder();
		const payment = await payingShop.shopper.createPayment(order.id, channel, "qr");
		await payingShop.shopper.payAtChannel(payment.paymentNo, "never");
		const notification = await payingShop.getNotification(channel, payment.paymentNo);

		await mongo.kill("SIGKILL");
		const lost = await payingShop.postNotification(notification);
		await mongo.start();
		const accepted = await until("the notification to be accepted", async () => {
			const status = await payingShop.postNotification(notification);
			return status < 300 && status;
		});
		const again = await payingShop.postNotification(notification);

		expect([503, 504]).toContain(lost);
		expect([accepted, again]).toEqual([ACK[channel], ACK[channel]]);
		const { timeline } = await payingShop.waitForOrder(order.id, "paid");
		expect(timeline.filter(({ to }: { to: string }) => to === "paid")).toHaveLength(1);
		expect(await payingShop.listPayments(order.id)).toMatchObject([
			{ status: "succeeded", paidAmount: 1000, refunds: [] }
		]);
	}
);
