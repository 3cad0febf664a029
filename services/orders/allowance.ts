import type { Store } from "../../mixins/store.mixin";
import { invalid } from "../../schemas/errors";
import type { Orders } from "./moves";
import { ENDED, unitsTaken, type Purchase } from "./order.domain";

/** What one user's orders took of a SKU that has a limit. */
export type Purchases = {
	/** `<userId>:<skuId>`. */
	readonly _id: string;
	/** Grows with every write: the guard of the next. */
	readonly version: number;
	readonly entries: readonly Purchase[];
};
export type Allowances = Orders & { readonly purchases: Store<Purchases> };
/** Units wanted of a SKU of which no user may have more than `limit`. */
export type Limited = { readonly skuId: string; readonly quantity: number; readonly limit: number };

/** Refuses what would take the user past a limit by what stands now: before an order is written for nothing. */
export async function withinLimits(
	at: Allowances,
	userId: string,
	wanted: readonly Limited[]
): Promise<void> {
	for (const line of wanted) judge(line, (await standing(at, userId, line.skuId)).entries);
}

/**
 * Counts units of limited SKUs against their buyer, once for the order; refuses what goes past a limit. Of any number of
 * parallel orders no more get through than may. A unit counts for as long as its order lives, and that is read from the
 * order itself: nothing has to be given back when one ends, so nothing can be forgotten. The order has to be written
 * before, or it would be taken for one that has ended.
 */
export async function takeAllowance(
	at: Allowances,
	{ _id: orderId, userId }: { readonly _id: string; readonly userId: string },
	wanted: readonly Limited[]
): Promise<void> {
	for (const line of wanted)
		for (;;) {
			const { _id, version, entries } = await standing(at, userId, line.skuId);
			if (entries.some(entry => entry.orderId === orderId)) break;
			judge(line, entries);
			const $set = {
				version: version + 1,
				entries: [...entries, { orderId, quantity: line.quantity }]
			};
			if (await at.purchases.change({ _id, version }, { $set })) break;
		}
}

function judge({ quantity, limit }: Limited, entries: readonly Purchase[]): void {
	if (unitsTaken(entries) + quantity > limit) throw invalid("items", "limitPerUser", limit);
}

/** With those entries only whose orders live. */
async function standing(
	{ orders, purchases }: Allowances,
	userId: string,
	skuId: string
): Promise<Purchases> {
	const _id = `${userId}:${skuId}`;
	const known = await purchases.findOne({ _id });
	const { version, entries } =
		known ?? (await purchases.insertOnce({ _id, version: 0, entries: [] }, { _id }));
	const ids = entries.map(({ orderId }) => orderId);
	const found = await orders.find({ _id: { $in: ids }, status: { $nin: ENDED } }, { fields: ["status"] });
	const alive = new Set(found.map(order => order._id));
	return { _id, version, entries: entries.filter(({ orderId }) => alive.has(orderId)) };
}
