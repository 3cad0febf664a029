import { action, contract, event } from "./kit/contract";
import { openMattersAction, personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";
import { timelineFields } from "./kit/timeline";
import { line, optionalProse, prose, shopPicture } from "./kit/text-rules";

/** `refund`: money without goods coming back; `return`: money once they are back; `exchange`: other units, and no money. */
export const afterSaleType = r.oneOf("refund", "return", "exchange");
export type AfterSaleType = r.TypeOf<typeof afterSaleType>;

const visible = [
	"requested",
	"approved",
	"returned",
	"refunding",
	"refunded",
	"reshipped",
	"completed",
	"rejected",
	"cancelled"
] as const;
const visibleStatus = r.oneOf(...visible);
export type VisibleAfterSaleStatus = r.TypeOf<typeof visibleStatus>;
/** `creating` and `undoing`: the case's units are being claimed, or released again; clients never see these. */
export type AfterSaleStatus = VisibleAfterSaleStatus | "creating" | "undoing";

const demand = r.obj({ skuId: r.id(), quantity: r.quantity() });
const demandList = r.list(demand, { min: 1, max: 200 });

const item = r.obj({
	skuId: r.id(),
	productId: r.id(),
	name: r.str(),
	image: r.orNull(r.text()),
	attributes: r.record(r.str()),
	quantity: r.quantity(),
	/** The price that was paid for these units. */
	amount: r.fenSum()
});
export type AfterSaleItem = r.TypeOf<typeof item>;
const parcel = r.obj({ carrier: r.str(), trackingNo: r.str(), sentAt: r.time() });
const refund = r.obj({
	amount: r.fenSum(),
	status: r.oneOf("processing", "succeeded", "failed"),
	requestedAt: r.time(),
	refundedAt: r.orNull(r.time())
});
const timelineEntry = r.obj(timelineFields(visibleStatus));

const fields = {
	id: r.id(),
	afterSaleNo: r.str(),
	orderId: r.id(),
	orderNo: r.str(),
	type: afterSaleType,
	status: visibleStatus,
	items: r.list(item),
	reason: r.str(),
	description: r.personal(r.orNull(r.text())),
	images: r.list(r.str()),
	/** Fen that are to be refunded, or were; 0 for an exchange. */
	amount: r.fenSum(),
	refund: r.orNull(refund),
	/** The SKU that an exchange sends; null where it sends the same ones. */
	exchangeSkuId: r.orNull(r.id()),
	/** The parcel with which the buyer sends the goods back. */
	returnShipment: r.orNull(parcel),
	/** The parcel with the new goods. */
	shipment: r.orNull(parcel),
	timeline: r.list(timelineEntry),
	createdAt: r.time(),
	updatedAt: r.time()
};
const view = r.obj(fields);
export type AfterSaleView = r.TypeOf<typeof view>;
const staffView = r.obj({
	...fields,
	userId: r.id(),
	/** Why the last refund failed: in the channel's words. */
	failureReason: r.orNull(r.str()),
	/** Returned units that went back into stock. */
	restocked: r.list(demand)
});
export type AfterSaleStaffView = r.TypeOf<typeof staffView>;

const byId = { id: r.id() };
const orderId = r.id();
const sent = { carrier: line({ max: 50 }), trackingNo: line({ max: 50 }) };
const filter = { ...r.cursorPaging, status: r.opt(visibleStatus), orderId: r.opt(orderId) };
const SUPPORT = ["support"] as const;
const GOODS_ROLES = ["support", "warehouse"] as const;

export const afterSales = contract("afterSales", {
	...personalDataActions,
	...openMattersAction,
	preview: action({
		orderId,
		items: r.str({
			max: 14_000,
			pattern: /^[\w.:-]{1,64}:[1-9]\d{0,3}(,[\w.:-]{1,64}:[1-9]\d{0,3}){0,199}$/,
			about: "<skuId>:<units>, parted by commas"
		}),
		type: r.opt(afterSaleType)
	})
		.returns(
			r.obj({
				items: r.list(r.obj({ skuId: r.id(), quantity: r.quantity(), amount: r.fenSum() })),
				/** The part of the maximum that is the shipping fee. */
				shipping: r.fenSum(),
				/** Used points that come back with a refund of the maximum. */
				points: r.int({ min: 0 }),
				maximum: r.fenSum()
			})
		)
		.rest("GET /after-sales/preview", "user", "What a case for these units would refund", {
			errors: ["NOT_FOUND", "INVALID_STATE", "AFTER_SALE_CLOSED"]
		}),
	create: action({
		key: r.str({ min: 8, max: 128 }),
		orderId,
		type: afterSaleType,
		items: demandList,
		reason: prose({ max: 200 }),
		description: r.personal(r.opt(optionalProse({ max: 1000 }))),
		images: r.opt(r.list(shopPicture(), { max: 9 })),
		/** At most what the preview names; by default that. */
		amount: r.opt(r.fenSum()),
		exchangeSkuId: r.opt(r.id())
	})
		.returns(view)
		.rest("POST /after-sales", "user", "Ask for a refund, a return or an exchange of units of an order", {
			status: 201,
			keyed: true,
			replays: true,
			errors: ["NOT_FOUND", "INVALID_STATE", "AFTER_SALE_CLOSED", "NOT_ON_SHELF"]
		}),
	list: action(filter).returns(r.pageOf(view)).rest("GET /after-sales", "user", "Own cases, newest first"),
	get: action(byId).returns(view).rest("GET /after-sales/:id", "user", "One of the own cases"),
	cancel: action(byId)
		.returns(view)
		.rest("POST /after-sales/:id/cancel", "user", "Withdraw a case; its units are free again", {
			errors: ["INVALID_STATE"]
		}),
	sendBack: action({ ...byId, ...sent })
		.returns(view)
		.rest("POST /after-sales/:id/shipment", "user", "Tell how the goods are sent back", {
			errors: ["INVALID_STATE"]
		}),
	adminList: action({ ...filter, type: r.opt(afterSaleType), userId: r.opt(r.id()) })
		.returns(r.pageOf(staffView))
		.rest("GET /admin/after-sales", SUPPORT, "Cases of all users, newest first", { audited: true }),
	adminGet: action(byId)
		.returns(staffView)
		.rest("GET /admin/after-sales/:id", SUPPORT, "One case", { audited: true }),
	approve: action({ ...byId, amount: r.opt(r.fenSum()) })
		.returns(staffView)
		.rest(
			"POST /admin/after-sales/:id/approve",
			SUPPORT,
			"Agree to a case; a refund is made at once, and once more where its last attempt failed",
			{ errors: ["INVALID_STATE", "OUT_OF_STOCK", "STEP_UP_REQUIRED"] }
		),
	reject: action({ ...byId, reason: prose({ max: 200 }) })
		.returns(staffView)
		.rest("POST /admin/after-sales/:id/reject", SUPPORT, "Refuse a case; its units are free again", {
			errors: ["INVALID_STATE"]
		}),
	receive: action({ ...byId, restock: r.list(demand, { max: 200 }) })
		.returns(staffView)
		.rest(
			"POST /admin/after-sales/:id/received",
			GOODS_ROLES,
			"Record that the goods are back, and how many of them are fit to sell",
			{ errors: ["INVALID_STATE"] }
		),
	ship: action({ ...byId, ...sent })
		.returns(staffView)
		.rest("POST /admin/after-sales/:id/ship", GOODS_ROLES, "Send the new goods of an exchange", {
			errors: ["INVALID_STATE", "DUPLICATE"]
		}),
	/**
	 * Says how reservations of exchanges end that stay open past their time: `approved` ones are sold, `ended` ones are
	 * released. An exchange that was not approved by then gives its reservation up.
	 */
	settleReservations: action(
		{ reservationIds: r.list(r.id(), { max: 100 }) },
		{ repeatable: true }
	).returns(r.list(r.obj({ reservationId: r.id(), state: r.oneOf("approved", "ended") })))
});

const caseOfUser = { afterSaleId: r.id(), orderId: r.id(), userId: r.id(), type: afterSaleType };
/** The reservation of the units that an exchange sends. */
const ofExchange = { reservationId: r.opt(r.id()) };
const BUYER = { user: "userId" } as const;
export const afterSaleEvents = {
	"after_sale.requested": event({ ...caseOfUser, afterSaleNo: r.str(), items: demandList }).means(
		"A buyer opened a case",
		BUYER
	),
	"after_sale.approved": event({ ...caseOfUser, amount: r.fenSum(), ...ofExchange }).means(
		"Staff, or the time for an answer, agreed to a case",
		BUYER
	),
	"after_sale.rejected": event({ ...caseOfUser, reason: r.str(), ...ofExchange }).means(
		"Staff refused a case; its units are free again",
		BUYER
	),
	"after_sale.cancelled": event({ ...caseOfUser, reason: r.str(), ...ofExchange }).means(
		"A case was withdrawn, was overdue, or its order was refunded; its units are free again",
		BUYER
	),
	"after_sale.sent_back": event({ ...caseOfUser, carrier: r.str(), trackingNo: r.str() }).means(
		"The buyer sent the goods back",
		BUYER
	),
	/** `restock` is fit to sell again. */
	"after_sale.returned": event({ ...caseOfUser, restock: r.list(demand), by: r.str() }).means(
		"The goods of a case are back",
		BUYER
	),
	"after_sale.refunded": event({ ...caseOfUser, amount: r.fenSum() }).means(
		"The money of a case was sent back",
		BUYER
	),
	"after_sale.refund_failed": event(caseOfUser).means(
		"The refund of a case failed; staff decide again",
		BUYER
	),
	"after_sale.reshipped": event({ ...caseOfUser, carrier: r.str(), trackingNo: r.str() }).means(
		"The new goods of an exchange are on their way",
		BUYER
	),
	"after_sale.completed": event(caseOfUser).means("The new goods of an exchange arrived", BUYER)
};
