import { Refusal } from "../../schemas/errors/errors";
import { toStockLevel } from "../../schemas/values/stock-level";
import type { StockContext } from "./inventory.context";
import { countChange, ensureStock, makeChangeId, postToLedger } from "./stock-counter";
import { createEmptyStock, toLedgerRow, type Stock } from "./stock.domain";

export type Adjustment = {
	readonly delta: number;
	readonly cause: string;
	readonly by: string;
	readonly reason: string;
};

/** Adds units or takes some off, once per cause, and resolves to the stock after it. */
export async function adjustStock(
	context: StockContext,
	skuId: string,
	{ delta, ...why }: Adjustment
): Promise<Stock> {
	const { available } = await ensureStock(context, skuId);
	const change = await countChange(context, skuId, {
		...why,
		type: "adjust",
		quantity: delta,
		orderId: null
	});
	if (!change)
		throw new Refusal("OUT_OF_STOCK", "Stock cannot go below zero", {
			items: [{ skuId, requested: -delta, available }]
		});
	if (change.quantity !== delta)
		throw new Refusal("IDEMPOTENCY_KEY_REUSED", "The key was used for another change");
	await postToLedger(context, skuId, change);
	return context.stock.get(skuId);
}

const SEED = { cause: "seed", by: "system", reason: "First stock" } as const;

/**
 * Gives many SKUs their first stock, in three writes for all of them. A SKU whose stock was ever counted keeps its units. No
 * `stock.level_changed` is published: whoever imports SKUs with their stock sets the level of the products as well.
 */
export async function seedStock(
	context: StockContext,
	items: readonly { skuId: string; available: number }[]
): Promise<void> {
	const wanted = new Map(items.map(({ skuId, available }) => [skuId, available]));
	// The order of the writes is that of `countChange` and `postToLedger`, so the sweep posts what a crash leaves in flight.
	const stocked = await context.stock.insertMissing(
		[...wanted].map(([skuId, available]) => createFirstStock(context, skuId, available))
	);
	const rows = stocked.flatMap(({ _id, inFlight }) => inFlight.map(change => toLedgerRow(_id, change)));
	await context.ledger.insertMissing(rows);
	await context.stock.changeMany(
		{ _id: { $in: rows.map(({ skuId }) => skuId) }, "inFlight.cause": SEED.cause },
		{ $pull: { inFlight: { cause: SEED.cause } } }
	);
	context.announceChange(...stocked.map(({ _id }) => _id));
	for (const { _id } of stocked) wanted.delete(_id);
	for (const { _id, version } of await context.stock.find({ _id: { $in: [...wanted.keys()] } })) {
		const delta = wanted.get(_id) ?? 0;
		if (version === 0 && delta > 0) await adjustStock(context, _id, { ...SEED, delta });
	}
}

function createFirstStock({ config }: Pick<StockContext, "config">, skuId: string, available: number): Stock {
	const at = new Date();
	const lowStockAt = config.get("inventory.lowStockAt");
	const empty = createEmptyStock(skuId, lowStockAt, at);
	if (available === 0) return empty;
	const counts = { available, reserved: 0, sold: 0 };
	const before = { available: 0, reserved: 0, sold: 0 };
	const change = {
		...SEED,
		id: makeChangeId(),
		type: "adjust",
		quantity: available,
		orderId: null,
		before,
		after: counts,
		at
	} as const;
	const level = toStockLevel(available, lowStockAt);
	return { ...empty, ...counts, version: 1, inFlight: [change], level, levelVersion: 1 };
}
