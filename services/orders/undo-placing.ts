import { call } from "../../schemas/registry";
import { giveBackBenefits } from "./benefits";
import type { OrdersContext, Via } from "./orders.context";
import type { Order } from "./order.domain";
import { failOrder } from "./order.transitions";

/**
 * Undoes an order whose placing was cut off. The mark comes first: a slow `placeOrder` can't make the order
 * `pending_payment` after its stock was released.
 */
export async function undoAbandonedPlacing(
	context: Pick<OrdersContext, "orders" | "broker">,
	{ _id }: Order
): Promise<void> {
	const marked = await context.orders.change({ _id, status: "creating" }, { $set: { undoing: true } });
	if (!marked) return;
	await undoPlacing(context, context.broker, marked, "not finished in time");
}

/** Releases what the order may hold, then fails it: in this order, a crash in between leaves it to the sweep. */
export async function undoPlacing(
	context: Pick<OrdersContext, "orders">,
	via: Via,
	order: Order,
	reason: string
): Promise<void> {
	await Promise.all([call(via, "inventory.release", { orderId: order._id }), giveBackBenefits(via, order)]);
	await failOrder(context, order, reason);
}
