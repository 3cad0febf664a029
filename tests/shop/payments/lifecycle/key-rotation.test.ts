import type { ChannelName } from "../../../../schemas/payments.contract";
import { post, type ChannelServer } from "../../../support/payments/channel-server";
import type { PayingShop } from "../../../support/payments/paying-shop";
import { openShopWithChannels } from "../../../support/payments/shop-with-channels";

let house: ChannelServer;
let counter: PayingShop;
let close: () => Promise<void>;
beforeAll(async () => {
	({ house, counter, close } = await openShopWithChannels());
});
afterEach(() => {
	house.signsWith = "old";
});
afterAll(() => close());

const ACK: Record<ChannelName, number> = { alipay: 200, wechat: 204 };

describe.each(["alipay", "wechat"] as const)("while %s changes its key", channel => {
	it.each(["old", "new"] as const)(
		"the shop believes answers and notifications by the %s one [58]",
		async key => {
			house.signsWith = key;
			const order = await counter.order();

			const payment = await counter.shopper.createPayment(order.id, channel, "qr");
			const notice = await house.takePayment(payment, { notify: false });
			const status = await post(notice);

			expect(payment).toMatchObject({ status: "pending", action: { type: "qr" } });
			expect(status).toBe(ACK[channel]);
			await counter.orderIs(order.id, "paid");
			expect((await counter.refund(payment.id, 1000)).status).toBe(200);
			await counter.orderIs(order.id, "refunded");
			expect(await house.refundsOf(payment)).toEqual([1000]);
		}
	);

	it("the shop takes in by the new one what was signed by the old one before, and turns a stranger's away [58]", async () => {
		const [order, other] = [await counter.order(), await counter.order()];
		const payment = await counter.shopper.createPayment(order.id, channel, "qr");
		const forged = await counter.shopper.createPayment(other.id, channel, "qr");
		const before = await house.takePayment(payment, { notify: false });
		await house.takePayment(forged, { notify: false });
		house.signsWith = "new";
		const stranger = await house
			.emulator(channel)
			.paymentNotification(forged.paymentNo, { forged: true });

		const statuses = [await post(before), await post(stranger!)];

		expect(statuses).toEqual([ACK[channel], 401]);
		await counter.orderIs(order.id, "paid");
		expect((await counter.payments(other.id))[0].status).toBe("pending");
	});
});
