import type { ChannelName } from "../../../../schemas/payments.contract";
import { PayingShop } from "../../../support/payments/paying-shop";

let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => counter.shop.stop());

const ACK: Record<ChannelName, number> = { alipay: 200, wechat: 204 };
const DOWN = new Error("The store does not answer");
/** The steps by which a notification becomes money, each failing once. */
const STEPS: Record<string, () => unknown> = {
	"look for its payment": () => jest.spyOn(counter.context.payments, "findOne").mockRejectedValueOnce(DOWN),
	"keep it": () => jest.spyOn(counter.context.notifications, "insertOnce").mockRejectedValueOnce(DOWN),
	"settle the payment": () => jest.spyOn(counter.context.payments, "change").mockRejectedValueOnce(DOWN)
};

describe.each(["alipay", "wechat"] as const)("a notification by %s", channel => {
	it.each(Object.entries(STEPS))(
		"is asked for again when the store can't %s, and has one effect then [48]",
		async (_, goDown) => {
			const order = await counter.order();
			const payment = await counter.shopper.createPayment(order.id, channel, "qr");
			await counter.shopper.payAtChannel(payment.paymentNo, "never");
			const notice = await counter.notification(channel, payment.paymentNo);

			goDown();
			const lost = await counter.post(notice);
			const between = await counter.shopper.mustSend("GET", `/orders/${order.id}`);
			const statuses = [await counter.post(notice), await counter.post(notice)];

			expect([lost, between.status]).toEqual([503, "pending_payment"]);
			expect(statuses).toEqual([ACK[channel], ACK[channel]]);
			const { timeline } = await counter.orderIs(order.id, "paid");
			expect(timeline.filter(({ to }: { to: string }) => to === "paid")).toHaveLength(1);
			expect(await counter.payments(order.id)).toMatchObject([
				{ status: "succeeded", paidAmount: 1000, refunds: [], anomalies: [] }
			]);
			expect(await counter.context.notifications.count({ paymentNo: payment.paymentNo })).toBe(1);
		}
	);
});
