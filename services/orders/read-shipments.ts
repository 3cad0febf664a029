import { Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { ShipmentView } from "../../schemas/shipping.contract";
import { listOrderedUnits } from "./order-lines.domain";
import type { Order, OrderParcel } from "./order.domain";

/** The order's parcels, the first sent first, as the tracking service knows them now. */
export async function refreshAndListShipments(ctx: Ctx<unknown>, order: Order): Promise<ShipmentView[]> {
	const sent = listParcels(order);
	if (!sent.length) return [];
	const tracked = await call(ctx, "shipping.parcels", {
		cause: { kind: "order", id: order._id },
		refresh: true
	});
	return sent.map(parcel => tracked.find(({ id }) => id === parcel.id) ?? toUntracked(parcel));
}

/** The parcel that was sent first; refuses with NOT_FOUND before one is. */
export async function refreshAndGetFirstShipment(ctx: Ctx<unknown>, order: Order): Promise<ShipmentView> {
	const [first] = await refreshAndListShipments(ctx, order);
	if (!first) throw new Refusal("NOT_FOUND", "No parcel was sent yet", { what: "shipment", id: order._id });
	return first;
}

/** An order of an earlier version has sent all its units in one parcel that nobody tracks. */
const listParcels = (order: Order): readonly OrderParcel[] =>
	order.parcels ??
	(order.shipment ? [{ id: order._id, ...order.shipment, items: listOrderedUnits(order) }] : []);

/** A parcel that `shipping` does not know, or not yet. */
const toUntracked = ({
	id,
	carrier,
	trackingNo,
	items,
	shippedAt,
	deliveredAt
}: OrderParcel): ShipmentView => ({
	id,
	carrier,
	trackingNo,
	items,
	status: deliveredAt ? "delivered" : "sent",
	shippedAt: shippedAt.toISOString(),
	deliveredAt: deliveredAt?.toISOString() ?? null,
	events: []
});
