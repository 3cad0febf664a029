import type { ChannelName } from "../../../../schemas/payments.contract";
import { Shopper } from "../../../support/shopper";
import { PayingShop } from "../../../support/payments/paying-shop";
import { ACK, totalOf } from "../../../support/payments/notification-writers";

let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => counter.shop.stop());

/** What only the channel can have signed, and does not fit: it is acknowledged, noted at the payment, shown and logged. */
async function shown(channel: ChannelName, fields: object, says: string | RegExp) {
	const { payment, untouched, anomalies } = await counter.unpaidOrder(channel);
	const alert = jest.spyOn(counter.context.logger, "error");

	const status = await counter.post(counter.notificationWriters[channel](payment, { fields }));

	expect(status).toBe(ACK[channel]);
	await untouched();
	expect(await anomalies()).toEqual([expect.stringMatching(says)]);
	const [odd] = await counter.unmatchedNotifications();
	expect(odd).toMatchObject({ channel, paymentNo: payment.paymentNo, what: expect.stringMatching(says) });
	expect(alert).toHaveBeenCalledWith(expect.objectContaining({ channel }), "A notification needs a person");
}

const NONE = "no amount";
/** Totals that are not ten yuan, in each channel's writing, and what a person is told of them. */
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

describe.each(["alipay", "wechat"] as const)("a genuine notice of %s", channel => {
	it.each(TOTALS[channel])("pays nothing when its total is %j, and is shown [14]", async (total, says) => {
		await shown(channel, totalOf(channel, total), says);
	});

	it("still pays after one with another amount [14]", async () => {
		const { order, payment } = await counter.unpaidOrder(channel);
		await counter.post(
			counter.notificationWriters[channel](payment, { fields: totalOf(channel, "0.1") })
		);

		const status = await counter.post(counter.notificationWriters[channel](payment));

		expect(status).toBe(ACK[channel]);
		await counter.orderIs(order.id, "paid");
	});

	it("pays nothing when it is meant for another app, and is shown [15]", async () => {
		await shown(channel, ELSEWHERE[channel].app, "another app");
	});

	it("pays nothing when it is meant for another merchant, and is shown [16]", async () => {
		await shown(channel, ELSEWHERE[channel].merchant, /another (merchant|seller)/);
	});

	it("pays nothing when it tells of dollars, and is shown [17]", async () => {
		await shown(channel, ELSEWHERE[channel].dollars, "1000 USD instead of 1000 CNY");
	});

	it.each(["100%折扣", "a+b c", "🎁 & more", "x&y", "%41", "=&=", "中文，标点"])(
		"pays with %j among its words [20]",
		async words => {
			const { order, payment } = await counter.unpaidOrder(channel);
			const fields = channel === "alipay" ? { subject: words } : { attach: words };

			const status = await counter.post(counter.notificationWriters[channel](payment, { fields }));

			expect(status).toBe(ACK[channel]);
			await counter.orderIs(order.id, "paid");
		}
	);

	it("of a payment that the shop does not know is kept and shown [21]", async () => {
		const paymentNo = `P${String(Date.now()).padStart(26, "0")}`;
		const alert = jest.spyOn(counter.context.logger, "error");
		const notice = counter.notificationWriters[channel]({ paymentNo, amount: 4321 });

		const statuses = [await counter.post(notice), await counter.post(notice)];

		expect(statuses).toEqual([ACK[channel], ACK[channel]]);
		const odd = (await counter.unmatchedNotifications()).filter(
			(n: { paymentNo: string }) => n.paymentNo === paymentNo
		);
		expect(odd).toMatchObject([{ channel, what: expect.stringContaining("4321 CNY") }]);
		expect(alert).toHaveBeenCalledWith(
			expect.objectContaining({ channel, paymentNo }),
			"A notification needs a person"
		);
	});

	it("of a payment that was made by the other channel pays nothing, and is shown [21]", async () => {
		const other = channel === "alipay" ? "wechat" : "alipay";
		const { payment, untouched } = await counter.unpaidOrder(other);

		const status = await counter.post(counter.notificationWriters[channel](payment));

		expect(status).toBe(ACK[channel]);
		await untouched();
		expect((await counter.unmatchedNotifications())[0]).toMatchObject({
			channel,
			paymentNo: payment.paymentNo
		});
	});

	it("pays neither order when it bears the number of another shopper's with this one's amount [22]", async () => {
		const { token } = await counter.shop.register(channel === "alipay" ? "13712340001" : "13712340002");
		const stranger = new Shopper(counter.shop, token);
		const dear = await stranger.order(counter.skuId, 3);
		const dearPayment = await stranger.createPayment(dear.id, channel, "qr");
		const cheap = await counter.unpaidOrder(channel);

		const status = await counter.post(
			counter.notificationWriters[channel]({ ...dearPayment, amount: 1000 })
		);

		expect(status).toBe(ACK[channel]);
		await cheap.untouched();
		expect(await cheap.anomalies()).toEqual([]);
		expect((await stranger.mustSend("GET", `/orders/${dear.id}`)).status).toBe("pending_payment");
		expect(await counter.payments(dear.id)).toMatchObject([
			{
				status: "pending",
				paidAmount: null,
				anomalies: [{ what: expect.stringContaining("1000 CNY instead of 3000 CNY") }]
			}
		]);
	});
});

it("leaves no dead letter behind", async () => {
	expect(await counter.deadLetters()).toEqual([]);
});
