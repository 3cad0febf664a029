import { KeyedBatcher } from "../../mixins/platform";
import type { Update } from "../../mixins/store.mixin";
import { fact } from "../../schemas/registry";
import { createIdSequence } from "../../schemas/values/new-id";
import { toStockLevel } from "../../schemas/values/stock-level";
import type { StockContext } from "./inventory.context";
import {
	countChanges,
	createEmptyStock,
	revertChange,
	toLedgerRow,
	type CountedChange,
	type Counts,
	type Stock,
	type StockChange
} from "./stock.domain";

/** Makes ids of counted changes, which sort by the order in which this process counts. */
export const makeChangeId = createIdSequence();

type CountedByCause = ReadonlyMap<string, CountedChange>;
/** One queue per SKU. At most 100 changes go into one write, to bound its size. */
const changesBySku = new KeyedBatcher<StockChange, CountedByCause>(100);

/**
 * Counts a change of a SKU's stock, once per cause; null when there are not enough units. The counted change stays in
 * `inFlight` until `postToLedger` or `undoChange`. Changes that come while the SKU's document is being written are counted
 * together by the next write.
 *
 * Counting stays exact through crashes and concurrent duplicates. A change leaves `inFlight` only after the ledger has its
 * row, so a process that finds the cause in neither is the first; one that was overtaken between its reads and its write
 * fails the guard on `version`.
 */
export async function countChange(
	context: StockContext,
	skuId: string,
	change: StockChange
): Promise<CountedChange | null> {
	const counted = await changesBySku.runBatched(context, skuId, change, changes =>
		countBatch(context, skuId, changes)
	);
	return counted.get(change.cause) ?? null;
}

/** Counts what can be counted of the changes. No `store.rewrite`, since the answer is the counted changes, not the stock. */
function countBatch(
	context: StockContext,
	skuId: string,
	changes: readonly StockChange[]
): Promise<CountedByCause> {
	return context.stock.retryConflicts(skuId, async () => {
		const stock = await context.stock.findOne({ _id: skuId });
		if (!stock) return new Map();
		const known = await findCounted(context, stock, changes);
		const fresh = countChanges(stock, changes, known, makeChangeId, new Date());
		const counted = new Map([...known, ...fresh.map(change => [change.cause, change] as const)]);
		const last = fresh.at(-1);
		if (!last) return counted;
		const written = await writeCounts(context, stock, last.after, {
			$push: { inFlight: { $each: fresh } }
		});
		return written && counted;
	});
}

/** Finds those of the changes that were counted before: they are in flight or in the ledger. */
async function findCounted(
	{ ledger }: StockContext,
	stock: Stock,
	changes: readonly StockChange[]
): Promise<CountedByCause> {
	const causes = new Set(changes.map(({ cause }) => cause));
	const inFlight = stock.inFlight.filter(({ cause }) => causes.has(cause));
	for (const { cause } of inFlight) causes.delete(cause);
	const rows = await Promise.all([...causes].map(cause => ledger.findOne({ skuId: stock._id, cause })));
	return new Map([...inFlight, ...rows].flatMap(change => (change ? [[change.cause, change]] : [])));
}

/** Undoes a counted change that is still in flight. The caller knows that nobody has posted it to the ledger. */
export function undoChange(context: StockContext, skuId: string, cause: string): Promise<void> {
	return changesBySku.runExclusive(context, skuId, async () => {
		await context.stock.retryConflicts(skuId, async () => {
			const stock = await context.stock.findOne({ _id: skuId });
			const change = stock?.inFlight.find(counted => counted.cause === cause);
			if (!stock || !change) return "absent";
			const counts = revertChange(stock, change);
			return writeCounts(context, stock, counts, { $pull: { inFlight: { id: change.id } } });
		});
	});
}

/** Writes the ledger's row of a counted change, and only then takes the change off `inFlight`. */
export async function postToLedger(
	{ stock, ledger }: StockContext,
	skuId: string,
	change: CountedChange
): Promise<void> {
	const { id, cause } = change;
	await ledger.insertOnce(toLedgerRow(skuId, change), { skuId, cause });
	await stock.change({ _id: skuId, "inFlight.id": id }, { $pull: { inFlight: { id } } });
}

/** Makes sure that the SKU has a stock document, and resolves to it. */
export async function ensureStock({ stock, config }: StockContext, skuId: string): Promise<Stock> {
	const known = await stock.findOne({ _id: skuId });
	const lowStockAt = config.get("inventory.lowStockAt");
	return known ?? stock.insertOnce(createEmptyStock(skuId, lowStockAt, new Date()), { _id: skuId });
}

/** Recomputes the level of SKUs that were last counted under another `inventory.lowStockAt`. */
export async function refreshStockLevels(context: StockContext): Promise<void> {
	const lowStockAt = context.config.get("inventory.lowStockAt");
	for (const other of [{ $lt: lowStockAt }, { $gt: lowStockAt }])
		for (const stock of await context.stock.find({ lowStockAt: other }, { limit: 200 }))
			await writeCounts(context, stock, stock, {}); // a count that comes between sets the level itself
}

/** The one write of counts: guarded by the version that was read, with the level and the fact of its change. */
async function writeCounts(
	context: StockContext,
	stock: Stock,
	{ available, reserved, sold }: Counts,
	update: Update
): Promise<Stock | null> {
	const lowStockAt = context.config.get("inventory.lowStockAt");
	const level = toStockLevel(available, lowStockAt);
	const isLevelChanged = level !== stock.level;
	const levelVersion = stock.levelVersion + (isLevelChanged ? 1 : 0);
	const levelChanged = { skuId: stock._id, level, available, version: levelVersion };
	const $set = {
		available,
		reserved,
		sold,
		lowStockAt,
		level,
		levelVersion,
		version: stock.version + 1,
		updatedAt: new Date()
	};
	const written = await context.stock.change(
		{ _id: stock._id, version: stock.version },
		{ ...update, $set },
		isLevelChanged ? [fact("stock.level_changed", levelChanged)] : []
	);
	if (written && isLevelChanged) context.announceChange(stock._id);
	return written;
}
