import { afterSaleType } from "./after-sales.contract";
import { action, contract, event } from "./kit/contract";
import { openMattersAction, personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";
import { timelineFields } from "./kit/timeline";
import { line, optionalProse, prose } from "./kit/text-rules";
import { discount, notApplied, pointsUse } from "./promotions.contract";
import { paymentSummary } from "./payments.contract";
import { parcelItem, shipmentView, trackingNo } from "./shipping.contract";
import { historyStep } from "./traces.contract";
import { addressSnapshot } from "./users.contract";

const visible = [
	"pending_payment",
	"paid",
	"shipped",
	"completed",
	"cancelled",
	"refunding",
	"refunded"
] as const;
/** Statuses that clients see. An order that is being placed, or could not be, does not exist for them. */
export const visibleStatus = r.oneOf(...visible);
export const orderStatus = r.oneOf("creating", "failed", ...visible);
export type OrderStatus = r.TypeOf<typeof orderStatus>;

const item = r.obj("OrderItem", {
	skuId: r.id(),
	productId: r.id(),
	name: r.str(),
	image: r.orNull(r.text()),
	attributes: r.record(r.str()),
	/** Before promotions: the lowest of the SKU's price and the member's. */
	listPrice: r.fen(),
	/** After promotions on the unit price. */
	price: r.fen(),
	quantity: r.quantity(),
	/** Shares of all discounts that are not in `price`. */
	discount: r.fenSum(),
	/** price × quantity − discount. */
	amount: r.fenSum(),
	/** The line was given on top, at 0 fen. */
	gift: r.bool(),
	/** Units that are on their way. */
	shippedQuantity: r.int({ min: 0 }),
	/** Units whose price was refunded. */
	refundedQuantity: r.int({ min: 0 })
});
export type OrderItem = r.TypeOf<typeof item>;
const timelineEntry = r.obj("TimelineEntry", timelineFields(visibleStatus));
const shipment = r.obj("Shipment", { carrier: r.str(), trackingNo: r.str(), shippedAt: r.time() });

const fields = {
	id: r.id(),
	orderNo: r.str(),
	status: visibleStatus,
	items: r.list(item),
	address: addressSnapshot,
	itemsTotal: r.fenSum(),
	discounts: r.list(discount),
	/** Offers that the order came near, with the reason; those for other goods are left out. */
	notApplied: r.list(notApplied),
	points: pointsUse,
	discountTotal: r.fenSum(),
	shippingFee: r.fen(),
	total: r.fenSum(),
	refundedTotal: r.fenSum(),
	currency: r.currency(),
	couponCode: r.orNull(r.str()),
	remark: r.orNull(r.text()),
	shipment: r.orNull(shipment),
	expiresAt: r.time(),
	timeline: r.list(timelineEntry),
	paidAt: r.orNull(r.time()),
	completedAt: r.orNull(r.time()),
	createdAt: r.time(),
	updatedAt: r.time()
};
const summary = r.obj("OrderSummary", fields);
export type OrderSummary = r.TypeOf<typeof summary>;
/** An order with its payment; null when there is none or `payments` does not answer. */
const view = r.obj("Order", { ...fields, payment: r.orNull(paymentSummary) });
export type OrderView = r.TypeOf<typeof view>;
const staffFields = { userId: r.id(), staffRemark: r.orNull(r.text()) };
const staffSummary = r.obj("StaffOrderSummary", { ...fields, ...staffFields });
const staffView = r.obj("StaffOrder", { ...fields, ...staffFields, payment: r.orNull(paymentSummary) });

const byId = { id: r.id() };
const reason = prose({ max: 200 });
const filter = (q: string) => ({
	...r.cursorPaging,
	status: r.opt(visibleStatus),
	...r.timeRange,
	q: r.opt(r.str({ max: 50, about: q }))
});
const demand = r.obj({ skuId: r.id(), quantity: r.quantity() });
const caseClaim = {
	orderId: r.id(),
	userId: r.id(),
	type: afterSaleType,
	items: r.list(demand, { max: 200 })
};
const claimAnswer = r.obj({
	orderNo: r.str(),
	items: r.list(
		r.obj({
			skuId: r.id(),
			productId: r.str(),
			name: r.str(),
			image: r.orNull(r.text()),
			attributes: r.record(r.str()),
			quantity: r.quantity(),
			/** How many of them were not sent yet. */
			unsent: r.int({ min: 0 }),
			amount: r.fenSum()
		})
	),
	shipping: r.fenSum(),
	points: r.int({ min: 0 }),
	maximum: r.fenSum()
});
const selection = { items: r.list(demand, { max: 200 }), shipping: r.bool() };
/** What a refund of units sends back. `units` names them, so that none is refunded twice. */
const refundOfUnits = {
	attempt: r.int({ min: 1 }),
	units: r.list(r.str()),
	lines: r.list(r.obj({ skuId: r.id(), quantity: r.quantity(), amount: r.fenSum() })),
	shipping: r.fenSum(),
	amount: r.fenSum()
};
const DESK_ROLES = ["support", "warehouse"] as const;

export const orders = contract("orders", {
	...personalDataActions,
	...openMattersAction,
	/** An order that costs nothing is paid at once. */
	create: action({
		items: r.opt(r.list(r.obj({ skuId: r.id(), quantity: r.quantity() }), { min: 1, max: 100 })),
		addressId: r.id(),
		couponCode: r.opt(r.str({ max: 64 })),
		usePoints: r.opt(r.int({ min: 0 })),
		remark: r.opt(optionalProse({ max: 200 })),
		expectedTotal: r.opt(r.fenSum()),
		key: r.str({ min: 8, max: 128 })
	})
		.returns(view)
		.rest("POST /orders", "user", "Place an order: all lines or none", {
			status: 201,
			keyed: true,
			replays: true,
			maxConcurrency: 64,
			errors: [
				"NOT_FOUND",
				"OUT_OF_STOCK",
				"PRICE_CHANGED",
				"NOT_ON_SHELF",
				"PURCHASE_LIMIT",
				"COUPON_UNAVAILABLE",
				"POINTS_UNAVAILABLE",
				"NOT_DELIVERABLE",
				"INVALID_STATE",
				"TOO_MANY_REQUESTS"
			]
		}),
	list: action(filter("An order number or its beginning, or part of an item's name"))
		.returns(r.pageOf(summary))
		.rest("GET /orders", "user", "Own orders, newest first"),
	get: action(byId).returns(view).rest("GET /orders/:id", "user", "One of the own orders"),
	cancel: action({ ...byId, reason: r.opt(reason) })
		.returns(view)
		.rest("POST /orders/:id/cancel", "user", "Cancel an unpaid order", { errors: ["INVALID_STATE"] }),
	confirm: action(byId)
		.returns(view)
		.rest("POST /orders/:id/confirm", "user", "Confirm that the goods have arrived", {
			errors: ["INVALID_STATE"]
		}),
	hide: action(byId)
		.returns(r.nothing)
		.rest("DELETE /orders/:id", "user", "Hide a finished order from the own list", {
			errors: ["INVALID_STATE"]
		}),
	adminList: action({
		...filter("An order number, its beginning or end, part of an item's name or of a SKU's code"),
		userId: r.opt(r.id())
	})
		.returns(r.pageOf(staffSummary))
		.rest("GET /admin/orders", DESK_ROLES, "Orders of all users, newest first", { audited: true }),
	adminGet: action(byId)
		.returns(staffView)
		.rest("GET /admin/orders/:id", DESK_ROLES, "One order", { audited: true }),
	ship: action({
		...byId,
		carrier: line({ max: 50 }),
		trackingNo,
		items: r.opt(r.list(r.obj({ skuId: r.id(), quantity: r.quantity() }), { min: 1, max: 200 }))
	})
		.returns(staffView)
		.rest(
			"POST /admin/orders/:id/ship",
			DESK_ROLES,
			"Send a parcel with these units, or with all that are left; the last one makes the order shipped",
			{ errors: ["INVALID_STATE", "DUPLICATE"] }
		),
	shipments: action(byId)
		.returns(r.list(shipmentView))
		.rest("GET /orders/:id/shipments", "user", "Parcels of an own order, the first sent first"),
	shipment: action(byId)
		.returns(shipmentView)
		.rest("GET /orders/:id/shipment", "user", "The first parcel of an own order", {
			errors: ["NOT_FOUND"]
		}),
	adminShipments: action(byId)
		.returns(r.list(shipmentView))
		.rest("GET /admin/orders/:id/shipments", DESK_ROLES, "Parcels of an order, the first sent first", {
			audited: true
		}),
	adminCancel: action({ ...byId, reason })
		.returns(staffView)
		.rest("POST /admin/orders/:id/cancel", DESK_ROLES, "Cancel an order; a paid one is refunded", {
			errors: ["INVALID_STATE", "STEP_UP_REQUIRED", "SECOND_PERSON_REQUIRED"]
		}),
	remark: action({ ...byId, remark: optionalProse({ max: 500 }) })
		.returns(staffView)
		.rest("POST /admin/orders/:id/remark", DESK_ROLES, "Set the remark that only staff see"),

	/** An order as a payment needs it; refuses with NOT_FOUND when the order is another user's. */
	payable: action({ orderId: r.id(), userId: r.id() }, { repeatable: true }).returns(
		r.obj({
			orderId: r.id(),
			orderNo: r.str(),
			status: orderStatus,
			total: r.fenSum(),
			currency: r.currency(),
			expiresAt: r.orNull(r.time())
		})
	),
	/** What a case for these units could get; refuses as `claimUnits`. */
	quoteUnits: action({ ...caseClaim }, { repeatable: true }).returns(claimAnswer),
	/**
	 * Claims units for a case, once for its id. Refuses with INVALID_STATE, with AFTER_SALE_CLOSED when the window is over or no
	 * unit is left, and with VALIDATION_ERROR naming the item that asks for more units than are left.
	 */
	claimUnits: action({ claimId: r.id(), ...caseClaim }, { repeatable: true }).returns(claimAnswer),
	/** The most that a case can get now; refuses with INVALID_STATE while it can't be refunded, say in a whole refund. */
	priceClaim: action({ orderId: r.id(), claimId: r.id() }, { repeatable: true }).returns(
		r.obj({ maximum: r.fenSum(), refundedTotal: r.fenSum() })
	),
	/** A line of an own order, for its review; refuses with NOT_FOUND. */
	boughtLine: action({ orderId: r.id(), userId: r.id(), skuId: r.id() }, { repeatable: true }).returns(
		r.obj({
			productId: r.id(),
			attributes: r.record(r.str()),
			status: orderStatus,
			completedAt: r.orNull(r.time()),
			/** Units that were not sent back. */
			kept: r.int({ min: 0 })
		})
	),
	/** Frees the units of a case, unless their refund has begun, and says which is so. No later claim with its id succeeds. */
	releaseUnits: action({ orderId: r.id(), claimId: r.id() }, { repeatable: true }).returns(
		r.obj({ released: r.bool() })
	),
	/**
	 * Requests the refund of a case's units, once for each attempt (from 1), and answers its amount: the most that the case can
	 * get, and no more than `amount`. Refuses as `priceClaim`.
	 */
	refundUnits: action(
		{
			orderId: r.id(),
			claimId: r.id(),
			amount: r.opt(r.fenSum()),
			attempt: r.int({ min: 1 }),
			reason: r.str()
		},
		{ repeatable: true }
	).returns(r.obj({ amount: r.fenSum() })),
	/** What an order has left of its total after its refunds; refuses with NOT_FOUND when the order is another user's. */
	paidAmount: action({ orderId: r.id(), userId: r.opt(r.id()) }, { repeatable: true }).returns(
		r.obj({ amount: r.fenSum(), status: orderStatus, paid: r.bool() })
	),
	/** The phone of the person to whom an order was sent; some carriers tell nothing without it. */
	receiverPhone: action({ orderId: r.id() }, { repeatable: true }).returns(r.obj({ phone: r.text() })),
	/** What the units of a refund by staff were paid with. */
	priceForStaff: action({ orderId: r.id(), paymentId: r.id(), ...selection }, { repeatable: true }).returns(
		r.obj({ amount: r.fenSum() })
	),
	/** Claims units for a refund by staff, once for its id, and requests the refund. `refundable`: what the payment has left. */
	claimForStaff: action(
		{
			claimId: r.id(),
			orderId: r.id(),
			paymentId: r.id(),
			refundable: r.int(),
			reason: r.str(),
			...selection
		},
		{ repeatable: true }
	).returns(r.obj(refundOfUnits)),
	/** Steps of an order's life from its own document, by its id or number; also of an order that no client sees. */
	history: action({ ref: r.str({ max: 128 }) }, { repeatable: true }).returns(
		r.obj({ orderId: r.id(), steps: r.list(historyStep) })
	),
	/** Ids of the parcels whose units the order has counted as sent. */
	parcelIds: action({ orderId: r.id() }, { repeatable: true }).returns(r.list(r.id())),
	/** Statuses of these orders; an order that does not exist is left out. */
	statuses: action({ orderIds: r.list(r.id(), { max: 200 }) }, { repeatable: true }).returns(
		r.list(r.obj({ orderId: r.id(), status: orderStatus }))
	)
});

const lines = r.list(r.obj({ skuId: r.id(), productId: r.id(), quantity: r.quantity() }));
const soldLines = r.list(
	r.obj({ skuId: r.id(), productId: r.id(), quantity: r.quantity(), amount: r.opt(r.fenSum()) })
);
const orderOfUser = { orderId: r.id(), userId: r.id() };

export const orderEvents = {
	"order.created": event({
		...orderOfUser,
		orderNo: r.str(),
		total: r.int({ min: 0 }),
		lines,
		/** Whether the lines came from the user's cart, from which they are then removed. */
		fromCart: r.bool(),
		expiresAt: r.time()
	}).means("An order was placed, and its stock is reserved", { user: "userId" }),
	"order.paid": event({
		...orderOfUser,
		/** Null for an order that cost nothing. */
		paymentId: r.orNull(r.str()),
		/** Points that the order brings when it completes. */
		pointsEarned: r.opt(r.int({ min: 0 })),
		total: r.int({ min: 0 }),
		/** The order's `paidAt`, and what each line cost. Absent in facts of earlier versions. */
		paidAt: r.opt(r.time()),
		lines: soldLines
	}).means("The order accepted a payment", { user: "userId" }),
	/** An unpaid order was cancelled, by someone or by its deadline. */
	"order.cancelled": event({
		...orderOfUser,
		reason: r.str(),
		lines,
		/** Points that the order used and gives back. */
		pointsUsed: r.opt(r.int({ min: 0 }))
	}).means("An unpaid order was cancelled, by someone or by its deadline", { user: "userId" }),
	"order.parcel_sent": event({
		...orderOfUser,
		shipmentId: r.id(),
		carrier: r.str(),
		trackingNo: r.str(),
		items: r.list(parcelItem)
	}).means("Units of the order left in a parcel", { user: "userId" }),
	"order.shipped": event({ ...orderOfUser, carrier: r.str(), trackingNo: r.str() }).means(
		"The last unit of the order is on its way, in this parcel",
		{ user: "userId" }
	),
	"order.completed": event({
		...orderOfUser,
		/** Units that were not refunded before. */
		lines,
		/** Absent in facts of earlier versions. */
		total: r.opt(r.fenSum()),
		pointsEarned: r.opt(r.int({ min: 0 }))
	}).means("The buyer confirmed receipt, or the time for it passed", { user: "userId" }),
	/** Part of an order's money was sent back: `refunded` in all, of `total`. */
	"order.partly_refunded": event({ ...orderOfUser, refunded: r.fenSum(), total: r.fenSum() }).means(
		"Part of the order's money was sent back",
		{ user: "userId" }
	),
	/** A payment was refused (late, second, wrong amount): `payments` sends its money back. */
	"order.payment_refused": event({ ...orderOfUser, paymentId: r.str(), reason: r.str() }).means(
		"The order does not accept this money: it goes back",
		{ user: "userId" }
	),
	/** A paid order was cancelled: `payments` sends the money back. `attempt` grows with every refund that failed before. */
	"order.refund_requested": event({
		...orderOfUser,
		paymentId: r.str(),
		reason: r.str(),
		attempt: r.opt(r.int({ min: 0 }))
	}).means("A paid order was cancelled: its money goes back", { user: "userId" }),
	"order.units_refund_requested": event({
		...orderOfUser,
		paymentId: r.str(),
		claimId: r.id(),
		reason: r.str(),
		...refundOfUnits
	}).means("Units of the order are to be refunded", { user: "userId" }),
	/** The units of a case are claimed as before, those of a refund by staff are free again. */
	"order.units_refund_failed": event({
		orderId: r.id(),
		claimId: r.id(),
		attempt: r.int({ min: 1 }),
		reason: r.str()
	}).means("A refund of units failed; the reason is the channel's, for staff"),
	"order.units_refunded": event({
		...orderOfUser,
		claimId: r.id(),
		attempt: r.int({ min: 1 }),
		amount: r.fenSum(),
		/** The order had been completed before, so its units had been counted as sold. */
		completed: r.bool(),
		/** Absent in facts of earlier versions, and before the order was completed. */
		completedAt: r.opt(r.time()),
		lines: r.list(
			r.obj({
				skuId: r.id(),
				productId: r.id(),
				quantity: r.quantity(),
				/** How many of them had not been sent: they never will be, so they can be sold again. */
				unsent: r.int({ min: 0 }),
				amount: r.fenSum(),
				/** Units of the line that were not refunded so far. */
				left: r.int({ min: 0 })
			})
		)
	}).means("Units of the order were refunded", { user: "userId" }),
	/** `restock`: no unit was sent, so all can be sold again; else those in `unsent` can. */
	"order.refunded": event({
		...orderOfUser,
		amount: r.int({ min: 0 }),
		restock: r.bool(),
		unsent: r.opt(r.list(demand)),
		lines,
		/** Units that had been counted as sold and that no refund of units took back; absent before the order was completed. */
		sold: r.opt(lines),
		completedAt: r.opt(r.time())
	}).means("All money of the order was sent back, or all of its units before they were sent", {
		user: "userId"
	})
};
