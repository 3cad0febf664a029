import type { ChannelName, Reconciliation } from "../../../../schemas/payments.contract";
import type { Store } from "../../../../mixins/store.mixin";
import type * as ReconcilingModule from "../../../../services/payments/reconciliation/reconcile";
import { beijingDay, beijingDayBounds } from "../../../../schemas/values/beijing-day";
import { subtractDays } from "../../../../services/payments/reconciliation/reconciliation.domain";
import type { StoredTrade } from "../../../../services/sandbox/document-trade-store";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

const get = (query: string) => payingShop.staff.send("GET", `/admin/payments/reconciliation${query}`);
const report = async (date: string, more = ""): Promise<Reconciliation> =>
	payingShop.staff.mustSend("GET", `/admin/payments/reconciliation?date=${date}${more}`);
const lists = ({ oursOnly, theirsOnly, amountDiffers }: Reconciliation) => ({
	oursOnly: oursOnly.map(d => d.refundNo ?? d.paymentNo),
	theirsOnly: theirsOnly.map(d => d.refundNo ?? d.paymentNo),
	amountDiffers: amountDiffers.map(d => [d.refundNo ?? d.paymentNo, d.ours, d.theirs])
});
const NONE = { oursOnly: [], theirsOnly: [], amountDiffers: [] };

/** The trades of the emulated channels. */
const trades = () => (payingShop.getService("sandbox") as unknown as { trades: Store<StoredTrade> }).trades;

async function refunded(channel: ChannelName, amount: number) {
	const { order, payment } = await payingShop.createPaidOrder(channel);
	const { status, body } = await payingShop.requestRefund(payment.id, amount);
	expect(status).toBe(200);
	const { refundNo } = body.data.refunds[0];
	return { order, payment, refundNo: refundNo as string };
}

let days = 10;
/** A finished day for this test alone, two days apart from any other's. */
const aDay = () => subtractDays(beijingDay(new Date()), (days += 2));
const noonOf = (date: string) => new Date(beijingDayBounds(date).from.getTime() + 12 * 3_600_000);

/** Moves a payment and its refunds to another time, in our books and the channel's. */
async function moveTo(
	ours: Date,
	{ payment }: { payment: { id: string; paymentNo: string } },
	theirs = ours
) {
	const { id: paymentId, paymentNo } = payment;
	await payingShop.context.payments.change({ paymentNo }, { $set: { paidAt: ours } });
	await payingShop.context.refunds.changeMany({ paymentId }, { $set: { acceptedAt: ours } });
	await payingShop.context.refunds.changeMany(
		{ paymentId },
		{ $set: { createdAt: theirs < ours ? theirs : ours } }
	);
	const trade = (await trades().findOne({ _id: paymentNo }))!;
	const refunds = trade.refunds.map(refund => ({ ...refund, at: theirs }));
	await trades().change({ _id: paymentNo }, { $set: { paidAt: theirs, refunds } });
}

it("shows no difference for a day on which channels and books agree", async () => {
	const day = aDay();
	const made = [
		await payingShop.createPaidOrder("alipay"),
		await payingShop.createPaidOrder("wechat"),
		await refunded("alipay", 300),
		await refunded("wechat", 400)
	];
	for (const one of made) await moveTo(noonOf(day), one);
	await payingShop.shopper.createPayment((await payingShop.placeOrder()).id); // nobody pays it

	const that = await report(day);

	expect(lists(that)).toEqual(NONE);
	const sums = (amount: number) => ({
		payments: { count: 2, amount: 2000 },
		refunds: { count: 1, amount }
	});
	expect(that.channels).toMatchObject([
		{ channel: "alipay", stored: true, bill: sums(300), books: sums(300), differences: 0 },
		{ channel: "wechat", stored: true, bill: sums(400), books: sums(400), differences: 0 }
	]);
});

it.each(["alipay", "wechat"] as const)("shows each difference from the books of %s [56]", async channel => {
	const day = aDay();
	const lost = await payingShop.createPaidOrder(channel);
	const lostBack = await refunded(channel, 100);
	const other = await payingShop.createPaidOrder(channel);
	const otherBack = await refunded(channel, 200);
	const agreed = await payingShop.createPaidOrder(channel);
	for (const one of [lost, lostBack, other, otherBack, agreed]) await moveTo(noonOf(day), one);
	const genuine = (await trades().findOne({ _id: agreed.payment.paymentNo }))!;
	await trades().remove({ _id: lost.payment.paymentNo });
	await trades().change({ _id: lostBack.payment.paymentNo }, { $set: { refunds: [] } });
	await trades().change({ _id: other.payment.paymentNo }, { $set: { total: 999 } });
	await trades().change({ _id: otherBack.payment.paymentNo }, { $set: { "refunds.0.amount": 201 } });
	const foreign = `FOREIGN_${channel}`;
	const back = { refundNo: `${foreign}_R`, amount: 5, notifyUrl: "", at: noonOf(day) };
	await trades().insert({ ...genuine, _id: foreign, paymentNo: foreign, refunds: [back] });

	const that = await report(day, `&channel=${channel}`);

	expect(lists(that)).toEqual({
		oursOnly: [lost.payment.paymentNo, lostBack.refundNo],
		theirsOnly: [foreign, `${foreign}_R`],
		amountDiffers: [
			[other.payment.paymentNo, 1000, 999],
			[otherBack.refundNo, 200, 201]
		]
	});
	expect(that.oursOnly[0]).toEqual({
		channel,
		kind: "payment",
		paymentNo: lost.payment.paymentNo,
		refundNo: null,
		orderId: lost.order.id,
		ours: 1000,
		theirs: null
	});
	expect(that.channels).toMatchObject([{ channel, differences: 6 }]);
});

it("takes in money of which no notification came, today's as well", async () => {
	const order = await payingShop.placeOrder();
	const payment = await payingShop.shopper.createPayment(order.id, "wechat");
	await payingShop.shopper.payAtChannel(payment.paymentNo, "never");

	const today = await report(beijingDay(new Date()));

	expect(lists(today).theirsOnly).not.toContain(payment.paymentNo);
	expect(today.channels.map(({ stored }) => stored)).toEqual([false, false]);
	expect((await payingShop.listPayments(order.id))[0].status).toBe("succeeded");
	await payingShop.waitForOrder(order.id, "paid");
});

it.each(["alipay", "wechat"] as const)(
	"says so when %s does not answer, and stores nothing",
	async channel => {
		const date = aDay();
		await moveTo(noonOf(date), await payingShop.createPaidOrder(channel));
		jest.spyOn(payingShop.getEmulator(channel), "handle").mockRejectedValue(new Error("away"));

		const { status, body } = await get(`?date=${date}`);

		expect([status, body.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
		expect(body.data).toEqual({ channel, date, cause: "http" });
		expect(await payingShop.context.reconciliations.findOne({ _id: `${channel}:${date}` })).toBeNull();
	}
);

it.each(["", "?date=yesterday", "?date=2026-02-30", "?date=2999-01-01", "?date=2026-01-01&channel=cash"])(
	"refuses %s",
	async query => {
		const { status, body } = await get(query);

		expect([status, body.code]).toEqual([400, "VALIDATION_ERROR"]);
	}
);

it("keeps the report of a finished day until asked to reconcile again", async () => {
	const day = aDay();
	const made = await payingShop.createPaidOrder("alipay");
	const { paymentNo } = made.payment;
	await moveTo(noonOf(day), made);
	await trades().change({ _id: paymentNo }, { $set: { total: 1 } });
	const first = await report(day);
	await trades().change({ _id: paymentNo }, { $set: { total: 1000 } });

	const kept = await report(day);
	const again = await report(day, "&again=true");

	expect(lists(first).amountDiffers).toEqual([[paymentNo, 1000, 1]]);
	expect(first.channels.every(({ stored }) => stored)).toBe(true);
	expect(kept).toEqual(first);
	expect(lists(again)).toEqual(NONE);
	expect(await report(day)).toEqual(again);
});

it("reconciles each finished day once under concurrency, with a fact of the differences", async () => {
	const date = subtractDays(beijingDay(new Date()), 3);
	const made = await payingShop.createPaidOrder("wechat");
	await moveTo(noonOf(date), made);
	await trades().remove({ _id: made.payment.paymentNo });
	const [oldest] = await payingShop.context.payments.find({}, { sort: { _id: 1 }, limit: 1 });
	await payingShop.context.payments.change(
		{ _id: oldest?._id ?? "" },
		{ $set: { createdAt: noonOf(date) } }
	);
	const error = jest.spyOn(payingShop.context.logger, "error");
	// Required here, not above, because the modules read the settings when they load.
	const { reconcileDueDays } =
		require("../../../../services/payments/reconciliation/reconcile") as typeof ReconcilingModule;

	await Promise.all([reconcileDueDays(payingShop.context), reconcileDueDays(payingShop.context)]);
	await reconcileDueDays(payingShop.context);
	const listDifferences = async () =>
		(await payingShop.listFacts("payment.books_differ")).filter(fact => fact["date"] === date);
	await until("the fact", async () => (await listDifferences()).length > 0);

	expect(await listDifferences()).toEqual([{ channel: "wechat", date, differences: 1 }]);
	const said = error.mock.calls.filter(([, text]) => String(text).includes("books differ"));
	expect(said).toHaveLength(1);
	const ids = ["alipay", "wechat"].map(channel => `${channel}:${date}`);
	expect(await payingShop.context.reconciliations.find({ _id: { $in: ids } })).toHaveLength(2);
	expect(lists(await report(date)).oursOnly).toEqual([made.payment.paymentNo]);
});

it("misses nothing at midnight, and counts nothing twice", async () => {
	const today = aDay();
	const { from } = beijingDayBounds(today);
	const [before, after] = [new Date(from.getTime() - 60_000), new Date(from.getTime() + 60_000)];
	const [early, late, lost] = [
		await payingShop.createPaidOrder("alipay"),
		await payingShop.createPaidOrder("alipay"),
		await payingShop.createPaidOrder("alipay")
	];
	await moveTo(before, early);
	await moveTo(before, late, after);
	await moveTo(before, lost);
	await trades().remove({ _id: lost.payment.paymentNo });

	const [first, second] = [await report(subtractDays(today)), await report(today)];

	expect(lists(first)).toEqual(NONE);
	expect(first.channels[0]).toMatchObject({ bill: { payments: { count: 1 } } });
	expect(lists(second)).toEqual({ ...NONE, oursOnly: [lost.payment.paymentNo] });
	expect(second.channels[0]).toMatchObject({ bill: { payments: { count: 1 } } });
});

it("finds a refund on the bill of its day, though the shop heard of it on the next", async () => {
	const today = aDay();
	const { from } = beijingDayBounds(today);
	const before = new Date(from.getTime() - 3 * 60_000);
	const made = await refunded("wechat", 100);
	const lost = await refunded("wechat", 200);
	for (const one of [made, lost]) await moveTo(before, one);
	const heard = new Date(from.getTime() + 2 * 3_600_000);
	for (const { payment } of [made, lost])
		await payingShop.context.refunds.changeMany(
			{ paymentId: payment.id },
			{ $set: { acceptedAt: heard } }
		);
	await trades().change({ _id: lost.payment.paymentNo }, { $set: { refunds: [] } });

	const [first, second] = [await report(subtractDays(today)), await report(today)];

	expect(lists(first)).toEqual(NONE);
	expect(lists(second)).toEqual({ ...NONE, oursOnly: [lost.refundNo] });
});

it("takes in a refund that failed here and is on the bill", async () => {
	const day = aDay();
	const made = await refunded("wechat", 300);
	await until("the refund", async () => (await payingShop.listPayments(made.order.id))[0].refunded === 300);
	await moveTo(noonOf(day), made);
	const { paymentId, payments, refunds } = { ...payingShop.context, paymentId: made.payment.id };
	await refunds.change({ _id: made.refundNo }, { $set: { status: "failed", failureReason: "NOT_ENOUGH" } });
	const taken = { refundIds: made.refundNo, refundedIds: made.refundNo };
	await payments.change(
		{ _id: paymentId },
		{ $inc: { refunded: -300, refundReserved: -300 }, $pull: taken }
	);

	const that = await report(day);

	expect(lists(that)).toEqual(NONE);
	expect(await payments.get(paymentId)).toMatchObject({ refunded: 300, refundReserved: 300 });
	expect((await payingShop.listPayments(made.order.id))[0].refunds).toMatchObject([
		{ status: "succeeded" }
	]);
});
