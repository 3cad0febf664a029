import { isRefusal, Refusal } from "../../schemas/errors/errors";
import type { ActionsOf, PayloadOf } from "../../schemas/kit/contract";
import { call, type Events } from "../../schemas/registry";
import type { shipping } from "../../schemas/shipping.contract";
import { findCarrierCode } from "./carrier.domain";
import { createParcel, toNumberKey, type NewParcel, type Parcel } from "./parcel.domain";
import type { ShippingContext } from "./shipping.context";

type Request = PayloadOf<ActionsOf<typeof shipping>["shipping.createParcel"]>;
type ParcelSent = PayloadOf<Events["order.parcel_sent"]>;
type Parcels = Pick<ShippingContext, "parcels">;

const describe = (request: Request): NewParcel => ({
	...request,
	carrierCode: findCarrierCode(request.carrier)
});

/** Stores a parcel, once an id; refuses a tracking number that another parcel has. */
export async function claimParcel({ parcels }: Parcels, request: Request): Promise<void> {
	const at = new Date();
	const parcel = createParcel(describe(request), at);
	const stored = await parcels.tryInsert(parcel.state === "sent" ? { ...parcel, nextPollAt: at } : parcel);
	if (stored || (await parcels.findOne({ _id: parcel._id }, { fields: ["_id"] }))) return;
	throw new Refusal("DUPLICATE", "Another parcel has this tracking number", { field: "trackingNo" });
}

/** Removes a claim that came to nothing. */
export const dropClaim = ({ parcels }: Parcels, parcelId: string): Promise<number> =>
	parcels.remove({ _id: parcelId, state: "claimed" });

/** The order has counted the parcel's units as sent: from now on the parcel is tracked. A claim that was swept is made anew. */
export async function confirmParcel({ parcels }: Parcels, sent: ParcelSent): Promise<void> {
	const { shipmentId: parcelId, orderId, ...rest } = sent;
	const at = new Date();
	const confirm = () =>
		parcels.change(
			{ _id: parcelId, state: "claimed" },
			{ $set: { state: "sent", nextPollAt: at }, $inc: { version: 1 } }
		);
	if (await confirm()) return;
	await claimParcel(
		{ parcels },
		{ parcelId, orderId, cause: { kind: "order", id: orderId }, phone: "", ...rest }
	);
	await confirm();
}

/** Decides about claims from before this time, which a crash left: the order knows which of them it has counted. */
export async function sweepClaims(context: ShippingContext, before: Date): Promise<void> {
	const { parcels, broker } = context;
	const claims = await parcels.find(
		{ state: "claimed", shippedAt: { $lt: before } },
		{ sort: { shippedAt: 1 }, limit: 100 }
	);
	for (const claim of claims)
		if (await isCounted(broker, claim)) await confirmParcel(context, toParcelSent(claim));
		else await dropClaim(context, claim._id);
}

const toParcelSent = ({ _id, orderId, userId, carrier, trackingNo, items }: Parcel): ParcelSent => ({
	shipmentId: _id,
	orderId,
	userId,
	carrier,
	trackingNo,
	items
});

async function isCounted(broker: ShippingContext["broker"], { _id, orderId }: Parcel): Promise<boolean> {
	try {
		return (await call(broker, "orders.parcelIds", { orderId })).includes(_id);
	} catch (err) {
		if (isRefusal(err, "NOT_FOUND")) return false;
		throw err;
	}
}

/** The parcel with this tracking number, also one whose order has counted its units just now; refuses with NOT_FOUND. */
export async function getSentByNumber(context: ShippingContext, trackingNo: string): Promise<Parcel> {
	const { parcels, broker } = context;
	const numberKey = toNumberKey(trackingNo);
	const found = await parcels.findOne({ numberKey });
	if (found?.state === "sent") return found;
	if (!found || !(await isCounted(broker, found)))
		throw new Refusal("NOT_FOUND", "No parcel has this tracking number", {
			what: "shipment",
			id: trackingNo
		});
	await confirmParcel(context, toParcelSent(found));
	return parcels.get(found._id);
}
