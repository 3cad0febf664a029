import { invalid, Refusal } from "../../schemas/errors/errors";
import { sumDemand, type Demand } from "../../schemas/values/demand";
import type { Order, OrderParcel, StoredItem } from "./order.domain";

type Lines = Pick<Order, "items" | "shipment" | "parcels">;

/** Units of a line that are on their way. In orders of earlier versions all were sent at once. */
export const countShipped = ({ shipment, parcels }: Omit<Lines, "items">, item: StoredItem): number =>
	item.shippedQuantity ?? (shipment && !parcels ? item.quantity : 0);

/** Units of a line that are to be sent now: neither sent before, nor refunded, nor asked back by an open case. */
const countLeft = (order: Lines, item: StoredItem): number =>
	item.quantity - countShipped(order, item) - (item.heldQuantity ?? 0) - (item.cancelledQuantity ?? 0);

/** Whether the last unit is on its way. Units that were refunded before they were sent are not waited for. */
export const isWhollySent = (order: Lines): boolean =>
	order.items.some(item => countShipped(order, item) > 0) &&
	order.items.every(item => countShipped(order, item) + (item.cancelledQuantity ?? 0) === item.quantity);

/** Units of each SKU that the order has, bought or given on top. */
export const listOrderedUnits = ({ items }: Pick<Order, "items">): Demand[] => sumDemand(items);

/** Units of each SKU that are to be sent now. A SKU may be in two lines: bought, and given on top. */
export const listUnitsToSend = (order: Lines): Demand[] =>
	sumDemand(
		order.items
			.map(item => ({ skuId: item.skuId, quantity: countLeft(order, item) }))
			.filter(({ quantity }) => quantity > 0)
	);

/**
 * The lines after these units have left in a parcel, and what is in it; without `wanted` all that is left. Refuses units that
 * were never bought by naming the field, and units that were sent or refunded before with INVALID_STATE.
 */
export function packParcel(
	order: Lines & Pick<Order, "_id" | "status">,
	wanted: readonly Demand[] | undefined
): { readonly items: StoredItem[]; readonly packed: Demand[] } {
	const left = new Map(listUnitsToSend(order).map(({ skuId, quantity }) => [skuId, quantity]));
	const packed = wanted ? sumDemand(wanted) : listUnitsToSend(order);
	wanted?.forEach(({ skuId }, n) => assertBought(order, packed, skuId, n));
	const short = packed
		.map(({ skuId, quantity }) => ({ skuId, requested: quantity, left: left.get(skuId) ?? 0 }))
		.filter(({ requested, left: units }) => requested > units);
	if (short.length || !packed.length)
		throw new Refusal("INVALID_STATE", "These units were sent or refunded before", {
			id: order._id,
			state: order.status,
			allowed: [],
			items: short
		});
	const open = new Map(packed.map(({ skuId, quantity }) => [skuId, quantity]));
	const items = order.items.map(item => {
		const units = Math.min(open.get(item.skuId) ?? 0, countLeft(order, item));
		open.set(item.skuId, (open.get(item.skuId) ?? 0) - units);
		return { ...item, shippedQuantity: countShipped(order, item) + units };
	});
	return { items, packed };
}

function assertBought(order: Lines, packed: readonly Demand[], skuId: string, n: number): void {
	const bought = order.items.filter(item => item.skuId === skuId);
	if (!bought.length) throw invalid(`items[${n}].skuId`, "notOrdered");
	const units = bought.reduce((sum, { quantity }) => sum + quantity, 0);
	const wanted = packed.find(line => line.skuId === skuId)?.quantity ?? 0;
	if (wanted > units) throw invalid(`items[${n}].quantity`, "orderedMax", units);
}

export type ReceiveTerms = { readonly afterDeliveryMs: number; readonly untrackedMs: number };

/**
 * Time at which an order whose units are all on their way completes by itself: counted from the delivery of the last parcel,
 * or from the sending of the last one as long as not every delivery is known.
 */
export function computeReceiveBy(parcels: readonly OrderParcel[], terms: ReceiveTerms): Date {
	const latest = (times: readonly Date[]) => Math.max(...times.map(time => time.getTime()));
	const delivered = parcels.flatMap(({ deliveredAt }) => deliveredAt ?? []);
	return delivered.length === parcels.length
		? new Date(latest(delivered) + terms.afterDeliveryMs)
		: new Date(latest(parcels.map(({ shippedAt }) => shippedAt)) + terms.untrackedMs);
}
