import type { Order } from "../services/orders/order.domain";
import type { Parcel } from "../services/shipping/parcel.domain";
import type { Demand } from "../schemas/values/demand";
import { readBatches, readByIds, secondsAgo, sumOf, type InvariantsContext } from "./invariants.context";

/** I15: the parcels of an order hold just the units that its lines count as sent, and no unit is sent that was given back. */
export async function findParcelViolations(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	for await (const orders of readBatches<Order>(context, "orders")) {
		const sent = orders.filter(({ parcels }) => parcels !== undefined);
		const parcelIds = sent.flatMap(({ parcels = [] }) => parcels.map(({ id }) => id));
		const stored = await readByIds<Parcel>(context, "parcels", parcelIds);
		for (const order of orders) found.push(...checkLines(order));
		for (const order of sent) found.push(...checkParcels(order, stored, context));
	}
	return found;
}

function checkLines({ _id, items }: Order): string[] {
	return items.flatMap(
		({ skuId, quantity, shippedQuantity = 0, heldQuantity = 0, cancelledQuantity = 0 }) => {
			const isWithin = shippedQuantity + heldQuantity + cancelledQuantity <= quantity;
			const isValid = Math.min(shippedQuantity, heldQuantity, cancelledQuantity) >= 0;
			return isWithin && isValid
				? []
				: [
						`order ${_id}: of ${quantity} of ${skuId} ${shippedQuantity} sent, ${heldQuantity} held, ${cancelledQuantity} cancelled`
					];
		}
	);
}

const unitsOf = (lines: readonly Demand[], skuId: string) =>
	sumOf(
		lines.filter(line => line.skuId === skuId),
		({ quantity }) => quantity
	);

function checkParcels(
	{ _id, items, parcels = [], updatedAt }: Order,
	stored: ReadonlyMap<string, Parcel>,
	context: InvariantsContext
): string[] {
	const found: string[] = [];
	const packed = parcels.flatMap(parcel => parcel.items);
	for (const skuId of new Set([...items, ...packed].map(line => line.skuId))) {
		const counted = unitsOf(
			items.map(line => ({ skuId: line.skuId, quantity: line.shippedQuantity ?? 0 })),
			skuId
		);
		if (unitsOf(packed, skuId) !== counted)
			found.push(`order ${_id}: ${counted} of ${skuId} sent, ${unitsOf(packed, skuId)} in its parcels`);
	}
	if (updatedAt > secondsAgo(context, 60)) return found;
	for (const { id, trackingNo, items: lines } of parcels) {
		const known = stored.get(id);
		if (known?.state !== "sent" || known.trackingNo !== trackingNo)
			found.push(`order ${_id}: parcel ${id} is not among the parcels`);
		else if (lines.some(({ skuId }) => unitsOf(lines, skuId) !== unitsOf(known.items, skuId)))
			found.push(`order ${_id}: parcel ${id} holds other units`);
	}
	return found;
}
