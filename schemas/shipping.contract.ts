import { action, contract, event } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
import { rawRequest, rawResponse } from "./http.contract";
import * as r from "./kit/rules";
import { line } from "./kit/text-rules";

export const trackingNo = line({ max: 50 });
export const parcelItem = r.obj({ skuId: r.id(), quantity: r.int({ min: 1 }) });

/** `exception`: lost, damaged or refused at the door; `returned`: on its way back to the shop. */
export const parcelStatus = r.oneOf(
	"sent",
	"collected",
	"transit",
	"delivering",
	"exception",
	"returned",
	"delivered"
);
export type ParcelStatus = r.TypeOf<typeof parcelStatus>;

const trackingEvent = r.obj({
	at: r.time(),
	status: parcelStatus,
	text: r.text(),
	place: r.orNull(r.text())
});
/** A parcel with what is known of its way, the newest event first. */
export const shipmentView = r.obj({
	id: r.id(),
	carrier: r.str(),
	trackingNo: r.str(),
	items: r.list(parcelItem),
	status: parcelStatus,
	shippedAt: r.time(),
	deliveredAt: r.orNull(r.time()),
	events: r.list(trackingEvent)
});
export type ShipmentView = r.TypeOf<typeof shipmentView>;

/** Why a parcel is sent: an order, or the exchange of an after-sales case. */
const parcelCause = r.obj({ kind: r.oneOf("order", "after_sale"), id: r.id() });
export type ParcelCause = r.TypeOf<typeof parcelCause>;

const provinces = () => r.list(line({ max: 50 }), { max: 40, unique: true });
const grams = () => r.int({ min: 0, max: 1_000_000 });
const area = r.obj({
	/** By their names in `GET /regions`; empty: everywhere else. */
	provinces: provinces(),
	/** Pieces or grams that `firstFee` covers. */
	first: grams(),
	firstFee: r.fen({ max: 1_000_000 }),
	/** Pieces or grams that each further `nextFee` covers when begun. */
	next: r.int({ min: 1, max: 1_000_000 }),
	nextFee: r.fen({ max: 1_000_000 }),
	/** What must be left of the rule's own lines, in fen, for them to be sent free. */
	freeFrom: r.opt(r.orNull(r.fen()))
});
const ruleFields = {
	chargeBy: r.oneOf("piece", "weight"),
	areas: r.list(area, { min: 1, max: 40 }),
	notTo: provinces()
};
const ruleName = () => line({ max: 80 });
const newRule = {
	name: ruleName(),
	...ruleFields,
	notTo: r.opt(ruleFields.notTo),
	isDefault: r.opt(r.bool())
};
export type NewShippingRule = r.FieldsOf<typeof newRule>;
const rulePatch = {
	name: r.opt(ruleName()),
	chargeBy: r.opt(ruleFields.chargeBy),
	areas: r.opt(ruleFields.areas),
	notTo: r.opt(ruleFields.notTo),
	isDefault: r.opt(r.bool())
};
export type ShippingRulePatch = r.FieldsOf<typeof rulePatch>;
const ruleView = r.obj({
	id: r.id(),
	name: r.str(),
	...ruleFields,
	isDefault: r.bool(),
	createdAt: r.time(),
	updatedAt: r.time()
});
export type ShippingRuleView = r.TypeOf<typeof ruleView>;
/** A rule as prices are calculated by it. */
const freightRule = r.obj({ id: r.id(), ...ruleFields, isDefault: r.bool() });
export type FreightRule = r.TypeOf<typeof freightRule>;

const staff = ["merchandiser"] as const;
const ruleById = { id: r.id() };
const district = r.obj({ code: r.str(), name: r.str(), children: r.list(r.any()) });
const city = r.obj({ code: r.str(), name: r.str(), children: r.list(district) });

export const shipping = contract("shipping", {
	...personalDataActions,
	/** All rules of the freight. */
	freightRules: action({}, { repeatable: true }).returns(r.list(freightRule)),
	hasRule: action(ruleById, { repeatable: true }).returns(r.bool()),
	listRules: action(r.cursorPaging)
		.returns(r.pageOf(ruleView))
		.rest("GET /admin/shipping-rules", staff, "Rules of the freight, the oldest first"),
	getRule: action(ruleById)
		.returns(ruleView)
		.rest("GET /admin/shipping-rules/:id", staff, "One rule of the freight", { errors: ["NOT_FOUND"] }),
	createRule: action(newRule)
		.returns(ruleView)
		.rest("POST /admin/shipping-rules", staff, "Add a rule; a default one takes the place of the last", {
			status: 201,
			errors: ["LIMIT_REACHED"]
		}),
	editRule: action({ ...ruleById, ...rulePatch })
		.returns(ruleView)
		.rest(
			"PATCH /admin/shipping-rules/:id",
			staff,
			"Change a rule; placed orders keep the fee they were priced with",
			{ errors: ["NOT_FOUND"] }
		),
	removeRule: action(ruleById)
		.returns(r.nothing)
		.rest("DELETE /admin/shipping-rules/:id", staff, "Remove a rule that no product names", {
			errors: ["NOT_FOUND", "IN_USE"]
		}),
	regions: action({})
		.returns(r.list(r.obj({ code: r.str(), name: r.str(), children: r.list(city) })))
		.rest("GET /regions", "public", "Provinces of China with their cities and districts"),
	/**
	 * Stores a parcel and claims its tracking number; refuses with DUPLICATE where the number was used before. Once an id. An
	 * order's parcel is a claim until the order has counted its units (`order.parcel_sent`); any other is sent at once.
	 */
	createParcel: action(
		{
			parcelId: r.id(),
			orderId: r.id(),
			userId: r.id(),
			cause: parcelCause,
			carrier: r.str({ max: 50 }),
			trackingNo,
			items: r.list(parcelItem, { min: 1, max: 200 }),
			/** The receiver's; some carriers tell nothing without its last four digits. */
			phone: r.personal(r.str({ max: 50 }))
		},
		{ repeatable: true }
	).returns(r.nothing),
	/** Gives the tracking number of a parcel free that its order has refused. */
	dropParcel: action({ parcelId: r.id() }, { repeatable: true }).returns(r.nothing),
	/**
	 * Parcels of a cause, the first sent first. With `refresh` the tracking service is asked about those that are on their way, as
	 * often as it allows.
	 */
	parcels: action({ cause: parcelCause, refresh: r.opt(r.bool()) }, { repeatable: true }).returns(
		r.list(shipmentView)
	),
	/** Subscribes the parcel with this tracking number at the tracking service before its turn; refuses with NOT_FOUND. */
	subscribe: action({ trackingNo }, { repeatable: true }).returns(r.obj({ shipmentId: r.id() })),
	notify: action({ ...rawRequest, provider: r.str({ max: 32 }) })
		.returns(rawResponse)
		.rest("POST /shipping/notify/:provider", "public", "A tracking service's push", {
			raw: true,
			limited: false
		}),

	carriers: action({})
		.returns(r.list(r.obj({ code: r.str(), name: r.str() })))
		.rest("GET /carriers", "public", "Carriers that are known by name")
});

const parcel = { shipmentId: r.id(), orderId: r.id(), userId: r.id(), cause: parcelCause };
export const shippingEvents = {
	"shipment.updated": event({
		...parcel,
		trackingNo: r.str(),
		status: parcelStatus,
		at: r.time()
	}).means("A parcel was seen at another stage of its way", { user: "userId" }),
	"shipment.delivered": event({ ...parcel, trackingNo: r.str(), deliveredAt: r.time() }).means(
		"A parcel was delivered; once a parcel",
		{ user: "userId" }
	)
};
