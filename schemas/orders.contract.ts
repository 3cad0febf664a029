import { afterSaleType } from "./after-sales.contract";
import { action, contract } from "./kit/contract";
import { openMattersAction, personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";
import { line, optionalProse, prose } from "./kit/text-rules";
import {
	orderStatus,
	orderSummary,
	orderView,
	staffOrder,
	staffOrderSummary,
	visibleStatus
} from "./orders.views";
import { shipmentView, trackingNo } from "./shipping.contract";
import { historyStep } from "./traces.contract";

const byId = { id: r.id() };
const reason = prose({ max: 200 });
const filter = (q: string) => ({
	...r.cursorPaging,
	status: r.opt(visibleStatus),
	...r.timeRange,
	q: r.personal(r.opt(r.str({ max: 50, about: q })))
});
export const demand = r.obj({ skuId: r.id(), quantity: r.quantity() });
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
export const refundOfUnits = {
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
		remark: r.personal(r.opt(optionalProse({ max: 200 }))),
		expectedTotal: r.opt(r.fenSum()),
		key: r.str({ min: 8, max: 128 })
	})
		.returns(orderView)
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
		.returns(r.pageOf(orderSummary))
		.rest("GET /orders", "user", "Own orders, newest first"),
	get: action(byId).returns(orderView).rest("GET /orders/:id", "user", "One of the own orders"),
	cancel: action({ ...byId, reason: r.opt(reason) })
		.returns(orderView)
		.rest("POST /orders/:id/cancel", "user", "Cancel an unpaid order", { errors: ["INVALID_STATE"] }),
	confirm: action(byId)
		.returns(orderView)
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
		.returns(r.pageOf(staffOrderSummary))
		.rest("GET /admin/orders", DESK_ROLES, "Orders of all users, newest first", { audited: true }),
	adminGet: action(byId)
		.returns(staffOrder)
		.rest("GET /admin/orders/:id", DESK_ROLES, "One order", { audited: true }),
	ship: action({
		...byId,
		carrier: line({ max: 50 }),
		trackingNo,
		items: r.opt(r.list(r.obj({ skuId: r.id(), quantity: r.quantity() }), { min: 1, max: 200 }))
	})
		.returns(staffOrder)
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
		.returns(staffOrder)
		.rest("POST /admin/orders/:id/cancel", DESK_ROLES, "Cancel an order; a paid one is refunded", {
			errors: ["INVALID_STATE", "STEP_UP_REQUIRED", "SECOND_PERSON_REQUIRED"]
		}),
	remark: action({ ...byId, remark: r.personal(optionalProse({ max: 500 })) })
		.returns(staffOrder)
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
	receiverPhone: action({ orderId: r.id() }, { repeatable: true }).returns(
		r.obj({ phone: r.personal(r.text()) })
	),
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
