import { randomInt } from "node:crypto";
import { DuplicateKey } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors/errors";
import type { OrdersContext } from "./orders.context";
import { makeOrderNumber, RANDOM_BELOW } from "./order-number.domain";
import { UNPAID_STATUSES, type Order } from "./order.domain";
import { expireIfDue } from "./order.transitions";
import { findFreeSlot, getTakenSlots, makeSlot } from "./unpaid-slot.domain";

const MAX_COLLISIONS = 30;

type Context = Pick<OrdersContext, "orders" | "config">;

/** Expires overdue orders of the user, and resolves to those that are still unpaid; refuses a user who has no slot left. */
export async function expireUnpaidOrders(context: Context, userId: string): Promise<Order[]> {
	const found = await findUnpaidOrders(context, userId);
	const after = await Promise.all(found.map(order => expireIfDue(context, order)));
	const unpaid = after.filter(({ status }) => UNPAID_STATUSES.some(known => known === status));
	if (findFreeSlot(getTakenSlots(unpaid), getMaxUnpaid(context)) === null) throw tooManyUnpaid(context);
	return unpaid;
}

/** The user's orders that are being placed or wait for their payment. */
export const findUnpaidOrders = (
	{ orders }: Pick<OrdersContext, "orders">,
	userId: string
): Promise<Order[]> => orders.find({ userId, hidden: false, status: { $in: UNPAID_STATUSES } });

/**
 * Stores the draft under its idempotency key, in a slot that none of the user's unpaid orders takes, with a new order number;
 * resolves to the order that has the key already where there is one. Slots are unique in the store, so concurrent requests can't exceed the limit.
 */
export async function insertInFreeSlot(
	context: Context,
	draft: Order,
	unpaidOrders: readonly Order[]
): Promise<Order> {
	const tried = getTakenSlots(unpaidOrders);
	// A taken slot is skipped without backoff and without using up an attempt, so this is not `store.retryConflicts`: a user
	// may have a thousand slots. Only collisions of order numbers and of keys count as attempts.
	for (let collisions = 0; collisions < MAX_COLLISIONS;) {
		const slot = findFreeSlot(tried, getMaxUnpaid(context));
		if (slot === null) throw tooManyUnpaid(context);
		const orderNo = makeOrderNumber(draft.createdAt, randomInt(RANDOM_BELOW));
		try {
			return await context.orders.insert({ ...draft, orderNo, slot: makeSlot(draft.userId, slot) });
		} catch (err) {
			if (!(err instanceof DuplicateKey)) throw err;
			if (err.index === "slot") tried.add(slot);
			else collisions++;
			if (err.index !== "placeKey" || draft.placeKey === undefined) continue;
			const known = await context.orders.findOne({ placeKey: draft.placeKey });
			if (known) return known;
		}
	}
	throw new Refusal("SERVICE_UNAVAILABLE", "No free order number was found");
}

const getMaxUnpaid = ({ config }: Context) => config.get("orders.maxUnpaid");

const tooManyUnpaid = (context: Context) =>
	new Refusal("TOO_MANY_REQUESTS", "Too many unpaid orders", {
		maxUnpaid: getMaxUnpaid(context),
		retryAfter: 60
	});
