import { invalidState } from "../../schemas/errors/errors";
import { HIDEABLE_STATUSES, TRANSITIONS, type Order } from "./order.domain";
import type { OrdersContext } from "./orders.context";

/** Leaves an order out of its buyer's list; refuses with INVALID_STATE while it is not finished. */
export async function hideOrder({ orders }: Pick<OrdersContext, "orders">, { _id }: Order): Promise<void> {
	const guard = { status: { $in: HIDEABLE_STATUSES } };
	await orders.mustChange(_id, guard, { $set: { hidden: true } }, [], ({ status }) =>
		invalidState("The order is not finished", { id: _id, state: status, allowed: TRANSITIONS[status] })
	);
}
