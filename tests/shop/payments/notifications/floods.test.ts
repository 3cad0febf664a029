import { gzipSync } from "node:zlib";
import type { ChannelName } from "../../../../schemas/payments.contract";
import { unique } from "../../../support/builders";
import { PayingShop } from "../../../support/payments/paying-shop";

const FLOOD = 500;
let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
});
afterAll(() => counter.shop.stop());

const ACK: Record<ChannelName, number> = { alipay: 200, wechat: 204 };
const TYPE: Record<ChannelName, string> = {
	alipay: "application/x-www-form-urlencoded",
	wechat: "application/json"
};
const notify = (channel: ChannelName) => `${counter.shop.url}/api/v1/payments/notify/${channel}`;
const post = async (url: string, body: string | Buffer, headers: Record<string, string>) =>
	(await fetch(url, { method: "POST", body, headers })).status;
const kept = () => counter.context.notifications.count({});

/** A payment that has its money, and of which the shop was not told. */
async function untold(channel: ChannelName) {
	const order = await counter.order();
	const payment = await counter.shopper.createPayment(order.id, channel, "qr");
	await counter.shopper.payAtChannel(payment.paymentNo, "never");
	const notice = await counter.notification(channel, payment.paymentNo);
	const forged = await counter.emulator(channel).paymentNotification(payment.paymentNo, { forged: true });
	return { order, notice, forged: forged! };
}

describe.each(["alipay", "wechat"] as const)("notifications by %s", channel => {
	it("have 64 KB at most [51]", async () => {
		const before = await kept();
		const sized = (bytes: number) => "x".repeat(bytes);

		const most = await post(notify(channel), sized(64 * 1024), { "content-type": TYPE[channel] });
		const more = await post(notify(channel), sized(64 * 1024 + 1), { "content-type": TYPE[channel] });

		expect([most, more]).toEqual([401, 413]);
		expect(await kept()).toBe(before);
	});

	it("have it unpacked as well: a gzip bomb does not go off [52]", async () => {
		const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, "x"));
		expect(bomb.length).toBeLessThan(64 * 1024);
		const type = { "content-type": TYPE[channel] };

		const statuses = await Promise.all([
			post(notify(channel), bomb, { ...type, "content-encoding": "gzip" }),
			post(notify(channel), "no gzip at all", { ...type, "content-encoding": "gzip" }),
			post(notify(channel), "nor brotli", { ...type, "content-encoding": "br" }),
			post(notify(channel), bomb, { ...type, "content-encoding": "zstd, gzip" })
		]);

		expect(statuses).toEqual([413, 400, 400, 415]);
	});

	it.each(["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])(
		"are not taken as %j, however well they are signed [52]",
		async type => {
			const { order, notice } = await untold(channel);

			const status = await post(notice.url, Buffer.from(notice.body), {
				...notice.headers,
				"content-type": type
			});

			expect(status).toBe(401);
			expect((await counter.payments(order.id))[0].status).toBe("pending");
		}
	);

	it(`get through a flood of ${FLOOD} forged ones, of which none is kept [53]`, async () => {
		const { order, notice, forged } = await untold(channel);
		const before = await kept();
		const sent: Promise<number>[] = [];
		let good: Promise<number> | undefined;

		for (let n = 0; n < FLOOD; n++) {
			const { url, headers } = forged;
			// Each another one, so that none could be known from before.
			sent.push(
				post(url, `${forged.body}${" ".repeat(n % 7)}`, {
					...headers,
					"x-request-id": unique("flood-")
				})
			);
			if (n === FLOOD / 2) good = post(notice.url, notice.body, notice.headers);
		}
		const statuses = new Set(await Promise.all(sent));

		expect([await good, statuses]).toEqual([ACK[channel], new Set([401])]);
		await counter.orderIs(order.id, "paid");
		expect(await kept()).toBe(before + 1);
	});
});

it("takes a payment's wish as JSON of 100 KB at most and nothing else [51, 52]", async () => {
	const order = await counter.order();
	const wish = JSON.stringify({ orderId: order.id, channel: "wechat", scene: "qr" });
	const send = (body: string | Buffer, headers: Record<string, string>) =>
		post(`${counter.shop.url}/api/v1/payments`, body, {
			authorization: `Bearer ${counter.shopper.token}`,
			"idempotency-key": unique("payment-"),
			...headers
		});
	const json = { "content-type": "application/json" };

	const statuses = [
		await send(wish + " ".repeat(100 * 1024), json),
		await send(gzipSync(`${wish}${" ".repeat(1024 * 1024)}`), { ...json, "content-encoding": "gzip" }),
		await send(wish, { "content-type": "text/plain" }),
		await send(wish, { "content-type": "application/x-www-form-urlencoded" }),
		await send(wish.slice(0, -1), json)
	];

	expect(statuses).toEqual([413, 413, 415, 415, 400]);
	expect(await counter.payments(order.id)).toEqual([]);
});
