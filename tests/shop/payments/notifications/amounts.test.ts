import type { ChannelName } from "../../../../schemas/payments.contract";
import { Shopper } from "../../../support/shopper";
import { PayingShop } from "../../../support/payments/paying-shop";
import { ACK_STATUS, totalFields } from "../../../support/payments/notification-writers";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

/** Expects that a genuine notification that does not match is acknowledged, recorded at the payment, shown to staff and logged. */
async function expectShown(channel: ChannelName, fields: object, says: string | RegExp) {
	const { payment, expectUnchanged, listAnomalies } = await payingShop.createUnpaidPayment(channel);
	const alert = jest.spyOn(payingShop.context.logger, "error");

	const status = await payingShop.postNotification(
		payingShop.notificationWriters[channel](payment, { fields })
	);

	expect(status).toBe(ACK_STATUS[channel]);
	await expectUnchanged();
	expect(await listAnomalies()).toEqual([expect.stringMatching(says)]);
	const [unmatched] = await payingShop.listUnmatchedNotifications();
	expect(unmatched).toMatchObject({
		channel,
		paymentNo: payment.paymentNo,
		reason: expect.stringMatching(says)
	});
	expect(alert).toHaveBeenCalledWith(expect.objectContaining({ channel }), "A notification needs a person");
}

const NONE = "no amount";
/** Totals other than ten yuan, as each channel writes them, and the text that staff see. */
const TOTALS: Readonly<Record<ChannelName, readonly (readonly [unknown, string])[]>> = {
	alipay: [
		["10.01", "1001 CNY instead of 1000 CNY"],
		["9.99", "999 CNY instead of 1000 CNY"],
		["1000.00", "100000 CNY instead of 1000 CNY"],
		...["10.0", "10", "1e1", "-10.00", "+10.00", "010.00", "NaN", "１０.００", "10,00", " 10.00", ""].map(
			total => [total, NONE] as const
		)
	],
	wechat: [
		[1001, "1001 CNY instead of 1000 CNY"],
		[999, "999 CNY instead of 1000 CNY"],
		[100_000, "100000 CNY instead of 1000 CNY"],
		...["1000", "1e3", "１０００", "NaN", 1000.5, -1000, null, [1000], 2 ** 53].map(
			total => [total, NONE] as const
		)
	]
};
const ELSEWHERE = {
	alipay: {
		app: { app_id: "2021000000000000" },
		merchant: { seller_id: "2088000000000000" },
		dollars: { trans_currency: "USD" }
	},
	wechat: {
		app: { appid: "wx0000000000000000" },
		merchant: { mchid: "1900000000" },
		dollars: { amount: { total: 1000, currency: "USD" } }
	}
};

describe.each(["alipay", "wechat"] as const)("a genuine notification of %s", channel => {
	it.each(TOTALS[channel])("pays nothing when its total is %j, and is shown [14]", async (total, says) => {
		await expectShown(channel, totalFields(channel, total), says);
	});

	it("still pays after one with another amount [14]", async () => {
		const { order, payment } = await payingShop.createUnpaidPayment(channel);
		await payingShop.postNotification(
			payingShop.notificationWriters[channel](payment, { fields: totalFields(channel, "0.1") })
		);

		const status = await payingShop.postNotification(payingShop.notificationWriters[channel](payment));

		expect(status).toBe(ACK_STATUS[channel]);
		await payingShop.waitForOrder(order.id, "paid");
	});

	it("pays nothing when it is meant for another app, and is shown [15]", async () => {
		await expectShown(channel, ELSEWHERE[channel].app, "another app");
	});

	it("pays nothing when it is meant for another merchant, and is shown [16]", async () => {
		await expectShown(channel, ELSEWHERE[channel].merchant, /another (merchant|seller)/);
	});

	it("pays nothing when it is in dollars, and is shown [17]", async () => {
		await expectShown(channel, ELSEWHERE[channel].dollars, "1000 USD instead of 1000 CNY");
	});

	it.each(["100%折扣", "a+b c", "🎁 & more", "x&y", "%41", "=&=", "中文，标点"])(
		"pays with %j among its words [20]",
		async words => {
			const { order, payment } = await payingShop.createUnpaidPayment(channel);
			const fields = channel === "alipay" ? { subject: words } : { attach: words };

			const status = await payingShop.postNotification(
				payingShop.notificationWriters[channel](payment, { fields })
			);

			expect(status).toBe(ACK_STATUS[channel]);
			await payingShop.waitForOrder(order.id, "paid");
		}
	);

	it("of an unknown payment is stored and shown [21]", async () => {
		const paymentNo = `P${String(Date.now()).padStart(26, "0")}`;
		const alert = jest.spyOn(payingShop.context.logger, "error");
		const notification = payingShop.notificationWriters[channel]({ paymentNo, amount: 4321 });

		const statuses = [
			await payingShop.postNotification(notification),
			await payingShop.postNotification(notification)
		];

		expect(statuses).toEqual([ACK_STATUS[channel], ACK_STATUS[channel]]);
		const unmatched = (await payingShop.listUnmatchedNotifications()).filter(
			(n: { paymentNo: string }) => n.paymentNo === paymentNo
		);
		expect(unmatched).toMatchObject([{ channel, reason: expect.stringContaining("4321 CNY") }]);
		expect(alert).toHaveBeenCalledWith(
			expect.objectContaining({ channel, paymentNo }),
			"A notification needs a person"
		);
	});

	it("of a payment that was made by the other channel pays nothing, and is shown [21]", async () => {
		const other = channel === "alipay" ? "wechat" : "alipay";
		const { payment, expectUnchanged } = await payingShop.createUnpaidPayment(other);

		const status = await payingShop.postNotification(payingShop.notificationWriters[channel](payment));

		expect(status).toBe(ACK_STATUS[channel]);
		await expectUnchanged();
		expect((await payingShop.listUnmatchedNotifications())[0]).toMatchObject({
			channel,
			paymentNo: payment.paymentNo
		});
	});

	it("pays neither order when it has the number of another shopper's payment and this one's amount [22]", async () => {
		const { token } = await payingShop.shop.register(
			channel === "alipay" ? "13712340001" : "13712340002"
		);
		const stranger = new Shopper(payingShop.shop, token);
		const dear = await stranger.order(payingShop.skuId, 3);
		const dearPayment = await stranger.createPayment(dear.id, channel, "qr");
		const cheap = await payingShop.createUnpaidPayment(channel);

		const status = await payingShop.postNotification(
			payingShop.notificationWriters[channel]({ ...dearPayment, amount: 1000 })
		);

		expect(status).toBe(ACK_STATUS[channel]);
		await cheap.expectUnchanged();
		expect(await cheap.listAnomalies()).toEqual([]);
		expect((await stranger.mustSend("GET", `/orders/${dear.id}`)).status).toBe("pending_payment");
		expect(await payingShop.listPayments(dear.id)).toMatchObject([
			{
				status: "pending",
				paidAmount: null,
				anomalies: [{ reason: expect.stringContaining("1000 CNY instead of 3000 CNY") }]
			}
		]);
	});
});

it("leaves no dead letter behind", async () => {
	expect(await payingShop.listDeadLetters()).toEqual([]);
});
