import { fact } from "../../schemas/registry";
import type { Order } from "./order.domain";
import { mustTransition } from "./order.transitions";
import type { OrdersContext } from "./orders.context";

/** Marks a paid order as shipped. It completes by itself after `orders.autoReceive` seconds. */
export function shipOrder(
	context: Pick<OrdersContext, "orders" | "config">,
	order: Order,
	{ carrier, trackingNo }: { readonly carrier: string; readonly trackingNo: string },
	by: string
): Promise<Order> {
	const shippedAt = new Date();
	const receiveBy = new Date(shippedAt.getTime() + context.config.get("orders.autoReceive") * 1000);
	const shipment = { carrier, trackingNo, shippedAt };
	return mustTransition(
		context,
		order,
		{ to: "shipped", event: "shipped", by, set: { shipment, receiveBy }, deadline: receiveBy },
		fact("order.shipped", { orderId: order._id, userId: order.userId, carrier, trackingNo })
	);
}
