import {
	action,
	bool,
	contract,
	currency,
	cursorPaging,
	event,
	fen,
	id,
	int,
	list,
	nothing,
	obj,
	oneOf,
	opt,
	orNull,
	pageOf,
	quantity,
	record,
	str,
	text,
	time,
	timeRange,
	type TypeOf
} from "./kit";
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
export const visibleStatus = oneOf(...shown);
export const orderStatus = oneOf("creating", "failed", ...shown);
export type OrderStatus = TypeOf<typeof orderStatus>;

const sum = () => fen({ max: Number.MAX_SAFE_INTEGER });
const item = obj({
	skuId: id(),
	productId: id(),
	name: str(),
	image: orNull(text()),
	attributes: record(str()),
	price: fen(),
	quantity: quantity(),
	discount: sum(),
	/** price × quantity − discount. */
	amount: sum()
});
export type OrderItem = TypeOf<typeof item>;
const step = obj({
	from: orNull(visibleStatus),
	to: visibleStatus,
	event: str(),
	/** A user's id, or "system". */
	by: str(),
	at: time(),
	reason: orNull(str())
});
const shipment = obj({ carrier: str(), trackingNo: str(), shippedAt: time() });

const shared = {
	id: id(),
	orderNo: str(),
	status: visibleStatus,
	items: list(item),
	address: addressSnapshot,
	itemsTotal: sum(),
	discounts: list(obj({ type: str(), id: str(), name: str(), amount: sum() })),
	discountTotal: sum(),
	shippingFee: fen(),
	total: sum(),
	refundedTotal: sum(),
	currency: currency(),
	couponCode: orNull(str()),
	remark: orNull(text()),
	shipment: orNull(shipment),
	expiresAt: time(),
	timeline: list(step),
	paidAt: orNull(time()),
	completedAt: orNull(time()),
	createdAt: time(),
	updatedAt: time()
};
const summary = obj(shared);
export type OrderSummary = TypeOf<typeof summary>;
/** With its payment; null when there is none, or `payments` can't be asked now. */
const view = obj({ ...shared, payment: orNull(paymentSummary) });
export type OrderView = TypeOf<typeof view>;
const staff = { userId: id(), staffRemark: orNull(text()) };
const staffSummary = obj({ ...shared, ...staff });
const staffView = obj({ ...shared, ...staff, payment: orNull(paymentSummary) });

const which = { id: id() };
const reason = prose({ max: 200 });
const filter = {
	...cursorPaging,
	status: opt(visibleStatus),
	...timeRange,
	/** An order number, or part of an item's name. */
	q: opt(str({ max: 50 }))
};
const desk = ["support", "warehouse"] as const;

export const orders = contract("orders", {
	create: action({
		items: opt(list(obj({ skuId: id(), quantity: quantity() }), { min: 1, max: 100 })),
		addressId: id(),
		couponCode: opt(str({ max: 64 })),
		remark: opt(optionalProse({ max: 200 })),
		expectedTotal: opt(sum()),
		key: str({ min: 8, max: 128 })
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
	list: action(filter).returns(pageOf(summary)).rest("GET /orders", "user", "Own orders, newest first"),
	get: action(which).returns(view).rest("GET /orders/:id", "user", "One of the own orders"),
	cancel: action({ ...which, reason: opt(reason) })
		.returns(view)
		.rest("POST /orders/:id/cancel", "user", "Cancel an unpaid order", { errors: ["INVALID_STATE"] }),
	confirm: action(which)
		.returns(view)
		.rest("POST /orders/:id/confirm", "user", "The goods have arrived", { errors: ["INVALID_STATE"] }),
	hide: action(which)
		.returns(nothing)
		.rest("DELETE /orders/:id", "user", "Take a finished order off the own list", {
			errors: ["INVALID_STATE"]
		}),
	adminList: action({ ...filter, userId: opt(id()) })
		.returns(pageOf(staffSummary))
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
	payable: action({ orderId: id(), userId: id() }, { repeatable: true }).returns(
		obj({
			orderId: id(),
			orderNo: str(),
			status: orderStatus,
			total: fen({ max: Number.MAX_SAFE_INTEGER }),
			currency: currency(),
			expiresAt: orNull(time())
		})
	),
	/** What an order's payment was for, a line as it was sold; refuses with INVALID_STATE when another payment paid it. */
	paidLines: action({ orderId: id(), paymentId: id() }, { repeatable: true }).returns(
		obj({
			lines: list(obj({ skuId: id(), quantity: int({ min: 1 }), amount: sum() })),
			shippingFee: sum()
		})
	),
	/** What the order's own document tells of its life, by its id or number; also of one that no client may see. */
	history: action({ ref: str({ max: 128 }) }, { repeatable: true }).returns(
		obj({ orderId: id(), steps: list(historyStep) })
	),
	/** Where these orders stand; those that are not there are left out. */
	statuses: action({ orderIds: list(id(), { max: 200 }) }, { repeatable: true }).returns(
		list(obj({ orderId: id(), status: orderStatus }))
	)
});

const lines = list(obj({ skuId: id(), productId: id(), quantity: quantity() }));
const whose = { orderId: id(), userId: id() };

export const orderEvents = {
	"order.created": event({
		...whose,
		orderNo: str(),
		total: int({ min: 0 }),
		lines,
		/** Whether the lines came from the user's cart, which they then leave. */
		fromCart: bool(),
		expiresAt: time()
	}),
	"order.paid": event({ ...whose, paymentId: str(), total: int({ min: 0 }), lines }),
	/** Cancelled before it was paid. */
	"order.cancelled": event({ ...whose, reason: str(), lines }),
	"order.shipped": event({ ...whose, carrier: str(), trackingNo: str() }),
	"order.completed": event({ ...whose, lines }),
	/** Paid money that this order does not take (late, double, wrong): `payments` sends it back. */
	"order.payment_refused": event({ ...whose, paymentId: str(), reason: str() }),
	/** A paid order is called off: `payments` sends the money back. `attempt` differs when an earlier try has failed. */
	"order.refund_requested": event({
		...whose,
		paymentId: str(),
		reason: str(),
		attempt: opt(int({ min: 0 }))
	}),
	/** All its money went back; `restock` when the goods never left. */
	"order.refunded": event({ ...whose, amount: int({ min: 0 }), restock: bool(), lines })
};
