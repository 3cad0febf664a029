import type { ChannelName } from "../../../../schemas/payments.contract";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";
import { ACK_STATUS, type NotificationChanges } from "../../../support/payments/notification-writers";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterAll(() => payingShop.shop.stop());

/** Changes that make it the channel's notification of a refund. */
const refundChanges = (channel: ChannelName, paymentNo: string): NotificationChanges =>
	channel === "alipay"
		? {
				fields: {
					trade_status: "TRADE_CLOSED",
					refund_fee: "10.00",
					gmt_refund: "2026-01-31 16:10:00.000",
					out_biz_no: paymentNo
				}
			}
		: {
				type: "REFUND.SUCCESS",
				fields: {
					out_refund_no: paymentNo,
					refund_status: "SUCCESS",
					amount: { total: 1000, refund: 1000 }
				}
			};

describe.each(["alipay", "wechat"] as const)("a genuine notification of %s", channel => {
	it.each(["unpaid", "paid"] as const)(
		"of a refund with the number of a payment that is %s changes nothing, and is shown [23]",
		async state => {
			const { order, payment, ...unpaid } = await payingShop.createUnpaidPayment(channel);
			if (state === "paid") await payingShop.shopper.payAtChannel(payment.paymentNo);
			const status = state === "paid" ? "paid" : "pending_payment";
			await payingShop.waitForOrder(order.id, status);

			const answered = await payingShop.postNotification(
				payingShop.notificationWriters[channel](payment, refundChanges(channel, payment.paymentNo))
			);

			expect(answered).toBe(ACK_STATUS[channel]);
			expect((await payingShop.listUnmatchedNotifications())[0]).toMatchObject({
				channel,
				paymentNo: payment.paymentNo,
				reason: expect.stringContaining("did not ask")
			});
			if (state === "unpaid") await unpaid.expectUnchanged();
			expect((await payingShop.shopper.mustSend("GET", `/orders/${order.id}`)).status).toBe(status);
			expect(await payingShop.listPayments(order.id)).toMatchObject([
				{
					status: state === "paid" ? "succeeded" : "pending",
					refunded: 0,
					refunds: [],
					anomalies: []
				}
			]);
		}
	);
});

describe("Alipay's notification of a refund", () => {
	it("in part, which it calls a success, is no second payment [24]", async () => {
		const { order, payment } = await payingShop.createPaidOrder("alipay");
		const refunded = await payingShop.requestRefund(payment.id, 400);
		const { refundNo } = refunded.body.data.refunds[0];
		await until("the part", async () => (await payingShop.listPayments(order.id))[0].refunded === 400);
		const notification = await payingShop
			.getEmulator("alipay")
			.refundNotification(payment.paymentNo, refundNo);
		if (!notification) throw new Error("Not refunded");

		const statuses = await Promise.all([1, 2, 3].map(() => payingShop.postNotification(notification)));

		expect(notification.body).toContain("trade_status=TRADE_SUCCESS");
		expect(statuses).toEqual([200, 200, 200]);
		expect(await payingShop.listPayments(order.id)).toMatchObject([
			{
				status: "succeeded",
				paidAmount: 1000,
				refunded: 400,
				refunds: [{ amount: 400 }],
				anomalies: []
			}
		]);
		const { status, timeline } = await payingShop.shopper.mustSend("GET", `/orders/${order.id}`);
		expect(status).toBe("paid");
		expect(timeline.filter(({ to }: { to: string }) => to === "paid")).toHaveLength(1);
		const facts = await payingShop.listFacts("payment.succeeded");
		expect(facts.filter(({ paymentId }) => paymentId === payment.id)).toHaveLength(1);
	});

	it("in full, which it calls a close, does not end the order as expired [25]", async () => {
		const { order, payment } = await payingShop.createPaidOrder("alipay");
		await payingShop.cancelAsStaff(order.id);
		await payingShop.waitForOrder(order.id, "refunded");
		const [{ refunds }] = await payingShop.listPayments(order.id);
		const notification = await payingShop
			.getEmulator("alipay")
			.refundNotification(payment.paymentNo, refunds[0].refundNo);
		if (!notification) throw new Error("Not refunded");

		const statuses = await Promise.all([1, 2, 3].map(() => payingShop.postNotification(notification)));

		expect(notification.body).toContain("trade_status=TRADE_CLOSED");
		expect(statuses).toEqual([200, 200, 200]);
		const { status, timeline } = await payingShop.shopper.mustSend("GET", `/orders/${order.id}`);
		expect(status).toBe("refunded");
		expect(timeline.map(({ to }: { to: string }) => to)).not.toContain("cancelled");
		expect(await payingShop.listPayments(order.id)).toMatchObject([
			{
				status: "refunded",
				refunded: 1000,
				refunds: [{ amount: 1000, status: "succeeded" }],
				anomalies: []
			}
		]);
	});
});

it("leaves no dead letter behind", async () => {
	expect(await payingShop.listDeadLetters()).toEqual([]);
});
