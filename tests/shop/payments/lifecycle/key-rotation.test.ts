import { postNotification, type ChannelServer } from "../../../support/payments/channel-server";
import { ACK_STATUS } from "../../../support/payments/notification-writers";
import type { PayingShop } from "../../../support/payments/paying-shop";
import { startShopWithChannels } from "../../../support/payments/shop-with-channels";
import { withSecondTry } from "../../../support/second-try";

let channelServer: ChannelServer;
let payingShop: PayingShop;
let close: () => Promise<void>;
beforeAll(async () => {
	({ channelServer, payingShop, close } = await startShopWithChannels());
});
afterEach(() => {
	channelServer.signsWith = "old";
});
afterAll(() => close());

withSecondTry("a stalled machine answers after the deadline", () => {
	describe.each(["alipay", "wechat"] as const)("while %s changes its key", channel => {
		it.each(["old", "new"] as const)(
			"the shop believes answers and notifications by the %s one [58]",
			async key => {
				channelServer.signsWith = key;
				const order = await payingShop.placeOrder();

				const payment = await payingShop.shopper.createPayment(order.id, channel, "qr");
				const notification = await channelServer.takePayment(payment, { notify: false });
				const status = await postNotification(notification);

				expect(payment).toMatchObject({ status: "pending", action: { type: "qr" } });
				expect(status).toBe(ACK_STATUS[channel]);
				await payingShop.waitForOrder(order.id, "paid");
				expect((await payingShop.requestRefund(payment.id, 1000)).status).toBe(200);
				await payingShop.waitForOrder(order.id, "refunded");
				expect(await channelServer.refundedAmounts(payment)).toEqual([1000]);
			}
		);

		it("the shop accepts what either key signed, and rejects a stranger's signature [58]", async () => {
			const [order, other] = [await payingShop.placeOrder(), await payingShop.placeOrder()];
			const payment = await payingShop.shopper.createPayment(order.id, channel, "qr");
			const forged = await payingShop.shopper.createPayment(other.id, channel, "qr");
			const before = await channelServer.takePayment(payment, { notify: false });
			await channelServer.takePayment(forged, { notify: false });
			channelServer.signsWith = "new";
			const stranger = await channelServer
				.emulator(channel)
				.paymentNotification(forged.paymentNo, { forged: true });

			const statuses = [await postNotification(before), await postNotification(stranger!)];

			expect(statuses).toEqual([ACK_STATUS[channel], 401]);
			await payingShop.waitForOrder(order.id, "paid");
			expect((await payingShop.listPayments(other.id))[0].status).toBe("pending");
		});
	});
});
