import type { ParcelCause, ParcelStatus, ShipmentView } from "../../schemas/shipping.contract";
import type { Demand } from "../../schemas/values/demand";
import type { CarrierCode } from "./carrier.domain";

export type TrackingEvent = {
	readonly at: Date;
	readonly status: ParcelStatus;
	readonly text: string;
	readonly place: string | null;
};

export type Parcel = {
	readonly _id: string;
	readonly orderId: string;
	readonly userId: string;
	readonly cause: ParcelCause;
	/** As staff wrote it. */
	readonly carrier: string;
	/** Null for a carrier that is not in the list. */
	readonly carrierCode: CarrierCode | null;
	readonly trackingNo: string;
	/** The tracking number without blanks and in capitals, unique over all carriers. */
	readonly numberKey: string;
	/** Last digits of the receiver's phone, which some carriers ask for. */
	readonly phoneTail: string;
	readonly items: readonly Demand[];
	/** A claim holds its tracking number until the order has counted its units as sent. */
	readonly state: "claimed" | "sent";
	readonly status: ParcelStatus;
	/** Newest first. */
	readonly events: readonly TrackingEvent[];
	readonly shippedAt: Date;
	readonly deliveredAt?: Date;
	/** The tracking service accepted to push what happens to the parcel. */
	readonly subscribed?: boolean;
	/** Time at which the tracking service is asked; absent for a parcel that is tracked no longer, or by nobody. */
	readonly nextPollAt?: Date;
	/** Its receiver's personal data was erased: no event is kept any more. */
	readonly erased?: boolean;
	/** Time at which a client's look at the parcel last made the tracking service be asked. */
	readonly askedAt?: Date;
	/** Times that the tracking service was asked since it last had news. */
	readonly pollCount: number;
	/** Raised by every change, which is guarded by it. */
	readonly version: number;
};

/** A tracking number as numbers are compared. */
export const toNumberKey = (trackingNo: string): string => trackingNo.replace(/\s/g, "").toUpperCase();

export type NewParcel = Pick<
	Parcel,
	"orderId" | "userId" | "cause" | "carrier" | "carrierCode" | "trackingNo" | "items"
> & { readonly parcelId: string; readonly phone: string };

export function createParcel({ parcelId, phone, ...given }: NewParcel, at: Date): Parcel {
	return {
		_id: parcelId,
		...given,
		numberKey: toNumberKey(given.trackingNo),
		phoneTail: phone.slice(-4),
		state: given.cause.kind === "order" ? "claimed" : "sent",
		status: "sent",
		events: [],
		shippedAt: at,
		pollCount: 0,
		version: 0
	};
}

export const toShipmentView = (parcel: Parcel): ShipmentView => ({
	id: parcel._id,
	carrier: parcel.carrier,
	trackingNo: parcel.trackingNo,
	items: parcel.items,
	status: parcel.status,
	shippedAt: parcel.shippedAt.toISOString(),
	deliveredAt: parcel.deliveredAt?.toISOString() ?? null,
	events: parcel.events.map(({ at, ...event }) => ({ at: at.toISOString(), ...event }))
});
