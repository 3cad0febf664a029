import { createPrivateKey } from "node:crypto";
import { IMPOSTOR } from "../../../../infrastructure/sandbox-keys/keys";
import { UNMATCHED_REASONS } from "../../../../schemas/payments.contract";
import { PayingShop } from "../../../support/payments/paying-shop";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterAll(() => payingShop.shop.stop());

/** The counts so far, by channel and reason. */
async function readCounts(): Promise<Record<string, number>> {
	const { body } = await payingShop.shop.http("GET", "//metrics");
	const series = String(body.data).matchAll(/^mall_payment_notifications_unmatched_total\{(.*)\} (\d+)$/gm);
	const label = (labels: string, name: string) => new RegExp(`\\b${name}="(.*?)"`).exec(labels)?.[1];
	return Object.fromEntries(
		[...series].map(([, labels = "", n]) => [
			`${label(labels, "channel")} ${label(labels, "reason")}`,
			Number(n)
		])
	);
}
async function countIncrease(by: () => Promise<unknown>): Promise<Record<string, number>> {
	const before = await readCounts();
	await by();
	const after = Object.entries(await readCounts());
	return Object.fromEntries(after.map(([name, n]) => [name, n - (before[name] ?? 0)]).filter(([, n]) => n));
}

it("counts unmatched notifications from zero, for every channel and reason", async () => {
	const names = ["alipay", "wechat"].flatMap(channel =>
		UNMATCHED_REASONS.map(reason => `${channel} ${reason}`)
	);

	expect(await readCounts()).toEqual(Object.fromEntries(names.map(name => [name, 0])));
});

it.each(["alipay", "wechat"] as const)(
	"counts an unmatched notification of %s by its reason, whatever it says of itself",
	async channel => {
		const { payment } = await payingShop.createUnpaidPayment(channel);
		const write = payingShop.notificationWriters[channel];
		const nobodys = { paymentNo: 'nobodys"} 1\nmall_x{a="b', amount: 1000 };
		const forged = write(nobodys, { key: createPrivateKey(IMPOSTOR.privateKey) });
		const { url } = forged;

		const seen = await countIncrease(async () => {
			await payingShop.postNotification(forged);
			await payingShop.postNotification({
				url,
				headers: { "content-type": "text/reason" },
				body: "reason=mine"
			});
			await payingShop.postNotification(write(nobodys));
			await payingShop.postNotification(write({ ...payment, amount: 999 }));
			await payingShop.postNotification(write({ ...payment, amount: 999 }));
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
	const order = await payingShop.placeOrder();
	const payment = await payingShop.shopper.createPayment(order.id, channel, "qr");

	const seen = await countIncrease(async () => {
		await payingShop.shopper.payAtChannel(payment.paymentNo, "twice");
		await payingShop.waitForOrder(order.id, "paid");
		await payingShop.requestRefund(payment.id, 1000);
		await payingShop.waitForOrder(order.id, "refunded");
	});

	expect(seen).toEqual({});
});
