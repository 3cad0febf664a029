import type { ShipmentView } from "../../schemas/shipping.contract";
import { toShipmentView } from "./parcel.domain";
import type { ShippingContext } from "./shipping.context";

type Parcels = Pick<ShippingContext, "parcels">;

/** All parcels of the user, the last sent first. */
export async function exportParcels({ parcels }: Parcels, userId: string): Promise<ShipmentView[]> {
	const found = await parcels.find({ userId, state: "sent" }, { sort: { _id: -1 } });
	return found.map(toShipmentView);
}

/** Erases the digits of the phone and the events, which name people and places, and ends the tracking. Later reports add no events. */
export async function erasePersonalData({ parcels }: Parcels, userId: string): Promise<void> {
	await parcels.changeMany(
		{ userId },
		{
			$set: { phoneTail: "", events: [], erased: true },
			$unset: { nextPollAt: "" },
			$inc: { version: 1 }
		}
	);
}
