import { createPrivateKey } from "node:crypto";
import { IMPOSTOR, SANDBOX_WECHAT } from "../../../../infrastructure/sandbox-keys/keys";
import { pollChannel } from "../../../../services/payments/poll-channel";
import type { NotificationRequest } from "../../../../services/sandbox/emulators/channel-emulator";
import { signHeaders } from "../../../../services/sandbox/emulators/wechat/platform";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";
import { ACK_STATUS, CHANNEL_KEYS } from "../../../support/payments/notification-writers";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

const TIMERS = [
	...([
		"setTimeout",
		"clearTimeout",
		"setInterval",
		"clearInterval",
		"setImmediate",
		"clearImmediate"
	] as const),
	...(["nextTick", "queueMicrotask", "hrtime", "performance"] as const)
];
const many = <V>(n: number, make: () => Promise<V>) => Promise.all(Array.from({ length: n }, make));
const signedAt = (now: Date, notification: NotificationRequest): NotificationRequest => {
	const sign = { serial: SANDBOX_WECHAT.platformSerial, key: CHANNEL_KEYS.wechat, now };
	return { ...notification, headers: { ...notification.headers, ...signHeaders(notification.body, sign) } };
};

/** A payment that is paid at the channel while the shop is not notified, and a check that it has one effect. */
async function payWithoutNotification(channel: "alipay" | "wechat") {
	const order = await payingShop.placeOrder();
	const payment = await payingShop.shopper.createPayment(order.id, channel);
	await payingShop.shopper.payAtChannel(payment.paymentNo, "never");
	const notification = await payingShop.getNotification(channel, payment.paymentNo);
	const paidOnce = async () => {
		const { timeline } = await payingShop.waitForOrder(order.id, "paid");
		await until("the stock", async () =>
			(await payingShop.listStockChanges(order.id)).includes("deduct")
		);
		expect(timeline.filter(({ to }: { to: string }) => to === "paid")).toHaveLength(1);
		expect(await payingShop.listStockChanges(order.id)).toEqual(["reserve", "deduct"]);
		expect(await payingShop.listPayments(order.id)).toMatchObject([
			{ status: "succeeded", paidAmount: 1000, refunded: 0, refunds: [], anomalies: [] }
		]);
		const facts = await payingShop.listFacts("payment.succeeded");
		expect(facts.filter(({ paymentId }) => paymentId === payment.id)).toHaveLength(1);
	};
	return { order, payment, notification, paidOnce };
}

describe.each(["alipay", "wechat"] as const)("the notification of %s", channel => {
	it("pays once and is acknowledged each time when it arrives 100 times in turn [1]", async () => {
		const { notification, paidOnce } = await payWithoutNotification(channel);

		const statuses = [];
		for (let n = 0; n < 100; n++) statuses.push(await payingShop.postNotification(notification));

		expect(statuses).toEqual(Array(100).fill(ACK_STATUS[channel]));
		await paidOnce();
	});

	it("pays once when it arrives 50 times at once [2]", async () => {
		const { notification, paidOnce } = await payWithoutNotification(channel);

		const statuses = await many(50, () => payingShop.postNotification(notification));

		expect(statuses).toEqual(Array(50).fill(ACK_STATUS[channel]));
		await paidOnce();
	});

	it("changes nothing a day later, not even after a refund [3]", async () => {
		const { order, payment } = await payingShop.createPaidOrder(channel);
		const yesterday = new Date(Date.now() - 86_400_000);
		await payingShop.context.payments.change({ _id: payment.id }, { $set: { paidAt: yesterday } });
		await payingShop.context.notifications.changeMany(
			{ paymentNo: payment.paymentNo },
			{ $set: { at: yesterday } }
		);
		const again = await payingShop.getNotification(channel, payment.paymentNo);
		const recorded = channel === "wechat" ? signedAt(yesterday, again) : again;
		const look = async () => [
			await payingShop.shopper.mustSend("GET", `/orders/${order.id}`),
			await payingShop.listPayments(order.id)
		];
		const repeated = async () => {
			const before = await look();
			const statuses = [
				await payingShop.postNotification(recorded),
				await payingShop.postNotification(again)
			];
			expect(await look()).toEqual(before);
			return statuses;
		};

		const whilePaid = await repeated();
		await payingShop.cancelAsStaff(order.id);
		await payingShop.waitForOrder(order.id, "refunded");
		const whenRefunded = await repeated();

		const expected = [channel === "wechat" ? 401 : 200, ACK_STATUS[channel]];
		expect([whilePaid, whenRefunded]).toEqual([expected, expected]);
	});

	it("may arrive before the channel has answered the shop [26]", async () => {
		const order = await payingShop.placeOrder();
		const { create } = payingShop.getChannel(channel);
		jest.spyOn(payingShop.getChannel(channel), "create").mockImplementationOnce(async session => {
			const made = await create.call(payingShop.getChannel(channel), session);
			await payingShop.getEmulator(channel).pay(session.paymentNo, "success");
			await payingShop.postNotification(await payingShop.getNotification(channel, session.paymentNo));
			return made;
		});

		const payment = await payingShop.shopper.createPayment(order.id, channel, "qr");

		expect(payment).toMatchObject({ status: "succeeded", action: null });
		const { timeline } = await payingShop.waitForOrder(order.id, "paid");
		expect(timeline.filter(({ to }: { to: string }) => to === "paid")).toHaveLength(1);
	});

	it("suffices: the shopper returns later, or never [27]", async () => {
		const query = jest.spyOn(payingShop.getChannel(channel), "query");
		const { payment, notification, paidOnce } = await payWithoutNotification(channel);
		const nextPollAt = new Date(Date.now() + 3_600_000);
		await payingShop.context.payments.change({ _id: payment.id }, { $set: { nextPollAt } });
		query.mockClear();

		const status = await payingShop.postNotification(notification);

		expect(status).toBe(ACK_STATUS[channel]);
		await paidOnce();
		expect(query).not.toHaveBeenCalledWith(payment.paymentNo);
		expect(await payingShop.shopper.mustSend("GET", `/payments/${payment.id}`)).toMatchObject({
			status: "succeeded",
			action: null
		});
		await paidOnce();
	});

	it("is not required: the shop polls, and a shopper who reloads all the time does not delay that [29]", async () => {
		const order = await payingShop.placeOrder();
		const payment = await payingShop.shopper.createPayment(order.id, channel);
		for (let n = 0; n < 12; n++) await payingShop.shopper.mustSend("GET", `/payments/${payment.id}`);

		await payingShop.shopper.payAtChannel(payment.paymentNo, "never");

		await payingShop.waitForOrder(order.id, "paid");
	});

	it("has one effect together with the shop's polls and the shopper's return [30]", async () => {
		const { payment, notification, paidOnce } = await payWithoutNotification(channel);
		const document = await payingShop.context.payments.get(payment.id);

		await Promise.all([
			many(5, () => payingShop.postNotification(notification)),
			many(5, () => pollChannel(payingShop.context, document)),
			many(5, () => payingShop.shopper.mustSend("GET", `/payments/${payment.id}`))
		]);

		await paidOnce();
	});
});

describe("a notification of WeChat Pay", () => {
	/** Stops the clock on a whole second during the post, and no timers. */
	async function postedFrom(seconds: number, notification: NotificationRequest): Promise<number> {
		const now = new Date(Math.floor(Date.now() / 1000) * 1000);
		jest.useFakeTimers({ now, doNotFake: TIMERS });
		try {
			return await payingShop.postNotification(
				signedAt(new Date(now.getTime() + seconds * 1000), notification)
			);
		} finally {
			jest.useRealTimers();
		}
	}

	it.each([301, -301, 86_400, -86_400])("is rejected when signed %d s from now [10]", async seconds => {
		const { payment, expectUnchanged } = await payingShop.createUnpaidPayment("wechat");

		const status = await postedFrom(seconds, payingShop.notificationWriters.wechat(payment));

		expect(status).toBe(401);
		await expectUnchanged();
	});

	it.each([299, -299])("pays when signed %d s from now [10]", async seconds => {
		const { order, payment } = await payingShop.createUnpaidPayment("wechat");

		const status = await postedFrom(seconds, payingShop.notificationWriters.wechat(payment));

		expect(status).toBe(204);
		await payingShop.waitForOrder(order.id, "paid");
	});
});

it("believes the channel and not a browser that returns with a success [28]", async () => {
	const { order, payment, expectUnchanged } = await payingShop.createUnpaidPayment("alipay");
	const forged = payingShop.notificationWriters.alipay(payment, {
		key: createPrivateKey(IMPOSTOR.privateKey)
	}).body;
	const signed = payingShop.notificationWriters.alipay(payment).body;
	const returns = async () => {
		for (const query of [forged, signed])
			expect((await fetch(`${payingShop.shop.url}/?${query}`)).status).toBe(200);
		return payingShop.shopper.mustSend("GET", `/payments/${payment.id}`);
	};

	const before = await returns();
	await expectUnchanged();
	await payingShop.shopper.payAtChannel(payment.paymentNo, "never");
	const after = await returns();

	expect([before.status, after.status]).toEqual(["pending", "succeeded"]);
	await payingShop.waitForOrder(order.id, "paid");
});

it("leaves no dead letter behind", async () => {
	expect(await payingShop.listDeadLetters()).toEqual([]);
});
