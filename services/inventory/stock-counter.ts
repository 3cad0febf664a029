import { monotonicFactory } from "ulid";
import type { Config } from "../../mixins/config.mixin";
import type { Store, Update } from "../../mixins/store.mixin";
import { fact } from "../../schemas/registry";
import { KeyedBatcher } from "../../mixins/platform";
import { toStockLevel } from "../../schemas/stock-level";
import {
	applyChange,
	createEmptyStock,
	revertChange,
	type StockChange,
	type Counts,
	type CountedChange,
	type LedgerRow,
	type Stock
} from "./stock.domain";

export type Books = {
	readonly stock: Store<Stock>;
	readonly log: Store<LedgerRow>;
	readonly config: Pick<Config, "get">;
};

/** Ids of entries, in the order in which this process counts. */
export const newChangeId = monotonicFactory();

type Counted = ReadonlyMap<string, CountedChange>;
/** By SKU. So many of its changes are counted in one write, so that the write stays small. */
const changesBySku = new KeyedBatcher<StockChange, Counted>(100);

/**
 * Counts a change on a SKU's stock, once for its cause; null when there are not enough units. What is counted stays noted
 * in `inFlight` until `settle` or `undo`. Changes that come while another is written are counted together, in one write.
 *
 * Exact against any crash and any stale twin: an entry leaves `inFlight` only after the ledger has its row, so a twin that
 * sees neither entry nor row is the first, and one that was overtaken between its reads and its write fails the version.
 */
export async function countChange(
	books: Books,
	skuId: string,
	change: StockChange
): Promise<CountedChange | null> {
	const counted = await changesBySku.runBatched(books, skuId, change, changes =>
		countAll(books, skuId, changes)
	);
	return counted.get(change.cause) ?? null;
}

/** The entries of the changes that could be counted, or were before, by cause. */
async function countAll(books: Books, skuId: string, changes: readonly StockChange[]): Promise<Counted> {
	for (;;) {
		const stock = await books.stock.findOne({ _id: skuId });
		if (!stock) return new Map();
		const known = await entriesOf(books, stock, changes);
		const fresh = counting(stock, changes, known);
		const counted = new Map([...known, ...fresh.map(entry => [entry.cause, entry] as const)]);
		const last = fresh.at(-1);
		if (!last) return counted;
		if (await writeCounts(books, stock, last.after, { $push: { inFlight: { $each: fresh } } }))
			return counted;
	}
}

/** What was counted before of these changes: still in flight, or in the ledger. */
async function entriesOf(
	{ log }: Books,
	stock: Stock,
	changes: readonly StockChange[]
): Promise<Map<string, CountedChange>> {
	const causes = new Set(changes.map(({ cause }) => cause));
	const inFlight = stock.inFlight.filter(({ cause }) => causes.has(cause));
	for (const { cause } of inFlight) causes.delete(cause);
	const rows = await Promise.all([...causes].map(cause => log.findOne({ skuId: stock._id, cause })));
	return new Map([...inFlight, ...rows].flatMap(entry => (entry ? [[entry.cause, entry]] : [])));
}

/** One after the other, each by what the former left; one that asks for more than that is left out. */
function counting(stock: Stock, changes: readonly StockChange[], known: Counted): CountedChange[] {
	const fresh = new Map<string, CountedChange>();
	let { available, reserved, sold }: Counts = stock;
	for (const change of changes) {
		const before = { available, reserved, sold };
		const counts =
			known.has(change.cause) || fresh.has(change.cause)
				? null
				: applyChange(before, change.type, change.quantity);
		if (!counts) continue;
		fresh.set(change.cause, { ...change, id: newChangeId(), before, after: counts, at: new Date() });
		({ available, reserved, sold } = counts);
	}
	return [...fresh.values()];
}

/** Takes a counted change off again, if it is there. Only for a change that can't have been settled. */
export function undoChange(books: Books, skuId: string, cause: string): Promise<void> {
	return changesBySku.runExclusive(books, skuId, async () => {
		for (;;) {
			const stock = await books.stock.findOne({ _id: skuId });
			const entry = stock?.inFlight.find(e => e.cause === cause);
			if (!stock || !entry) return;
			const counts = revertChange(stock, entry);
			if (await writeCounts(books, stock, counts, { $pull: { inFlight: { id: entry.id } } })) return;
		}
	});
}

/** Writes the ledger's row of a counted change and clears the note: first the one, then the other. */
export async function postToLedger(
	{ stock, log }: Books,
	skuId: string,
	entry: CountedChange
): Promise<void> {
	const { id, cause } = entry;
	await log.insertOnce(toLedgerRow(skuId, entry), { skuId, cause });
	await stock.change({ _id: skuId, "inFlight.id": id }, { $pull: { inFlight: { id } } });
}

/** A counted change as the ledger keeps it. */
export function toLedgerRow(
	skuId: string,
	{ id, cause, type, quantity, orderId, before, after, by, reason, at }: CountedChange
): LedgerRow {
	return { _id: id, id, skuId, cause, type, quantity, orderId, before, after, by, reason, at };
}

/** Makes sure that the SKU has a document to count on. */
export async function ensureStock({ stock, config }: Books, skuId: string): Promise<Stock> {
	const there = await stock.findOne({ _id: skuId });
	const lowStockAt = config.get("inventory.lowStockAt");
	return there ?? stock.insertOnce(createEmptyStock(skuId, lowStockAt, new Date()), { _id: skuId });
}

/** Brings the level of SKUs in line that were last counted under another `inventory.lowStockAt`. */
export async function refreshStockLevels(books: Books): Promise<void> {
	const lowStockAt = books.config.get("inventory.lowStockAt");
	for (const other of [{ $lt: lowStockAt }, { $gt: lowStockAt }])
		for (const stock of await books.stock.find({ lowStockAt: other }, { limit: 200 }))
			await writeCounts(books, stock, stock, {}); // beaten by a count: that one levelled it
}

/** The one write of counts, guarded by the version that they were made from; the level and its fact go with it. */
function writeCounts(books: Books, was: Stock, counts: Counts, update: Update): Promise<Stock | null> {
	const { available, reserved, sold } = counts;
	const lowStockAt = books.config.get("inventory.lowStockAt");
	const level = toStockLevel(available, lowStockAt);
	const changed = level !== was.level;
	const levelVersion = was.levelVersion + (changed ? 1 : 0);
	const news = { skuId: was._id, level, available, version: levelVersion };
	const $set = {
		available,
		reserved,
		sold,
		lowStockAt,
		level,
		levelVersion,
		version: was.version + 1,
		updatedAt: new Date()
	};
	return books.stock.change(
		{ _id: was._id, version: was.version },
		{ ...update, $set },
		changed ? [fact("stock.level_changed", news)] : []
	);
}
