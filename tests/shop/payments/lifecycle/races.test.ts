import { setTimeout as pause } from "node:timers/promises";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";

/** 1000 with `PAYMENT_RACES=1000`; fewer in the suite, for the sake of time. */
const RACES = Number(process.env["PAYMENT_RACES"] ?? 250);
/** How long an order waits; the channel takes money during the first half of it. */
const PATIENCE_S = 8;

type Racing = { readonly orderId: string; readonly paymentNo: string; readonly expiresAt: number };

let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
	await counter.staff.mustSend("PUT", "/admin/config/orders.paymentTimeout", { value: PATIENCE_S });
	await until("the settings to be in force", async () => {
		const { expiresAt, createdAt } = await counter.order();
		return Date.parse(expiresAt) - Date.parse(createdAt) < (PATIENCE_S + 1) * 1000;
	});
	await until(
		"no order to wait",
		async () => {
			const { items } = await counter.shopper.mustSend("GET", "/orders?status=pending_payment");
			return items.length === 0;
		},
		20_000
	);
}, 60_000);
afterAll(() => counter.shop.stop());

const stock = () => counter.staff.mustSend("GET", `/admin/inventory/${counter.skuId}`);

/** An order whose money the channel has, and of which the shop hears only when its time is up. */
async function readied(n: number): Promise<Racing> {
	const { id: orderId, expiresAt } = await counter.order();
	const channel = n % 2 ? "alipay" : "wechat";
	const { paymentNo } = await counter.shopper.createPayment(orderId, channel, "qr");
	const { outcome } = await counter.shopper.payAtChannel(paymentNo, "never");
	if (outcome === "expired") return readied(n); // a busy machine was too slow for the channel's own deadline
	expect(outcome).toBe("paid");
	// The shop would ask by itself before that.
	const askAt = new Date(Date.parse(expiresAt) + 60_000);
	await counter.context.payments.change({ paymentNo }, { $set: { askAt } });
	return { orderId, paymentNo, expiresAt: Date.parse(expiresAt) };
}

/** The news comes around the moment at which the order is given up; the sweep for such orders looks every second. */
async function raced(n: number, { paymentNo, expiresAt }: Racing): Promise<number> {
	const notice = await counter.notification(n % 2 ? "alipay" : "wechat", paymentNo);
	await pause(expiresAt - Date.now() - 300 + (n % 20) * 60); // the race itself, not a wait for something
	return counter.post(notice);
}

const endOf = (orderId: string) =>
	until(
		`the end of ${orderId}`,
		async () => {
			const order = await counter.shopper.mustSend("GET", `/orders/${orderId}`);
			const [payment] = await counter.payments(orderId);
			const end = `${order.status}, ${payment.status}`;
			return end === "paid, succeeded" ? "paid" : end === "cancelled, refunded" ? "cancelled" : null;
		},
		30_000
	);

it(
	`ends ${RACES} races of money and time-out paid, or cancelled with the money back, to the last unit [31]`,
	async () => {
		const before = await stock();
		const orders: string[] = [];
		const racing: Promise<number | string>[] = [];

		for (let n = 0; n < RACES; n++) {
			const one = await readied(n);
			orders.push(one.orderId);
			racing.push(raced(n, one).catch(String));
		}
		const answers = new Set(await Promise.all(racing));
		const ended: string[] = [];
		for (const orderId of orders) ended.push(await endOf(orderId));

		expect(answers).toEqual(new Set([200, 204]));
		const paid = ended.filter(end => end === "paid").length;
		expect(new Set(ended)).toEqual(new Set(["paid", "cancelled"])); // else nothing was raced
		await until("the stock", async () => {
			const { available, reserved, sold } = await stock();
			const now = { available, reserved, sold };
			const wanted = {
				available: before.available - paid,
				reserved: before.reserved,
				sold: before.sold + paid
			};
			return JSON.stringify(now) === JSON.stringify(wanted);
		});
		for (const [n, orderId] of orders.entries()) {
			const [payment, ...others] = await counter.payments(orderId);
			const back = ended[n] === "paid" ? 0 : 1000;
			expect([payment.paidAmount, payment.refunded, others]).toEqual([1000, back, []]);
		}
		expect(await counter.deadLetters()).toEqual([]);
	},
	60_000 + RACES * 300
);
