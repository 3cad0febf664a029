import { createPrivateKey } from "node:crypto";
import { IMPOSTOR, SANDBOX_WECHAT } from "../../../../infrastructure/sandbox-keys/keys";
import { pollChannel } from "../../../../services/payments/poll-channel";
import type { NotificationRequest } from "../../../../services/sandbox/emulators/channel-emulator";
import { signHeaders } from "../../../../services/sandbox/emulators/wechat/platform";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";
import { ACK, KEYS } from "../../../support/payments/notification-writers";

let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => counter.shop.stop());

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
const signedAt = (now: Date, notice: NotificationRequest): NotificationRequest => {
	const sign = { serial: SANDBOX_WECHAT.platformSerial, key: KEYS.wechat, now };
	return { ...notice, headers: { ...notice.headers, ...signHeaders(notice.body, sign) } };
};

/** A payment whose money the channel has and has not told of; and that it has one effect, once it is told. */
async function taken(channel: "alipay" | "wechat") {
	const order = await counter.order();
	const payment = await counter.shopper.createPayment(order.id, channel);
	await counter.shopper.payAtChannel(payment.paymentNo, "never");
	const notice = await counter.notification(channel, payment.paymentNo);
	const paidOnce = async () => {
		const { timeline } = await counter.orderIs(order.id, "paid");
		await until("the stock", async () => (await counter.stockChanges(order.id)).includes("deduct"));
		expect(timeline.filter(({ to }: { to: string }) => to === "paid")).toHaveLength(1);
		expect(await counter.stockChanges(order.id)).toEqual(["reserve", "deduct"]);
		expect(await counter.payments(order.id)).toMatchObject([
			{ status: "succeeded", paidAmount: 1000, refunded: 0, refunds: [], anomalies: [] }
		]);
		const facts = await counter.facts("payment.succeeded");
		expect(facts.filter(({ paymentId }) => paymentId === payment.id)).toHaveLength(1);
	};
	return { order, payment, notice, paidOnce };
}

describe.each(["alipay", "wechat"] as const)("the notice of %s", channel => {
	it("pays once and is acknowledged each time when it comes 100 times in turn [1]", async () => {
		const { notice, paidOnce } = await taken(channel);

		const statuses = [];
		for (let n = 0; n < 100; n++) statuses.push(await counter.post(notice));

		expect(statuses).toEqual(Array(100).fill(ACK[channel]));
		await paidOnce();
	});

	it("pays once when it comes 50 times at once [2]", async () => {
		const { notice, paidOnce } = await taken(channel);

		const statuses = await many(50, () => counter.post(notice));

		expect(statuses).toEqual(Array(50).fill(ACK[channel]));
		await paidOnce();
	});

	it("changes nothing a day later, not even when the money has gone back [3]", async () => {
		const { order, payment } = await counter.paidOrder(channel);
		const yesterday = new Date(Date.now() - 86_400_000);
		await counter.context.payments.change({ _id: payment.id }, { $set: { paidAt: yesterday } });
		await counter.context.notifications.changeMany(
			{ paymentNo: payment.paymentNo },
			{ $set: { at: yesterday } }
		);
		const again = await counter.notification(channel, payment.paymentNo);
		const recorded = channel === "wechat" ? signedAt(yesterday, again) : again;
		const look = async () => [
			await counter.shopper.mustSend("GET", `/orders/${order.id}`),
			await counter.payments(order.id)
		];
		const repeated = async () => {
			const before = await look();
			const statuses = [await counter.post(recorded), await counter.post(again)];
			expect(await look()).toEqual(before);
			return statuses;
		};

		const whilePaid = await repeated();
		await counter.cancelAsStaff(order.id);
		await counter.orderIs(order.id, "refunded");
		const whenRefunded = await repeated();

		const expected = [channel === "wechat" ? 401 : 200, ACK[channel]];
		expect([whilePaid, whenRefunded]).toEqual([expected, expected]);
	});

	it("may come before the channel has answered the shop [26]", async () => {
		const order = await counter.order();
		const { create } = counter.channel(channel);
		jest.spyOn(counter.channel(channel), "create").mockImplementationOnce(async session => {
			const made = await create.call(counter.channel(channel), session);
			await counter.emulator(channel).pay(session.paymentNo, "success");
			await counter.post(await counter.notification(channel, session.paymentNo));
			return made;
		});

		const payment = await counter.shopper.createPayment(order.id, channel, "qr");

		expect(payment).toMatchObject({ status: "succeeded", action: null });
		const { timeline } = await counter.orderIs(order.id, "paid");
		expect(timeline.filter(({ to }: { to: string }) => to === "paid")).toHaveLength(1);
	});

	it("is enough: the shopper returns later, or never [27]", async () => {
		const query = jest.spyOn(counter.channel(channel), "query");
		const { payment, notice, paidOnce } = await taken(channel);
		const askAt = new Date(Date.now() + 3_600_000);
		await counter.context.payments.change({ _id: payment.id }, { $set: { askAt } });
		query.mockClear();

		const status = await counter.post(notice);

		expect(status).toBe(ACK[channel]);
		await paidOnce();
		expect(query).not.toHaveBeenCalledWith(payment.paymentNo);
		expect(await counter.shopper.mustSend("GET", `/payments/${payment.id}`)).toMatchObject({
			status: "succeeded",
			action: null
		});
		await paidOnce();
	});

	it("is not needed: the shop asks by itself, and a shopper who looks all the time does not delay that [29]", async () => {
		const order = await counter.order();
		const payment = await counter.shopper.createPayment(order.id, channel);
		for (let n = 0; n < 12; n++) await counter.shopper.mustSend("GET", `/payments/${payment.id}`);

		await counter.shopper.payAtChannel(payment.paymentNo, "never");

		await counter.orderIs(order.id, "paid", 20_000);
	}, 30_000);

	it("has one effect together with the shop's questions and the shopper's return [30]", async () => {
		const { payment, notice, paidOnce } = await taken(channel);
		const document = await counter.context.payments.get(payment.id);

		await Promise.all([
			many(5, () => counter.post(notice)),
			many(5, () => pollChannel(counter.context, document)),
			many(5, () => counter.shopper.mustSend("GET", `/payments/${payment.id}`))
		]);

		await paidOnce();
	});
});

describe("a notice of WeChat Pay", () => {
	/** Stops the clock on a whole second meanwhile, and nothing else. */
	async function postedFrom(seconds: number, notice: NotificationRequest): Promise<number> {
		const now = new Date(Math.floor(Date.now() / 1000) * 1000);
		jest.useFakeTimers({ now, doNotFake: TIMERS });
		try {
			return await counter.post(signedAt(new Date(now.getTime() + seconds * 1000), notice));
		} finally {
			jest.useRealTimers();
		}
	}

	it.each([301, -301, 86_400, -86_400])("is turned away when signed %d s from now [10]", async seconds => {
		const { payment, untouched } = await counter.unpaidOrder("wechat");

		const status = await postedFrom(seconds, counter.notificationWriters.wechat(payment));

		expect(status).toBe(401);
		await untouched();
	});

	it.each([299, -299])("pays when signed %d s from now [10]", async seconds => {
		const { order, payment } = await counter.unpaidOrder("wechat");

		const status = await postedFrom(seconds, counter.notificationWriters.wechat(payment));

		expect(status).toBe(204);
		await counter.orderIs(order.id, "paid");
	});
});

it("believes the channel and not a browser that returns with a success [28]", async () => {
	const { order, payment, untouched } = await counter.unpaidOrder("alipay");
	const forged = counter.notificationWriters.alipay(payment, {
		key: createPrivateKey(IMPOSTOR.privateKey)
	}).body;
	const signed = counter.notificationWriters.alipay(payment).body;
	const returns = async () => {
		for (const query of [forged, signed])
			expect((await fetch(`${counter.shop.url}/?${query}`)).status).toBe(200);
		return counter.shopper.mustSend("GET", `/payments/${payment.id}`);
	};

	const before = await returns();
	await untouched();
	await counter.shopper.payAtChannel(payment.paymentNo, "never");
	const after = await returns();

	expect([before.status, after.status]).toEqual(["pending", "succeeded"]);
	await counter.orderIs(order.id, "paid");
});

it("leaves no dead letter behind", async () => {
	expect(await counter.deadLetters()).toEqual([]);
});
