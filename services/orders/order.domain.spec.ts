import fc from "fast-check";
import type { OrderStatus } from "../../schemas/orders.contract";
import {
	findFreeSlot,
	isExpired,
	canTransition,
	buildTransitionUpdate,
	TRANSITIONS,
	decideRefund,
	decidePayment,
	UNPAID_STATUSES,
	countUnits,
	type Order
} from "./order.domain";

const anOrder = (over: Partial<Order> = {}): Order => ({
	_id: "o",
	orderNo: "1",
	userId: "u",
	status: "pending_payment",
	fingerprint: "",
	slot: "u:0",
	items: [],
	fromCart: false,
	address: { receiver: "", phone: "", province: "", city: "", district: "", detail: "" },
	itemsTotal: 500,
	discounts: [],
	discountTotal: 0,
	shippingFee: 0,
	total: 500,
	currency: "CNY",
	couponCode: null,
	remark: null,
	expiresAt: new Date(1000),
	timeline: [],
	refusedPayments: [],
	failedRefunds: [],
	refundedTotal: 0,
	createdAt: new Date(0),
	updatedAt: new Date(0),
	...over
});
const money = { paymentId: "p", amount: 500, currency: "CNY" };
const at = new Date(5);

it("takes money that fits an order that waits for it", () => {
	expect(decidePayment(anOrder(), money)).toBe("pay");
});

it.each([
	["the amount is another", anOrder({ total: 501 })],
	["the currency is another", anOrder({ currency: "USD" })],
	["the order was cancelled before it came", anOrder({ status: "cancelled" })],
	["the order was never placed", anOrder({ status: "failed" })],
	["the order has been paid by another payment", anOrder({ status: "paid", paymentId: "first" })],
	["the order has been refunded", anOrder({ status: "refunded", paymentId: "first" })]
])("sends money back when %s", (_title, order) => {
	expect(decidePayment(order, money)).toBe("refund");
});

it.each<OrderStatus>(["paid", "shipped", "completed", "refunding", "refunded"])(
	"takes no notice of the paying payment's news again once the order is %s",
	status => {
		expect(decidePayment(anOrder({ status, paymentId: "p" }), money)).toBe("repeat");
	}
);

it("sends a payment back only once", () => {
	expect(decidePayment(anOrder({ status: "cancelled", refusedPayments: ["p"] }), money)).toBe("repeat");
});

it("waits for an order that is still being placed", () => {
	expect(decidePayment(anOrder({ status: "creating" }), money)).toBe("retry");
});

it.each<[OrderStatus, string]>([
	["paid", "begin"],
	["shipped", "begin"],
	["completed", "begin"],
	["refunding", "end"],
	["refunded", "note"]
])("answers all money going back from a %s order with %s", (status, verdict) => {
	expect(
		decideRefund(anOrder({ status, paymentId: "p" }), { paymentId: "p", refunded: 500, paid: 500 })
	).toBe(verdict);
});

it("only notes a part that goes back", () => {
	const news = { paymentId: "p", refunded: 499, paid: 500 };

	expect(decideRefund(anOrder({ status: "paid", paymentId: "p" }), news)).toBe("note");
	expect(decideRefund(anOrder({ status: "refunding", paymentId: "p" }), news)).toBe("note");
});

it("waits with a refund whose payment it may not have heard of yet, and ignores one that it never took", () => {
	const news = { paymentId: "p", refunded: 500, paid: 500 };

	expect(decideRefund(anOrder(), news)).toBe("retry");
	expect(decideRefund(anOrder({ refusedPayments: ["p"] }), news)).toBe("ignore");
	expect(decideRefund(anOrder({ status: "cancelled" }), news)).toBe("ignore");
	expect(decideRefund(anOrder({ status: "paid", paymentId: "other" }), news)).toBe("ignore");
});

it("frees the user's place with the order's payment or end, and the key only with its failure", () => {
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

it("writes every move into the timeline", () => {
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

it("gives the lowest free place, and none when as many as may be are taken", () => {
	expect(findFreeSlot(new Set([0, 2]), 5)).toBe(1);
	expect(findFreeSlot(new Set([0, 1]), 2)).toBeNull();
	expect(findFreeSlot(new Set([7, 8]), 2)).toBeNull();
});

it("sums the units of a SKU over orders and their lines", () => {
	const item = (skuId: string, quantity: number) => ({
		skuId,
		productId: "p",
		name: "",
		image: null,
		attributes: {},
		price: 1,
		quantity,
		discount: 0,
		amount: quantity
	});
	const orders = [anOrder({ items: [item("a", 2), item("b", 4)] }), anOrder({ items: [item("a", 3)] })];

	expect(countUnits(orders, "a")).toBe(5);
	expect(countUnits(orders, "c")).toBe(0);
});

// A model of the order with its payments: commands in any order, each news delivered again at will.
const payments = ["p1", "p2", "p3"] as const;
const payment = fc.constantFrom(...payments);
const command = fc.oneof(
	fc.record({ do: fc.constant("news" as const), payment }),
	fc.record({ do: fc.constant("refundNews" as const), payment }),
	fc.record({ do: fc.constantFrom("cancel", "expire", "ship", "complete", "callOff", "refundFailed") })
);
type State = Pick<Order, "status" | "paymentId" | "refusedPayments" | "total" | "currency"> & {
	refundFrom?: OrderStatus;
};

it("takes one payment at most, sends every other back once, and makes only legal moves, in any order of events", () => {
	fc.assert(
		fc.property(fc.array(command, { maxLength: 40 }), fc.boolean(), (commands, wrong) => {
			let order: State = {
				status: "pending_payment",
				refusedPayments: [],
				total: 500,
				currency: "CNY"
			};
			const told = new Set<string>();
			const sentBack = new Map<string, number>();
			const to = (status: OrderStatus, over: Partial<State> = {}) => {
				if (!canTransition(order.status, status)) return; // refused
				order = { ...order, ...over, status };
			};
			const act = {
				cancel: () => to("cancelled"),
				expire: () => to("cancelled"),
				ship: () => to("shipped"),
				complete: () => to("completed"),
				callOff: () => to("refunding", { refundFrom: order.status }),
				refundFailed: () => order.status === "refunding" && order.refundFrom && to(order.refundFrom)
			};

			for (const c of commands) {
				const before = order.status;
				if (c.do === "news") {
					told.add(c.payment);
					const news = {
						paymentId: c.payment,
						amount: wrong && c.payment === "p1" ? 1 : 500,
						currency: "CNY"
					};
					const verdict = decidePayment(order, news);
					if (verdict === "pay") to("paid", { paymentId: c.payment });
					if (verdict === "refund") {
						sentBack.set(c.payment, (sentBack.get(c.payment) ?? 0) + 1);
						order = { ...order, refusedPayments: [...order.refusedPayments, c.payment] };
					}
				} else if (c.do === "refundNews") {
					const news = { paymentId: c.payment, refunded: 500, paid: 500 };
					if (decideRefund(order, news) === "begin") to("refunding", { refundFrom: order.status });
					if (decideRefund(order, news) === "end") to("refunded");
				} else act[c.do]();
				if (before !== order.status && c.do !== "refundNews")
					expect(TRANSITIONS[before]).toContain(order.status);
			}

			for (const p of told) expect(order.paymentId === p ? 1 : sentBack.get(p)).toBe(1);
			if (order.paymentId) expect(sentBack.has(order.paymentId)).toBe(false);
			if (order.status === "cancelled") expect(order.paymentId).toBeUndefined();
			if (!UNPAID_STATUSES.some(s => s === order.status) && order.status !== "cancelled")
				expect(order.paymentId).toBeDefined();
		}),
		{ numRuns: 2000 }
	);
});
