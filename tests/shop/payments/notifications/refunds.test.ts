import type { ChannelName } from "../../../../schemas/payments.contract";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";
import { ACK, type NotificationChanges } from "../../../support/payments/notification-writers";

let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
});
afterAll(() => counter.shop.stop());

/** As each channel tells of a refund, under the number of a payment. */
const refundOf = (channel: ChannelName, paymentNo: string): NotificationChanges =>
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

describe.each(["alipay", "wechat"] as const)("a genuine notice of %s", channel => {
	it.each(["unpaid", "paid"] as const)(
		"of a refund with the number of a payment that is %s changes nothing, and is shown [23]",
		async state => {
			const { order, payment, ...unpaid } = await counter.unpaidOrder(channel);
			if (state === "paid") await counter.shopper.payAtChannel(payment.paymentNo);
			const status = state === "paid" ? "paid" : "pending_payment";
			await counter.orderIs(order.id, status);

			const answered = await counter.post(
				counter.notificationWriters[channel](payment, refundOf(channel, payment.paymentNo))
			);

			expect(answered).toBe(ACK[channel]);
			expect((await counter.unmatchedNotifications())[0]).toMatchObject({
				channel,
				paymentNo: payment.paymentNo,
				what: expect.stringContaining("did not ask")
			});
			if (state === "unpaid") await unpaid.untouched();
			expect((await counter.shopper.mustSend("GET", `/orders/${order.id}`)).status).toBe(status);
			expect(await counter.payments(order.id)).toMatchObject([
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

describe("Alipay's notice of money sent back", () => {
	it("of a part, which it calls a success, is no second payment [24]", async () => {
		const { order, payment } = await counter.paidOrder("alipay");
		const refunded = await counter.refund(payment.id, 400);
		const { refundNo } = refunded.body.data.refunds[0];
		await until("the part", async () => (await counter.payments(order.id))[0].refunded === 400);
		const notice = await counter.emulator("alipay").refundNotification(payment.paymentNo, refundNo);
		if (!notice) throw new Error("Not refunded");

		const statuses = await Promise.all([1, 2, 3].map(() => counter.post(notice)));

		expect(notice.body).toContain("trade_status=TRADE_SUCCESS");
		expect(statuses).toEqual([200, 200, 200]);
		expect(await counter.payments(order.id)).toMatchObject([
			{
				status: "succeeded",
				paidAmount: 1000,
				refunded: 400,
				refunds: [{ amount: 400 }],
				anomalies: []
			}
		]);
		const { status, timeline } = await counter.shopper.mustSend("GET", `/orders/${order.id}`);
		expect(status).toBe("paid");
		expect(timeline.filter(({ to }: { to: string }) => to === "paid")).toHaveLength(1);
		const facts = await counter.facts("payment.succeeded");
		expect(facts.filter(({ paymentId }) => paymentId === payment.id)).toHaveLength(1);
	});

	it("of all, which it calls a close, does not end the order as out of time [25]", async () => {
		const { order, payment } = await counter.paidOrder("alipay");
		await counter.cancelAsStaff(order.id);
		await counter.orderIs(order.id, "refunded");
		const [{ refunds }] = await counter.payments(order.id);
		const notice = await counter
			.emulator("alipay")
			.refundNotification(payment.paymentNo, refunds[0].refundNo);
		if (!notice) throw new Error("Not refunded");

		const statuses = await Promise.all([1, 2, 3].map(() => counter.post(notice)));

		expect(notice.body).toContain("trade_status=TRADE_CLOSED");
		expect(statuses).toEqual([200, 200, 200]);
		const { status, timeline } = await counter.shopper.mustSend("GET", `/orders/${order.id}`);
		expect(status).toBe("refunded");
		expect(timeline.map(({ to }: { to: string }) => to)).not.toContain("cancelled");
		expect(await counter.payments(order.id)).toMatchObject([
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
	expect(await counter.deadLetters()).toEqual([]);
});
