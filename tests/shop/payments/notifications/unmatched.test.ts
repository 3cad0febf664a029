import { createPrivateKey } from "node:crypto";
import { IMPOSTOR } from "../../../../infrastructure/sandbox-keys/keys";
import { UNMATCHED_REASONS } from "../../../../schemas/payments.contract";
import { PayingShop } from "../../../support/payments/paying-shop";

let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
});
afterAll(() => counter.shop.stop());

/** What has come so far, by channel and reason. */
async function counted(): Promise<Record<string, number>> {
	const { body } = await counter.shop.http("GET", "//metrics");
	const series = String(body.data).matchAll(/^mall_payment_notifications_unmatched_total\{(.*)\} (\d+)$/gm);
	const label = (labels: string, name: string) => new RegExp(`\\b${name}="(.*?)"`).exec(labels)?.[1];
	return Object.fromEntries(
		[...series].map(([, labels = "", n]) => [
			`${label(labels, "channel")} ${label(labels, "reason")}`,
			Number(n)
		])
	);
}
async function risen(by: () => Promise<unknown>): Promise<Record<string, number>> {
	const before = await counted();
	await by();
	const after = Object.entries(await counted());
	return Object.fromEntries(after.map(([name, n]) => [name, n - (before[name] ?? 0)]).filter(([, n]) => n));
}

it("counts unmatched notifications from nought, for every channel and reason that there is", async () => {
	const names = ["alipay", "wechat"].flatMap(channel =>
		UNMATCHED_REASONS.map(reason => `${channel} ${reason}`)
	);

	expect(await counted()).toEqual(Object.fromEntries(names.map(name => [name, 0])));
});

it.each(["alipay", "wechat"] as const)(
	"counts an unmatched notification of %s by its reason, whatever it says of itself",
	async channel => {
		const { payment } = await counter.unpaidOrder(channel);
		const write = counter.notificationWriters[channel];
		const nobodys = { paymentNo: 'nobodys"} 1\nmall_x{a="b', amount: 1000 };
		const forged = write(nobodys, { key: createPrivateKey(IMPOSTOR.privateKey) });
		const { url } = forged;

		const seen = await risen(async () => {
			await counter.post(forged);
			await counter.post({ url, headers: { "content-type": "text/reason" }, body: "reason=mine" });
			await counter.post(write(nobodys));
			await counter.post(write({ ...payment, amount: 999 }));
			await counter.post(write({ ...payment, amount: 999 }));
		});

		expect(seen).toEqual({
			[`${channel} signature`]: 1,
			[`${channel} malformed`]: 1,
			[`${channel} unknown_payment`]: 1,
			[`${channel} wrong_amount`]: 2
		});
	}
);

it.each(["alipay", "wechat"] as const)("counts no notification of %s that matches", async channel => {
	const order = await counter.order();
	const payment = await counter.shopper.createPayment(order.id, channel, "qr");

	const seen = await risen(async () => {
		await counter.shopper.payAtChannel(payment.paymentNo, "twice");
		await counter.orderIs(order.id, "paid");
		await counter.refund(payment.id, 1000);
		await counter.orderIs(order.id, "refunded");
	});

	expect(seen).toEqual({});
});
