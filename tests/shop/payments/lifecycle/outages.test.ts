import type { ChannelName } from "../../../../schemas/payments.contract";
import { unique } from "../../../support/builders";
import { until } from "../../../support/until";
import type { ChannelHouse } from "../../../support/payments/channel-process";
import type { Counter } from "../../../support/payments/paying-shop";
import { openOutside } from "../../../support/payments/outside-channels";
import { TROUBLES } from "../../../support/payments/channel-troubles";

let house: ChannelHouse;
let counter: Counter;
let close: () => Promise<void>;
beforeAll(async () => {
	({ house, counter, close } = await openOutside());
});
afterEach(() => {
	house.trouble = null;
	house.skewMs = 0;
	jest.restoreAllMocks();
});
afterAll(() => close());

const begin = (orderId: string, channel: ChannelName, key: string) =>
	counter.shopper.send("POST", "/payments", { orderId, channel, scene: "qr" }, key);
/** Has the shop ask by itself now, and not when it planned to. */
const askedAtOnce = (paymentId: string) =>
	counter.desk.payments.change({ _id: paymentId }, { $set: { askAt: new Date(1) } });

describe.each(["alipay", "wechat"] as const)("when %s", channel => {
	it.each(TROUBLES)(
		"%s, a payment is begun by a second try, and found paid by another question [45]",
		async (_, trouble) => {
			const order = await counter.order();
			const key = unique("payment-");

			house.trouble = trouble;
			const lost = await begin(order.id, channel, key);
			house.trouble = null;
			const { status, body } = await begin(order.id, channel, key);
			await house.takes(body.data, { notify: false });
			house.trouble = trouble;
			const asked = house.asked.length;
			const looked = await counter.shopper.send("GET", `/payments/${body.data.id}`);
			await askedAtOnce(body.data.id);
			await until("the shop to ask by itself", () => house.asked.length > asked + 1);
			const meanwhile = (await counter.payments(order.id))[0];
			house.trouble = null;
			await askedAtOnce(body.data.id);

			// Not REQUEST_TIMEOUT: the shop waits for the channel for less long than its client for the shop.
			expect([lost.status, lost.body.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
			expect([status, body.data.status, body.data.action.type]).toEqual([201, "pending", "qr"]);
			expect([looked.status, looked.body.data.status]).toEqual([200, "pending"]);
			expect(meanwhile).toMatchObject({ status: "pending", anomalies: [] });
			await counter.orderIs(order.id, "paid", 20_000);
			expect(await counter.payments(order.id)).toMatchObject([{ status: "succeeded", refunds: [] }]);
		},
		40_000
	);

	it("says that nobody paid, it is asked again, and then somebody has [46]", async () => {
		const order = await counter.order();
		const { id, ...payment } = await counter.shopper.pay(order.id, channel, "qr");

		const before = await counter.shopper.must("GET", `/payments/${id}`);
		await askedAtOnce(id);
		await until("the question", async () => (await counter.desk.payments.get(id)).asked > 0);
		const still = await counter.shopper.must("GET", `/payments/${id}`);
		await house.takes(payment, { notify: false });
		await askedAtOnce(id);

		expect([before.status, still.status]).toEqual(["pending", "pending"]);
		await counter.orderIs(order.id, "paid");
	});

	it("answers nobody while an order is cancelled, its later money goes back [45]", async () => {
		const order = await counter.order();
		const payment = await counter.shopper.pay(order.id, channel, "qr");

		await house.die();
		await counter.shopper.must("POST", `/orders/${order.id}/cancel`, {});
		await counter.paymentIs(order.id, "closed");
		await house.rise();
		await house.takes(payment);

		await counter.paymentIs(order.id, "refunded");
		expect(await house.refundsOf(payment)).toEqual([1000]);
		expect((await counter.shopper.must("GET", `/orders/${order.id}`)).status).toBe("cancelled");
	});
});

it("is no outage of the other channel, however many payments fail [45]", async () => {
	const [order, other] = [await counter.order(), await counter.order()];

	await house.die();
	const failed = [];
	for (let n = 0; n < 40; n++) failed.push((await begin(order.id, "wechat", unique("payment-"))).status);
	await house.rise();
	const paid = await begin(other.id, "alipay", unique("payment-"));

	expect(new Set(failed)).toEqual(new Set([503]));
	expect(paid.status).toBe(201);
	await house.takes(paid.body.data);
	await counter.orderIs(other.id, "paid");
});

it("leaves no dead letter behind", async () => {
	expect(await counter.deadLetters()).toEqual([]);
});
