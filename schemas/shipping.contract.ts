import { action, contract, event } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
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

export const shipping = contract("shipping", {
	...personalDataActions,
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
			phone: r.str({ max: 50 })
		},
		{ repeatable: true }
	).returns(r.nothing),
	/** Gives the tracking number of a parcel free that its order has refused. */
	dropParcel: action({ parcelId: r.id() }, { repeatable: true }).returns(r.nothing),
	/** Parcels of a cause, the first sent first. */
	parcels: action({ cause: parcelCause }, { repeatable: true }).returns(r.list(shipmentView)),

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
