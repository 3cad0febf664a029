import type { GuardedChange } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors/errors";
import type { ActionsOf, PayloadOf } from "../../schemas/kit/contract";
import type { Ctx } from "../../schemas/kit/service";
import { call, fact } from "../../schemas/registry";
import type { orders } from "../../schemas/orders.contract";
import { newId } from "../../schemas/values/new-id";
import { guardLines, shippedTransition } from "./guard-lines";
import { notInState } from "./order.transitions";
import { isWhollySent, packParcel } from "./order-lines.domain";
import type { Order, OrderParcel } from "./order.domain";
import type { OrdersContext } from "./orders.context";

type Context = Pick<OrdersContext, "orders" | "config" | "logger">;
type Request = PayloadOf<ActionsOf<typeof orders>["orders.ship"]>;

/** A claim of a tracking number that is older is swept, so the order's write must come before. */
const CLAIM_HOLDS_MS = 10_000;

/**
 * Sends units of a paid order in one parcel. The tracking number is claimed first, so no number is used twice; then one guarded
 * write of the order counts the units as sent. The claim of a refused parcel is dropped, after a crash by the sweep of
 * `shipping`.
 */
export async function sendParcel(
	context: Context,
	ctx: Ctx<unknown>,
	order: Order,
	{ carrier, trackingNo, items }: Request,
	by: string
): Promise<Order> {
	const shippedAt = new Date();
	const parcel = { id: newId(), carrier, trackingNo, shippedAt };
	const { packed } = packUnits(order, items);
	await call(ctx, "shipping.createParcel", {
		parcelId: parcel.id,
		orderId: order._id,
		userId: order.userId,
		cause: { kind: "order", id: order._id },
		carrier,
		trackingNo,
		items: packed,
		phone: order.address.phone
	});
	try {
		return await context.orders.rewrite(order._id, current => {
			if (Date.now() - shippedAt.getTime() > CLAIM_HOLDS_MS)
				throw new Refusal("SERVICE_UNAVAILABLE", "The parcel took too long to book");
			return bookParcel(context, current, parcel, items, by);
		});
	} catch (err) {
		await call(ctx, "shipping.dropParcel", { parcelId: parcel.id }).catch((dropErr: unknown) =>
			context.logger.warn(
				{ err: dropErr, parcelId: parcel.id },
				"The claim of a refused parcel stays for the sweep"
			)
		);
		throw err;
	}
}

function packUnits(order: Order, items: Request["items"]) {
	if (order.status !== "paid") throw notInState(order, "shipped");
	return packParcel(order, items);
}

function bookParcel(
	context: Pick<Context, "config">,
	order: Order,
	{ id, ...sent }: Pick<OrderParcel, "id" | "carrier" | "trackingNo" | "shippedAt">,
	wanted: Request["items"],
	by: string
): GuardedChange<Order> {
	const { items, packed } = packUnits(order, wanted);
	const parcels = [...(order.parcels ?? []), { id, ...sent, items: packed }];
	const set = { items, parcels, shipment: order.shipment ?? sent };
	const { carrier, trackingNo } = sent;
	const orderOfUser = { orderId: order._id, userId: order.userId };
	const parcelSent = fact("order.parcel_sent", {
		...orderOfUser,
		shipmentId: id,
		carrier,
		trackingNo,
		items: packed
	});
	if (!isWhollySent({ ...order, ...set })) return guardLines(order, set, [parcelSent]);
	return guardLines(order, shippedTransition(context, set, by), [
		parcelSent,
		fact("order.shipped", { ...orderOfUser, carrier, trackingNo })
	]);
}
