import type { Demand } from "../../schemas/values/demand";
import { refuseExceededLimits } from "../../schemas/values/goods";
import type { OrdersContext } from "./orders.context";
import { VOID_STATUSES, type Order } from "./order.domain";
import {
	countPurchasedUnits,
	countUnits,
	createEmptyEntries,
	findExceededLimit,
	findExceededUnpaidUnits,
	retainUnplacedOrders,
	type LimitedLine
} from "./purchase-limit.domain";

type Context = Pick<OrdersContext, "orders" | "purchases">;

/** Refuses demand that would take the user past `inventory.unpaidUnitsPerUser`, on top of the units of these unpaid orders. */
export function checkUnpaidUnits(
	{ config }: Pick<OrdersContext, "config">,
	demand: readonly Demand[],
	unpaidOrders: readonly Pick<Order, "items">[]
): void {
	const unpaid = countUnits(unpaidOrders.flatMap(({ items }) => items));
	refuseExceededLimits(findExceededUnpaidUnits(demand, config.get("inventory.unpaidUnitsPerUser"), unpaid));
}

/** Refuses lines that would take the user past a limit as it stands now, before anything is written. */
export async function checkPurchaseLimits(
	context: Context,
	userId: string,
	lines: readonly LimitedLine[]
): Promise<void> {
	const exceeded = [];
	for (const line of lines) {
		const empty = createEmptyEntries(userId, line.skuId);
		const entries = (await context.purchases.findOne({ _id: empty._id })) ?? empty;
		const living = await findLivingOrders(context, userId, line.skuId);
		exceeded.push(...findExceededLimit(line, countPurchasedUnits(entries, living, line.skuId)));
	}
	refuseExceededLimits(exceeded);
}

/**
 * Enters the order against its buyer's purchase limits, or refuses it. The order must already be stored as `creating`. The
 * write is guarded by the version of the entries, so concurrent orders of a user can't exceed a limit together. No
 * decrement is needed when an order ends: an entry counts only while its order is alive.
 */
export async function claimPurchaseLimits(
	context: Context,
	{ _id: orderId, userId }: Pick<Order, "_id" | "userId">,
	lines: readonly LimitedLine[]
): Promise<void> {
	for (const line of lines) {
		const initial = createEmptyEntries(userId, line.skuId);
		await context.purchases.rewrite(
			initial._id,
			async entries => {
				// Entries are read before the orders: an order that is entered later fails the version, whatever it becomes.
				const living = await findLivingOrders(context, userId, line.skuId);
				const placing = retainUnplacedOrders(entries, living);
				if (placing.includes(orderId)) return null;
				refuseExceededLimits(
					findExceededLimit(line, countPurchasedUnits(entries, living, line.skuId))
				);
				const { version } = entries;
				return {
					guard: { version },
					update: { $set: { version: version + 1, placing: [...placing, orderId] } }
				};
			},
			{ initial }
		);
	}
}

const findLivingOrders = ({ orders }: Context, userId: string, skuId: string) =>
	orders.find(
		{ userId, status: { $nin: VOID_STATUSES }, "items.skuId": skuId },
		{ fields: ["status", "items"] }
	);
