import type { Demand } from "../../schemas/values/demand";
import { invalid } from "../../schemas/errors/errors";
import type { GoodsBySku } from "../../schemas/values/goods";
import type { Order } from "./order.domain";

/** Ids of a user's orders of one limited SKU that are still `creating`. Placed orders are counted from the orders themselves. */
export type PurchaseEntries = {
	/** `<userId>:<skuId>`. */
	readonly _id: string;
	/** Grows with every write: the guard of the next one. */
	readonly version: number;
	readonly placing: readonly string[];
};

/** An order's line of a SKU of which no user may have more than `limit` units; `field` is the path of its quantity in the request. */
export type LimitedLine = Demand & { readonly limit: number; readonly field: string };

/** Lines whose SKU has a purchase limit. */
export const findLimitedLines = (
	demand: readonly Demand[],
	goods: GoodsBySku,
	fieldOf: (skuId: string) => string
): LimitedLine[] =>
	demand.flatMap(({ skuId, quantity }) => {
		const limit = goods.get(skuId)?.limitPerUser ?? null;
		return limit === null ? [] : [{ skuId, quantity, limit, field: fieldOf(skuId) }];
	});

export const createEmptyEntries = (userId: string, skuId: string): PurchaseEntries => ({
	_id: `${userId}:${skuId}`,
	version: 0,
	placing: []
});

type LivingOrder = Pick<Order, "_id" | "status" | "items">;

/** Entries of orders that are still `creating`: those that were placed or failed since can be dropped. */
export function retainUnplacedOrders({ placing }: PurchaseEntries, living: readonly LivingOrder[]): string[] {
	const creating = living.filter(({ status }) => status === "creating").map(({ _id }) => _id);
	return placing.filter(id => creating.includes(id));
}

/** Units of the SKU in the user's living orders; of those that are still `creating` only the entered ones count. */
export const countPurchasedUnits = (
	{ placing }: PurchaseEntries,
	living: readonly LivingOrder[],
	skuId: string
): number =>
	living
		.filter(({ _id, status }) => status !== "creating" || placing.includes(_id))
		.flatMap(({ items }) => items)
		.reduce((units, item) => units + (item.skuId === skuId ? item.quantity : 0), 0);

export function assertWithinLimit({ quantity, limit, field }: LimitedLine, purchasedUnits: number): void {
	if (purchasedUnits + quantity > limit) throw invalid(field, "limitPerUser", limit);
}
