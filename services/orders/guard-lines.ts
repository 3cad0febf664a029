import type { GuardedChange } from "../../mixins/store.mixin";
import { computeReceiveBy, type ReceiveTerms } from "./order-lines.domain";
import {
	buildTransitionUpdate,
	type Order,
	type OrderParcel,
	type StoredItem,
	type Transition
} from "./order.domain";
import type { OrdersContext } from "./orders.context";

type LineChange = Partial<Order> & { readonly items: readonly StoredItem[] };

/**
 * A change of the counters of the order's lines, by itself or with a transition whose `set` holds them. Every such change is
 * guarded by the version that it raises, so no unit is sent and given back at the same time.
 */
export function guardLines(
	order: Order,
	change: LineChange | Transition,
	facts: GuardedChange<Order>["facts"] = []
): GuardedChange<Order> {
	const at = new Date();
	const linesVersion = (order.linesVersion ?? 0) + 1;
	return {
		guard: { status: order.status, linesVersion: order.linesVersion ?? { $exists: false } },
		update:
			"to" in change
				? buildTransitionUpdate(order, { ...change, set: { ...change.set, linesVersion } }, at)
				: { $set: { ...change, linesVersion, updatedAt: at } },
		facts
	};
}

/** The transition of an order whose last unit is on its way, with its lines and parcels. */
export function shippedTransition(
	context: Pick<OrdersContext, "config">,
	set: LineChange & { readonly parcels: readonly OrderParcel[] },
	by: string
): Transition {
	const receiveBy = computeReceiveBy(set.parcels, readReceiveTerms(context));
	return { to: "shipped", event: "shipped", by, set: { ...set, receiveBy }, deadline: receiveBy };
}

export const readReceiveTerms = ({ config }: Pick<OrdersContext, "config">): ReceiveTerms => ({
	afterDeliveryMs: config.get("orders.autoReceive") * 1000,
	untrackedMs: config.get("orders.autoReceiveUntracked") * 1000
});
