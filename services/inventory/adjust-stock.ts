import { Refusal } from "../../schemas/errors";
import { toStockLevel } from "../../schemas/stock-level";
import {
	countChange,
	newChangeId,
	ensureStock,
	toLedgerRow,
	postToLedger,
	type Books
} from "./stock-counter";
import { createEmptyStock, type Stock } from "./stock.domain";

export type Adjustment = {
	readonly delta: number;
	readonly cause: string;
	readonly by: string;
	readonly reason: string;
};

/** Adds units or takes some off, once for its cause: again, it changes nothing and answers the present stock. */
export async function adjustStock(
	books: Books,
	skuId: string,
	{ delta, ...why }: Adjustment
): Promise<Stock> {
	const { available } = await ensureStock(books, skuId);
	const entry = await countChange(books, skuId, { ...why, type: "adjust", quantity: delta, orderId: null });
	if (!entry)
		throw new Refusal("OUT_OF_STOCK", "Stock cannot go below zero", {
			items: [{ skuId, requested: -delta, available }]
		});
	if (entry.quantity !== delta)
		throw new Refusal("IDEMPOTENCY_KEY_REUSED", "The key was used for another change");
	await postToLedger(books, skuId, entry);
	return books.stock.get(skuId);
}

const SEED = { cause: "seed", by: "system", reason: "First stock" } as const;

/**
 * The first stock of many SKUs, in three writes for all of them; one that was ever counted keeps what it has. No fact is
 * told of their levels: who brings SKUs with their stock says the level with them.
 */
export async function seedStock(
	books: Books,
	items: readonly { skuId: string; available: number }[]
): Promise<void> {
	const wanted = new Map(items.map(({ skuId, available }) => [skuId, available]));
	// Counted first, then in the ledger, then cleared: what a crash leaves in flight, the sweep settles.
	const stocked = await books.stock.insertMissing(
		[...wanted].map(([skuId, available]) => firstStock(books, skuId, available))
	);
	const rows = stocked.flatMap(({ _id, inFlight }) => inFlight.map(entry => toLedgerRow(_id, entry)));
	await books.log.insertMissing(rows);
	await books.stock.changeMany(
		{ _id: { $in: rows.map(({ skuId }) => skuId) }, "inFlight.cause": SEED.cause },
		{ $pull: { inFlight: { cause: SEED.cause } } }
	);
	for (const { _id } of stocked) wanted.delete(_id);
	for (const { _id, version } of await books.stock.find({ _id: { $in: [...wanted.keys()] } })) {
		const delta = wanted.get(_id) ?? 0;
		if (version === 0 && delta > 0) await adjustStock(books, _id, { ...SEED, delta });
	}
}

function firstStock({ config }: Books, skuId: string, available: number): Stock {
	const at = new Date();
	const lowStockAt = config.get("inventory.lowStockAt");
	const empty = createEmptyStock(skuId, lowStockAt, at);
	if (available === 0) return empty;
	const counts = { available, reserved: 0, sold: 0 };
	const before = { available: 0, reserved: 0, sold: 0 };
	const entry = {
		...SEED,
		id: newChangeId(),
		type: "adjust",
		quantity: available,
		orderId: null,
		before,
		after: counts,
		at
	} as const;
	const level = toStockLevel(available, lowStockAt);
	return { ...empty, ...counts, version: 1, inFlight: [entry], level, levelVersion: 1 };
}
