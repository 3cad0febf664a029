import fc from "fast-check";
import type { OrderStatus } from "../../schemas/orders.views";
import {
	buildTransitionUpdate,
	canTransition,
	decidePayment,
	decideRefund,
	isExpired,
	TRANSITIONS,
	UNPAID_STATUSES,
	type Order
} from "./order.domain";
import { anOrder } from "./order.fixture";

const payment = { paymentId: "p", amount: 500, currency: "CNY" };
const at = new Date(5);

it("accepts a payment that fits an order waiting for it", () => {
	expect(decidePayment(anOrder(), payment)).toBe("pay");
});

it.each([
	["the amount is another", anOrder({ total: 501 })],
	["the currency is another", anOrder({ currency: "USD" })],
	["the order was cancelled before", anOrder({ status: "cancelled" })],
	["the order was never placed", anOrder({ status: "failed" })],
	["the order has been paid by another payment", anOrder({ status: "paid", paymentId: "first" })],
	["the order has been refunded", anOrder({ status: "refunded", paymentId: "first" })]
])("refuses a payment when %s", (_title, order) => {
	expect(decidePayment(order, payment)).toBe("refuse");
});

it.each<OrderStatus>(["paid", "shipped", "completed", "refunding", "refunded"])(
	"ignores the fact of the accepted payment again once the order is %s",
	status => {
		expect(decidePayment(anOrder({ status, paymentId: "p" }), payment)).toBe("repeat");
	}
);

it("refuses a payment only once", () => {
	expect(decidePayment(anOrder({ status: "cancelled", refusedPayments: ["p"] }), payment)).toBe("repeat");
});

it("retries a payment while the order is still being placed", () => {
	expect(decidePayment(anOrder({ status: "creating" }), payment)).toBe("retry");
});

it.each<[OrderStatus, string]>([
	["paid", "begin"],
	["shipped", "begin"],
	["completed", "begin"],
	["refunding", "end"],
	["refunded", "record"]
])("decides on a refund of the whole sum of a %s order: %s", (status, decision) => {
	expect(
		decideRefund(anOrder({ status, paymentId: "p" }), { paymentId: "p", refunded: 500, paid: 500 })
	).toBe(decision);
});

it("records a partial refund only", () => {
	const refund = { paymentId: "p", refunded: 499, paid: 500 };

	expect(decideRefund(anOrder({ status: "paid", paymentId: "p" }), refund)).toBe("record");
	expect(decideRefund(anOrder({ status: "refunding", paymentId: "p" }), refund)).toBe("record");
});

it("retries a refund whose payment may still be on the way, and ignores one of a payment that was never accepted", () => {
	const refund = { paymentId: "p", refunded: 500, paid: 500 };

	expect(decideRefund(anOrder(), refund)).toBe("retry");
	expect(decideRefund(anOrder({ refusedPayments: ["p"] }), refund)).toBe("ignore");
	expect(decideRefund(anOrder({ status: "cancelled" }), refund)).toBe("ignore");
	expect(decideRefund(anOrder({ status: "paid", paymentId: "other" }), refund)).toBe("ignore");
});

it("frees the slot when the order is paid or ends, and the key only when it fails", () => {
	const paid = buildTransitionUpdate(anOrder(), { to: "paid", event: "paid", by: "system" }, at);
	const pending = buildTransitionUpdate(
		anOrder({ status: "creating" }),
		{ to: "pending_payment", event: "created", by: "u", deadline: at },
		at
	);
	const failed = buildTransitionUpdate(
		anOrder({ status: "creating" }),
		{ to: "failed", event: "failed", by: "system" },
		at
	);

	expect(paid.$unset).toEqual({ slot: "", deadline: "" });
	expect(pending.$unset).toBeUndefined();
	expect(failed.$unset).toEqual({ slot: "", placeKey: "", deadline: "" });
});

it("adds every transition to the timeline", () => {
	const update = buildTransitionUpdate(
		anOrder(),
		{ to: "cancelled", event: "cancelled", by: "u", reason: "too dear" },
		at
	);

	expect(update.$push).toEqual({
		timeline: {
			from: "pending_payment",
			to: "cancelled",
			event: "cancelled",
			by: "u",
			at,
			reason: "too dear"
		}
	});
});

it("lets only an order that waits for payment expire, at its deadline", () => {
	expect(isExpired(anOrder(), new Date(999))).toBe(false);
	expect(isExpired(anOrder(), new Date(1000))).toBe(true);
	expect(isExpired(anOrder({ status: "paid" }), new Date(1000))).toBe(false);
});

// Model of an order with its payments: commands in any order, each fact delivered any number of times.
const aPaymentId = fc.constantFrom("p1", "p2", "p3");
const command = fc.oneof(
	fc.record({ do: fc.constant("payment" as const), paymentId: aPaymentId }),
	fc.record({ do: fc.constant("refund" as const), paymentId: aPaymentId }),
	fc.record({ do: fc.constantFrom("cancel", "expire", "ship", "complete", "adminCancel", "refundFailed") })
);
type State = Pick<Order, "status" | "paymentId" | "refusedPayments" | "total" | "currency"> & {
	refundFrom?: OrderStatus;
};

it("accepts one payment at most, refuses every other once, and makes legal transitions only, in any order of facts", () => {
	fc.assert(
		fc.property(fc.array(command, { maxLength: 40 }), fc.boolean(), (commands, wrong) => {
			let order: State = {
				status: "pending_payment",
				refusedPayments: [],
				total: 500,
				currency: "CNY"
			};
			const delivered = new Set<string>();
			const refusals = new Map<string, number>();
			const to = (status: OrderStatus, over: Partial<State> = {}) => {
				if (!canTransition(order.status, status)) return; // refused
				order = { ...order, ...over, status };
			};
			const act = {
				cancel: () => to("cancelled"),
				expire: () => to("cancelled"),
				ship: () => to("shipped"),
				complete: () => to("completed"),
				adminCancel: () => to("refunding", { refundFrom: order.status }),
				refundFailed: () => order.status === "refunding" && order.refundFrom && to(order.refundFrom)
			};

			for (const c of commands) {
				const previous = order.status;
				if (c.do === "payment") {
					delivered.add(c.paymentId);
					const decision = decidePayment(order, {
						paymentId: c.paymentId,
						amount: wrong && c.paymentId === "p1" ? 1 : 500,
						currency: "CNY"
					});
					if (decision === "pay") to("paid", { paymentId: c.paymentId });
					if (decision === "refuse") {
						refusals.set(c.paymentId, (refusals.get(c.paymentId) ?? 0) + 1);
						order = { ...order, refusedPayments: [...order.refusedPayments, c.paymentId] };
					}
				} else if (c.do === "refund") {
					const refund = { paymentId: c.paymentId, refunded: 500, paid: 500 };
					if (decideRefund(order, refund) === "begin")
						to("refunding", { refundFrom: order.status });
					if (decideRefund(order, refund) === "end") to("refunded");
				} else act[c.do]();
				if (previous !== order.status && c.do !== "refund")
					expect(TRANSITIONS[previous]).toContain(order.status);
			}

			for (const p of delivered) expect(order.paymentId === p ? 1 : refusals.get(p)).toBe(1);
			if (order.paymentId) expect(refusals.has(order.paymentId)).toBe(false);
			if (order.status === "cancelled") expect(order.paymentId).toBeUndefined();
			if (!UNPAID_STATUSES.some(s => s === order.status) && order.status !== "cancelled")
				expect(order.paymentId).toBeDefined();
		}),
		{ numRuns: 2000 }
	);
});
