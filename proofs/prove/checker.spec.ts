import { complaints } from "./checker";

type Args = Parameters<typeof complaints>;
const placing = (more: object = {}) =>
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
const took = (how: string) => ({ payments: [{ paymentNo: "P1", amount: 500, took: how }] });
const refund = (outcome: string) => ({ refunds: [{ reason: "r1", outcome }] });

it.each([
	["an unpaid one that ran out", placing(), order("cancelled"), []],
	["a paid one", placing(took("yes")), order("paid"), [payment(500)]],
	["one whose late money went back", placing(took("yes")), order("cancelled"), [payment(500, 500)]],
	[
		"one that was called off",
		placing({ ...took("yes"), calledOff: true }),
		order("refunded", { refundedTotal: 500 }),
		[payment(500, 500)]
	],
	[
		"a part that was sent back",
		placing({ ...took("yes"), ...refund("ok") }),
		order("paid", { refundedTotal: 100 }),
		[payment(500, 100, ["r1"])]
	],
	[
		"a refund of which nobody knows, and that was not made",
		placing({ ...took("yes"), ...refund("unknown") }),
		order("paid"),
		[payment(500)]
	]
])("has nothing against %s", (_, placed, seen, payments) => {
	expect(complaints(placed, seen, payments)).toEqual([]);
});

it.each([
	["one that is still under way", placing(), order("pending_payment"), [], /still pending_payment/],
	["another price than was told", placing({ total: 400 }), order("cancelled"), [], /costs 500/],
	[
		"one that lives on though its buyer was told that it is cancelled",
		placing({ cancelled: true, ...took("yes") }),
		order("paid"),
		[payment(500)],
		/told that it is cancelled/
	],
	[
		"a refund that nobody asked for",
		placing(took("yes")),
		order("refunded", { refundedTotal: 500 }),
		[payment(500, 500)],
		/nobody asked/
	],
	[
		"money that was kept for a cancelled one",
		placing(took("yes")),
		order("cancelled"),
		[payment(500)],
		/500 fen came, 0 went back, 0 are its own/
	],
	[
		"a paid one without its money",
		placing(took("yes")),
		order("paid"),
		[payment(400)],
		/the channel took 500 for P1, the shop has 400/
	],
	["money that nobody paid", placing(took("no")), order("paid"), [payment(500)], /nobody paid/],
	[
		"a refund made twice",
		placing({ ...took("yes"), ...refund("ok") }),
		order("paid", { refundedTotal: 200 }),
		[payment(500, 200, ["r1", "r1"])],
		/was made 2 times/
	],
	[
		"a promised refund that was not made",
		placing({ ...took("yes"), ...refund("ok") }),
		order("paid"),
		[payment(500)],
		/was made 0 times/
	]
])("speaks against %s", (_, placed, seen, payments, why) => {
	expect(complaints(placed, seen, payments)).toContainEqual(expect.stringMatching(why));
});
