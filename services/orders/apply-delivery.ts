import { NotYetError } from "../../schemas/errors/errors";
import type { PayloadOf } from "../../schemas/kit/contract";
import type { Events } from "../../schemas/registry";
import { guardLines, readReceiveTerms } from "./guard-lines";
import { computeReceiveBy, isWhollySent } from "./order-lines.domain";
import type { OrdersContext } from "./orders.context";

/** Records the delivery of a parcel, once. The last one starts the time after which the order completes by itself. */
export async function applyDelivery(
	context: Pick<OrdersContext, "orders" | "config">,
	{ shipmentId, orderId, deliveredAt: at, cause }: PayloadOf<Events["shipment.delivered"]>
): Promise<void> {
	if (cause.kind !== "order") return;
	await context.orders.rewrite(orderId, order => {
		const known = order.parcels?.find(({ id }) => id === shipmentId);
		if (!known) throw new NotYetError(`Order ${orderId} has no parcel ${shipmentId} yet`);
		if (known.deliveredAt) return null;
		const deliveredAt = new Date(Math.max(Date.parse(at), known.shippedAt.getTime()));
		const parcels = (order.parcels ?? []).map(parcel =>
			parcel.id === shipmentId ? { ...parcel, deliveredAt } : parcel
		);
		const { items } = order;
		if (!isWhollySent(order)) return guardLines(order, { items, parcels });
		const receiveBy = computeReceiveBy(parcels, readReceiveTerms(context));
		const deadline = order.status === "shipped" && { deadline: receiveBy };
		return guardLines(order, { items, parcels, receiveBy, ...deadline });
	});
}
