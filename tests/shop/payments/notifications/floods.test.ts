import { gzipSync } from "node:zlib";
import type { ChannelName } from "../../../../schemas/payments.contract";
import { unique } from "../../../support/builders";
import { ACK_STATUS } from "../../../support/payments/notification-writers";
import { PayingShop } from "../../../support/payments/paying-shop";

const FLOOD = 500;
let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterAll(() => payingShop.shop.stop());

const TYPE: Record<ChannelName, string> = {
	alipay: "application/x-www-form-urlencoded",
	wechat: "application/json"
};
const notify = (channel: ChannelName) => `${payingShop.shop.url}/api/v1/payments/notify/${channel}`;
const post = async (url: string, body: string | Buffer, headers: Record<string, string>) =>
	(await fetch(url, { method: "POST", body, headers })).status;
const countStored = () => payingShop.context.notifications.count({});

/** A payment that is paid at the channel, while the shop is not notified. */
async function payWithoutNotification(channel: ChannelName) {
	const order = await payingShop.placeOrder();
	const payment = await payingShop.shopper.createPayment(order.id, channel, "qr");
	await payingShop.shopper.payAtChannel(payment.paymentNo, "never");
	const notification = await payingShop.getNotification(channel, payment.paymentNo);
	const forged = await payingShop
		.getEmulator(channel)
		.paymentNotification(payment.paymentNo, { forged: true });
	return { order, notification, forged: forged! };
}

describe.each(["alipay", "wechat"] as const)("notifications by %s", channel => {
	it("have 64 KB at most [51]", async () => {
		const before = await countStored();
		const sized = (bytes: number) => "x".repeat(bytes);

		const most = await post(notify(channel), sized(64 * 1024), { "content-type": TYPE[channel] });
		const more = await post(notify(channel), sized(64 * 1024 + 1), { "content-type": TYPE[channel] });

		expect([most, more]).toEqual([401, 413]);
		expect(await countStored()).toBe(before);
	});

	it("have 64 KB at most unpacked as well: a gzip bomb is rejected [52]", async () => {
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
			const { order, notification } = await payWithoutNotification(channel);

			const status = await post(notification.url, Buffer.from(notification.body), {
				...notification.headers,
				"content-type": type
			});

			expect(status).toBe(401);
			expect((await payingShop.listPayments(order.id))[0].status).toBe("pending");
		}
	);

	it(`get through a flood of ${FLOOD} forged ones, of which none is stored [53]`, async () => {
		const { order, notification, forged } = await payWithoutNotification(channel);
		const before = await countStored();
		const sent: Promise<number>[] = [];
		let good: Promise<number> | undefined;

		for (let n = 0; n < FLOOD; n++) {
			const { url, headers } = forged;
			// Each one differs, so that none can be recognised.
			sent.push(
				post(url, `${forged.body}${" ".repeat(n % 7)}`, {
					...headers,
					"x-request-id": unique("flood-")
				})
			);
			if (n === FLOOD / 2) good = post(notification.url, notification.body, notification.headers);
		}
		const statuses = new Set(await Promise.all(sent));

		expect([await good, statuses]).toEqual([ACK_STATUS[channel], new Set([401])]);
		await payingShop.waitForOrder(order.id, "paid");
		expect(await countStored()).toBe(before + 1);
	});
});

it("accepts a payment's request as JSON of 100 KB at most and nothing else [51, 52]", async () => {
	const order = await payingShop.placeOrder();
	const wish = JSON.stringify({ orderId: order.id, channel: "wechat", scene: "qr" });
	const send = (body: string | Buffer, headers: Record<string, string>) =>
		post(`${payingShop.shop.url}/api/v1/payments`, body, {
			authorization: `Bearer ${payingShop.shopper.token}`,
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
	expect(await payingShop.listPayments(order.id)).toEqual([]);
});
