import { checkOrder } from "./checker";

type Args = Parameters<typeof checkOrder>;
const attempt = (more: object = {}) =>
	({ id: "o1", total: 500, outcome: "ok", payments: [], refunds: [], ...more }) as unknown as Args[0];
const order = (status: string, more: object = {}) =>
	({ status, total: 500, refundedTotal: 0, ...more }) as unknown as Args[1];
const payment = (paidAmount: number, refunded = 0, reasons: readonly string[] = []) =>
	({
		paymentNo: "P1",
		paidAmount,
		refunded,
		refunds: reasons.map(reason => ({ reason }))
	}) as unknown as Args[2][0];
const took = (taken: string) => ({ payments: [{ paymentNo: "P1", amount: 500, taken }] });
const refund = (outcome: string) => ({ refunds: [{ reason: "r1", outcome }] });

it.each([
	["an unpaid order that expired", attempt(), order("cancelled"), []],
	["a paid order", attempt(took("yes")), order("paid"), [payment(500)]],
	[
		"a cancelled order whose late payment was refunded",
		attempt(took("yes")),
		order("cancelled"),
		[payment(500, 500)]
	],
	[
		"an order that staff cancelled",
		attempt({ ...took("yes"), adminCancelled: true }),
		order("refunded", { refundedTotal: 500 }),
		[payment(500, 500)]
	],
	[
		"a partial refund",
		attempt({ ...took("yes"), ...refund("ok") }),
		order("paid", { refundedTotal: 100 }),
		[payment(500, 100, ["r1"])]
	],
	[
		"a refund of unknown outcome that was not made",
		attempt({ ...took("yes"), ...refund("unknown") }),
		order("paid"),
		[payment(500)]
	]
])("accepts %s", (_, placed, seen, payments) => {
	expect(checkOrder(placed, seen, payments)).toEqual([]);
});

it.each([
	["an order that is still under way", attempt(), order("pending_payment"), [], /still pending_payment/],
	[
		"a price that differs from the one that the buyer was told",
		attempt({ total: 400 }),
		order("cancelled"),
		[],
		/costs 500/
	],
	[
		"a paid order whose buyer was told that it is cancelled",
		attempt({ cancelled: true, ...took("yes") }),
		order("paid"),
		[payment(500)],
		/told that it is cancelled/
	],
	[
		"a refund that nobody requested",
		attempt(took("yes")),
		order("refunded", { refundedTotal: 500 }),
		[payment(500, 500)],
		/nobody asked/
	],
	[
		"money kept for a cancelled order",
		attempt(took("yes")),
		order("cancelled"),
		[payment(500)],
		/500 fen came, 0 went back, 0 are its own/
	],
	[
		"a paid order without its money",
		attempt(took("yes")),
		order("paid"),
		[payment(400)],
		/the channel took 500 for P1, the shop has 400/
	],
	["money that nobody paid", attempt(took("no")), order("paid"), [payment(500)], /nobody paid/],
	[
		"a refund made twice",
		attempt({ ...took("yes"), ...refund("ok") }),
		order("paid", { refundedTotal: 200 }),
		[payment(500, 200, ["r1", "r1"])],
		/was made 2 times/
	],
	[
		"a promised refund that was not made",
		attempt({ ...took("yes"), ...refund("ok") }),
		order("paid"),
		[payment(500)],
		/was made 0 times/
	]
])("reports %s", (_, placed, seen, payments, why) => {
	expect(checkOrder(placed, seen, payments)).toContainEqual(expect.stringMatching(why));
});
