import type { Store } from "../../mixins/store.mixin";
import { invalid } from "../../schemas/errors";
import type { Orders } from "./order.transitions";
import { VOID_STATUSES, countUnits, type Order } from "./order.domain";

/** A user's orders of a SKU with a limit that are being placed: the others count by themselves. */
export type PurchaseEntries = {
	/** `<userId>:<skuId>`. */
	readonly _id: string;
	/** Grows with every write: the guard of the next. */
	readonly version: number;
	readonly placing: readonly string[];
};
export type Allowances = Orders & { readonly purchases: Store<PurchaseEntries> };
/** Units wanted of a SKU of which no user may have more than `limit`, and the field that asks for them. */
export type LimitedLine = {
	readonly skuId: string;
	readonly quantity: number;
	readonly limit: number;
	readonly field: string;
};

/** A limited line, and what the user had of its SKU when that was read. */
export type Seen = { readonly line: LimitedLine; readonly had: Taken };

/** Refuses what would take the user past a limit by what stands now: before an order is written for nothing. */
export async function checkPurchaseLimits(
	at: Allowances,
	userId: string,
	wanted: readonly LimitedLine[]
): Promise<Seen[]> {
	const seen: Seen[] = [];
	for (const line of wanted) {
		const had = await taken(at, userId, line.skuId);
		refuseMore(line, had);
		seen.push({ line, had });
	}
	return seen;
}

/**
 * Counts an order of limited SKUs against its buyer; refuses what goes past a limit. Of any number of parallel orders no
 * more get through than may. An order counts from its entry here, and then by itself, for as long as it lives: nothing has
 * to be given back when it ends, so nothing can be forgotten. It has to be written before, as `creating`. What was seen
 * before that serves still: an order that was entered since fails the version, and then it is read anew.
 */
export async function claimPurchaseLimits(
	at: Allowances,
	{ _id: orderId, userId }: Pick<Order, "_id" | "userId">,
	seen: readonly Seen[]
): Promise<void> {
	for (const { line, had } of seen)
		for (let now = had; !now.placing.includes(orderId); now = await taken(at, userId, line.skuId)) {
			refuseMore(line, now);
			const { _id, version } = now;
			const next = { version: version + 1, placing: [...now.placing, orderId] };
			if (version === 0) await at.purchases.insertOnce({ _id, version, placing: [] }, { _id });
			if (await at.purchases.change({ _id, version }, { $set: next })) break;
		}
}

function refuseMore({ quantity, limit, field }: LimitedLine, { units }: Taken): void {
	if (units + quantity > limit) throw invalid(field, "limitPerUser", limit);
}

type Taken = PurchaseEntries & { readonly units: number };
/**
 * What the user has of the SKU by his living orders; of those being placed only the ones that are entered. The entries are
 * read first: an order that is entered later fails the version, whatever it has become by then.
 */
async function taken({ orders, purchases }: Allowances, userId: string, skuId: string): Promise<Taken> {
	const _id = `${userId}:${skuId}`;
	const none: PurchaseEntries = { _id, version: 0, placing: [] };
	const { version, placing } = (await purchases.findOne({ _id })) ?? none;
	const living = await orders.find(
		{ userId, status: { $nin: VOID_STATUSES }, "items.skuId": skuId },
		{ fields: ["status", "items"] }
	);
	const begun = living.filter(({ status }) => status === "creating").map(order => order._id);
	const counted = living.filter(({ _id: id, status }) => status !== "creating" || placing.includes(id));
	return {
		_id,
		version,
		placing: placing.filter(id => begun.includes(id)),
		units: countUnits(counted, skuId)
	};
}
