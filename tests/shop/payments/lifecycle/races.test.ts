import { setTimeout as pause } from "node:timers/promises";
import { unique } from "../../../support/builders";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";

/** Fewer than the proof's 1000 (`PAYMENT_RACES=1000`), to save time. */
const RACES = Number(process.env["PAYMENT_RACES"] ?? 60);
/** Races that are prepared or looked at simultaneously. */
const WIDTH = 4;
/** How long an order waits for payment; the channel takes money during the first half. */
const PAYMENT_TIMEOUT_S = 8;

type Racing = { readonly orderId: string; readonly paymentNo: string; readonly expiresAt: number };

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
	await payingShop.staff.mustSend("PUT", "/admin/config/orders.paymentTimeout", {
		value: PAYMENT_TIMEOUT_S
	});
	await until("the settings to be in force", async () => {
		const { expiresAt, createdAt } = await payingShop.placeOrder();
		return Date.parse(expiresAt) - Date.parse(createdAt) < (PAYMENT_TIMEOUT_S + 1) * 1000;
	});
	await until("no order to wait", async () => {
		const { items } = await payingShop.shopper.mustSend("GET", "/orders?status=pending_payment");
		return items.length === 0;
	});
});
afterAll(() => payingShop.shop.stop());

const stock = () => payingShop.staff.mustSend("GET", `/admin/inventory/${payingShop.skuId}`);

/** An order that is paid at the channel, while the shop is not notified before the order expires. */
async function prepareRace(n: number): Promise<Racing> {
	const placed = await payingShop.shopper.tryOrder(payingShop.skuId);
	if (placed.status !== 201) return prepareRace(n); // a busy machine was too slow to answer; the order, if any, expires
	const { id: orderId, expiresAt } = placed.body.data;
	const channel = n % 2 ? "alipay" : "wechat";
	const begun = await payingShop.shopper.send(
		"POST",
		"/payments",
		{ orderId, channel, scene: "qr" },
		unique("payment-")
	);
	if (begun.status !== 201) return prepareRace(n); // a busy machine was too slow for the channel or the deadline
	const { paymentNo } = begun.body.data;
	const { outcome } = await payingShop.shopper.payAtChannel(paymentNo, "never");
	if (outcome === "expired") return prepareRace(n); // a busy machine missed the channel's deadline
	expect(outcome).toBe("paid");
	// The shop would poll before that.
	const nextPollAt = new Date(Date.parse(expiresAt) + 60_000);
	await payingShop.context.payments.change({ paymentNo }, { $set: { nextPollAt } });
	return { orderId, paymentNo, expiresAt: Date.parse(expiresAt) };
}

/** Notifies the shop around the moment at which the order expires; the sweep for expired orders runs every second. */
async function runRace(n: number, { paymentNo, expiresAt }: Racing): Promise<number> {
	const notification = await payingShop.getNotification(n % 2 ? "alipay" : "wechat", paymentNo);
	await pause(expiresAt - Date.now() - 1_000 + (n % 20) * 100); // the race itself, not a wait for something
	return payingShop.postNotification(notification);
}

/** Does this for each of the races, some at a time. */
async function inParallel(work: (n: number) => Promise<void>): Promise<void> {
	const remaining = Array.from({ length: RACES }, (_, n) => n).values();
	const doNext = async () => {
		for (const n of remaining) await work(n);
	};
	await Promise.all(Array.from({ length: WIDTH }, doNext));
}

const endOf = (orderId: string) =>
	until(`the end of ${orderId}`, async () => {
		const order = await payingShop.shopper.mustSend("GET", `/orders/${orderId}`);
		const [payment] = await payingShop.listPayments(orderId);
		const end = `${order.status}, ${payment.status}`;
		return end === "paid, succeeded" ? "paid" : end === "cancelled, refunded" ? "cancelled" : null;
	});

it(
	`ends ${RACES} races of money and time-out paid, or cancelled with the money back, to the last unit [31]`,
	async () => {
		const before = await stock();
		const orders: string[] = [];
		const racing: Promise<number | string>[] = [];

		await inParallel(async n => {
			const one = await prepareRace(n);
			orders[n] = one.orderId;
			racing.push(runRace(n, one).catch(String));
		});
		const answers = new Set(await Promise.all(racing));
		const ended: string[] = [];
		await inParallel(async n => {
			ended[n] = await endOf(orders[n] ?? "");
		});

		expect(answers).toEqual(new Set([200, 204]));
		const paid = ended.filter(end => end === "paid").length;
		expect(new Set(ended)).toEqual(new Set(["paid", "cancelled"])); // otherwise there was no race
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
		await inParallel(async n => {
			const [payment, ...others] = await payingShop.listPayments(orders[n] ?? "");
			const back = ended[n] === "paid" ? 0 : 1000;
			expect([payment.paidAmount, payment.refunded, others]).toEqual([1000, back, []]);
		});
		expect(await payingShop.listDeadLetters()).toEqual([]);
	},
	300_000 + RACES * 300
);
