import { action, contract, event } from "./kit/contract";
import * as r from "./kit/rules";
import { line, optionalProse, prose } from "./text-rules";
import { paymentSummary } from "./payments.contract";
import { historyStep } from "./traces.contract";
import { addressSnapshot } from "./users.contract";

const shown = [
	"pending_payment",
	"paid",
	"shipped",
	"completed",
	"cancelled",
	"refunding",
	"refunded"
] as const;
/** What a client sees of it; an order that is being placed, or could not be, is not there. */
export const visibleStatus = r.oneOf(...shown);
export const orderStatus = r.oneOf("creating", "failed", ...shown);
export type OrderStatus = r.TypeOf<typeof orderStatus>;

const sum = () => r.fen({ max: Number.MAX_SAFE_INTEGER });
const item = r.obj({
	skuId: r.id(),
	productId: r.id(),
	name: r.str(),
	image: r.orNull(r.text()),
	attributes: r.record(r.str()),
	price: r.fen(),
	quantity: r.quantity(),
	discount: sum(),
	/** price × quantity − discount. */
	amount: sum()
});
export type OrderItem = r.TypeOf<typeof item>;
const step = r.obj({
	from: r.orNull(visibleStatus),
	to: visibleStatus,
	event: r.str(),
	/** A user's id, or "system". */
	by: r.str(),
	at: r.time(),
	reason: r.orNull(r.str())
});
const shipment = r.obj({ carrier: r.str(), trackingNo: r.str(), shippedAt: r.time() });

const shared = {
	id: r.id(),
	orderNo: r.str(),
	status: visibleStatus,
	items: r.list(item),
	address: addressSnapshot,
	itemsTotal: sum(),
	discounts: r.list(r.obj({ type: r.str(), id: r.str(), name: r.str(), amount: sum() })),
	discountTotal: sum(),
	shippingFee: r.fen(),
	total: sum(),
	refundedTotal: sum(),
	currency: r.currency(),
	couponCode: r.orNull(r.str()),
	remark: r.orNull(r.text()),
	shipment: r.orNull(shipment),
	expiresAt: r.time(),
	timeline: r.list(step),
	paidAt: r.orNull(r.time()),
	completedAt: r.orNull(r.time()),
	createdAt: r.time(),
	updatedAt: r.time()
};
const summary = r.obj(shared);
export type OrderSummary = r.TypeOf<typeof summary>;
/** With its payment; null when there is none, or `payments` can't be asked now. */
const view = r.obj({ ...shared, payment: r.orNull(paymentSummary) });
export type OrderView = r.TypeOf<typeof view>;
const staff = { userId: r.id(), staffRemark: r.orNull(r.text()) };
const staffSummary = r.obj({ ...shared, ...staff });
const staffView = r.obj({ ...shared, ...staff, payment: r.orNull(paymentSummary) });

const which = { id: r.id() };
const reason = prose({ max: 200 });
const filter = (q: string) => ({
	...r.cursorPaging,
	status: r.opt(visibleStatus),
	...r.timeRange,
	q: r.opt(r.str({ max: 50, about: q }))
});
const desk = ["support", "warehouse"] as const;

export const orders = contract("orders", {
	create: action({
		items: r.opt(r.list(r.obj({ skuId: r.id(), quantity: r.quantity() }), { min: 1, max: 100 })),
		addressId: r.id(),
		couponCode: r.opt(r.str({ max: 64 })),
		remark: r.opt(optionalProse({ max: 200 })),
		expectedTotal: r.opt(sum()),
		key: r.str({ min: 8, max: 128 })
	})
		.returns(view)
		.rest("POST /orders", "user", "Place an order: all lines or none", {
			status: 201,
			keyed: true,
			atOnce: 64,
			errors: [
				"NOT_FOUND",
				"OUT_OF_STOCK",
				"PRICE_CHANGED",
				"NOT_ON_SHELF",
				"COUPON_UNAVAILABLE",
				"INVALID_STATE",
				"TOO_MANY_REQUESTS"
			]
		}),
	list: action(filter("An order number or its beginning, or part of an item's name"))
		.returns(r.pageOf(summary))
		.rest("GET /orders", "user", "Own orders, newest first"),
	get: action(which).returns(view).rest("GET /orders/:id", "user", "One of the own orders"),
	cancel: action({ ...which, reason: r.opt(reason) })
		.returns(view)
		.rest("POST /orders/:id/cancel", "user", "Cancel an unpaid order", { errors: ["INVALID_STATE"] }),
	confirm: action(which)
		.returns(view)
		.rest("POST /orders/:id/confirm", "user", "The goods have arrived", { errors: ["INVALID_STATE"] }),
	hide: action(which)
		.returns(r.nothing)
		.rest("DELETE /orders/:id", "user", "Take a finished order off the own list", {
			errors: ["INVALID_STATE"]
		}),
	adminList: action({
		...filter("An order number, its beginning or end, part of an item's name or of a SKU's code"),
		userId: r.opt(r.id())
	})
		.returns(r.pageOf(staffSummary))
		.rest("GET /admin/orders", desk, "Orders of all, newest first"),
	adminGet: action(which).returns(staffView).rest("GET /admin/orders/:id", desk, "One order"),
	ship: action({ ...which, carrier: line({ max: 50 }), trackingNo: line({ max: 50 }) })
		.returns(staffView)
		.rest("POST /admin/orders/:id/ship", desk, "The goods have left", { errors: ["INVALID_STATE"] }),
	adminCancel: action({ ...which, reason })
		.returns(staffView)
		.rest("POST /admin/orders/:id/cancel", desk, "Cancel an order; a paid one is refunded", {
			errors: ["INVALID_STATE"]
		}),
	remark: action({ ...which, remark: optionalProse({ max: 500 }) })
		.returns(staffView)
		.rest("POST /admin/orders/:id/remark", desk, "Keep a note that only staff sees"),

	/** What a payment needs to know of the order of this user; refuses with NOT_FOUND when it is another's. */
	payable: action({ orderId: r.id(), userId: r.id() }, { repeatable: true }).returns(
		r.obj({
			orderId: r.id(),
			orderNo: r.str(),
			status: orderStatus,
			total: r.fen({ max: Number.MAX_SAFE_INTEGER }),
			currency: r.currency(),
			expiresAt: r.orNull(r.time())
		})
	),
	/** What an order's payment was for, a line as it was sold; refuses with INVALID_STATE when another payment paid it. */
	paidLines: action({ orderId: r.id(), paymentId: r.id() }, { repeatable: true }).returns(
		r.obj({
			lines: r.list(r.obj({ skuId: r.id(), quantity: r.int({ min: 1 }), amount: sum() })),
			shippingFee: sum()
		})
	),
	/** What the order's own document tells of its life, by its id or number; also of one that no client may see. */
	history: action({ ref: r.str({ max: 128 }) }, { repeatable: true }).returns(
		r.obj({ orderId: r.id(), steps: r.list(historyStep) })
	),
	/** Where these orders stand; those that are not there are left out. */
	statuses: action({ orderIds: r.list(r.id(), { max: 200 }) }, { repeatable: true }).returns(
		r.list(r.obj({ orderId: r.id(), status: orderStatus }))
	)
});

const lines = r.list(r.obj({ skuId: r.id(), productId: r.id(), quantity: r.quantity() }));
const whose = { orderId: r.id(), userId: r.id() };

export const orderEvents = {
	"order.created": event({
		...whose,
		orderNo: r.str(),
		total: r.int({ min: 0 }),
		lines,
		/** Whether the lines came from the user's cart, which they then leave. */
		fromCart: r.bool(),
		expiresAt: r.time()
	}),
	"order.paid": event({ ...whose, paymentId: r.str(), total: r.int({ min: 0 }), lines }),
	/** Cancelled before it was paid. */
	"order.cancelled": event({ ...whose, reason: r.str(), lines }),
	"order.shipped": event({ ...whose, carrier: r.str(), trackingNo: r.str() }),
	"order.completed": event({ ...whose, lines }),
	/** Paid money that this order does not take (late, double, wrong): `payments` sends it back. */
	"order.payment_refused": event({ ...whose, paymentId: r.str(), reason: r.str() }),
	/** A paid order is called off: `payments` sends the money back. `attempt` differs when an earlier try has failed. */
	"order.refund_requested": event({
		...whose,
		paymentId: r.str(),
		reason: r.str(),
		attempt: r.opt(r.int({ min: 0 }))
	}),
	/** All its money went back; `restock` when the goods never left. */
	"order.refunded": event({ ...whose, amount: r.int({ min: 0 }), restock: r.bool(), lines })
};
