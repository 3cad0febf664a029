import { ACK_STATUS } from "../../../support/payments/notification-writers";
import { PayingShop } from "../../../support/payments/paying-shop";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

const DOWN = new Error("The store does not answer");
/** The store's operations for a notification; each fails once. */
const STEPS: Record<string, () => unknown> = {
	"find its payment": () => jest.spyOn(payingShop.context.payments, "findOne").mockRejectedValueOnce(DOWN),
	"store it": () => jest.spyOn(payingShop.context.notifications, "insertOnce").mockRejectedValueOnce(DOWN),
	"mark the payment paid": () =>
		jest.spyOn(payingShop.context.payments, "change").mockRejectedValueOnce(DOWN)
};

describe.each(["alipay", "wechat"] as const)("a notification by %s", channel => {
	it.each(Object.entries(STEPS))(
		"is asked for again when the store can't %s, and has one effect then [48]",
		async (_, goDown) => {
			const order = await payingShop.placeOrder();
			const payment = await payingShop.shopper.createPayment(order.id, channel, "qr");
			await payingShop.shopper.payAtChannel(payment.paymentNo, "never");
			const notification = await payingShop.getNotification(channel, payment.paymentNo);

			goDown();
			const lost = await payingShop.postNotification(notification);
			const between = await payingShop.shopper.mustSend("GET", `/orders/${order.id}`);
			const statuses = [
				await payingShop.postNotification(notification),
				await payingShop.postNotification(notification)
			];

			expect([lost, between.status]).toEqual([503, "pending_payment"]);
			expect(statuses).toEqual([ACK_STATUS[channel], ACK_STATUS[channel]]);
			const { timeline } = await payingShop.waitForOrder(order.id, "paid");
			expect(timeline.filter(({ to }: { to: string }) => to === "paid")).toHaveLength(1);
			expect(await payingShop.listPayments(order.id)).toMatchObject([
				{ status: "succeeded", paidAmount: 1000, refunds: [], anomalies: [] }
			]);
			expect(await payingShop.context.notifications.count({ paymentNo: payment.paymentNo })).toBe(1);
		}
	);
});
