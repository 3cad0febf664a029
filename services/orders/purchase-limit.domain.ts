import type { Demand } from "../../schemas/values/demand";
import type { ExceededLimit, GoodsBySku } from "../../schemas/values/goods";
import type { Order } from "./order.domain";

/** Ids of a user's orders of one limited SKU that are still `creating`. Placed orders are counted from the orders themselves. */
export type PurchaseEntries = {
	/** `<userId>:<skuId>`. */
	readonly _id: string;
	/** Grows with every write: the guard of the next one. */
	readonly version: number;
	readonly placing: readonly string[];
};

/** An order's line of a SKU of which no user may have more than `limit` units. */
export type LimitedLine = Demand & { readonly limit: number };

/** Lines whose SKU has a purchase limit. */
export const findLimitedLines = (demand: readonly Demand[], goods: GoodsBySku): LimitedLine[] =>
	demand.flatMap(({ skuId, quantity }) => {
		const limit = goods.get(skuId)?.limitPerUser ?? null;
		return limit === null ? [] : [{ skuId, quantity, limit }];
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

/** The line's limit, if the line exceeds it on top of the units that the user has bought; else none. */
export const findExceededLimit = (
	{ skuId, quantity, limit }: LimitedLine,
	bought: number
): ExceededLimit[] => (bought + quantity > limit ? [{ skuId, limit, bought, requested: quantity }] : []);

/** Every line of the demand, if together they exceed the units that a user who has `unpaid` of them may have unpaid; else none. */
export const findExceededUnpaidUnits = (
	demand: readonly Demand[],
	limit: number,
	unpaid: number
): ExceededLimit[] =>
	unpaid + countUnits(demand) > limit
		? demand.map(({ skuId, quantity }) => ({ skuId, limit, bought: unpaid, requested: quantity }))
		: [];

/** Units of all lines. */
export const countUnits = (lines: readonly Pick<Demand, "quantity">[]): number =>
	lines.reduce((units, { quantity }) => units + quantity, 0);
