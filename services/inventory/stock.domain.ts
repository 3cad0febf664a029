import type { StockChangeType, StockChangeView, StockView } from "../../schemas/inventory.contract";
import type { StockLevel } from "../../schemas/values/stock-level";

/** Units of a SKU: for sale, held for unpaid orders, gone with paid ones. None is ever below 0. */
export type Counts = { readonly available: number; readonly reserved: number; readonly sold: number };

/** A change of one SKU's stock. Its cause is unique for the SKU: however often a change is tried, it is counted once. */
export type StockChange = {
	readonly cause: string;
	readonly type: StockChangeType;
	/** Signed for `adjust`, else the number of units moved. */
	readonly quantity: number;
	readonly orderId: string | null;
	readonly by: string;
	readonly reason: string | null;
};

/** A change that is part of the counts. It stays in `Stock.inFlight` until the ledger has its row, or it is undone. */
export type CountedChange = StockChange & {
	readonly id: string;
	readonly before: Counts;
	readonly after: Counts;
	readonly at: Date;
};

export type Stock = Counts & {
	readonly _id: string;
	/** Grows with every count: the guard of the next one. */
	readonly version: number;
	readonly inFlight: readonly CountedChange[];
	/** Threshold by which `level` was last set. */
	readonly lowStockAt: number;
	readonly level: StockLevel;
	/** Grows with every change of the level, so that listeners can tell a late fact. */
	readonly levelVersion: number;
	readonly updatedAt: Date;
};

export type LedgerRow = CountedChange & { readonly _id: string; readonly skuId: string };

/** Effect of one unit of each type of change on the counts. */
const EFFECTS: Readonly<Record<StockChangeType, Counts>> = {
	adjust: { available: 1, reserved: 0, sold: 0 },
	reserve: { available: -1, reserved: 1, sold: 0 },
	release: { available: 1, reserved: -1, sold: 0 },
	deduct: { available: 0, reserved: -1, sold: 1 },
	return: { available: 1, reserved: 0, sold: -1 }
};

const addEffect = (counts: Counts, type: StockChangeType, quantity: number): Counts => ({
	available: counts.available + EFFECTS[type].available * quantity,
	reserved: counts.reserved + EFFECTS[type].reserved * quantity,
	sold: counts.sold + EFFECTS[type].sold * quantity
});

/** The counts after a change, or null when there are not enough units for it. */
export function applyChange(counts: Counts, type: StockChangeType, quantity: number): Counts | null {
	const next = addEffect(counts, type, quantity);
	return Math.min(next.available, next.reserved, next.sold) < 0 ? null : next;
}

/** The counts after a change is undone. */
export const revertChange = (counts: Counts, { type, quantity }: StockChange): Counts =>
	addEffect(counts, type, -quantity);

/**
 * Counts changes one after another, each from what the former one left. A change that is `known` or whose cause has come
 * before is not counted again, and one that asks for more units than are left is not counted at all.
 */
export function countChanges(
	stock: Counts,
	changes: readonly StockChange[],
	known: ReadonlyMap<string, CountedChange>,
	makeId: () => string,
	at: Date
): CountedChange[] {
	const counted = new Map<string, CountedChange>();
	let { available, reserved, sold }: Counts = stock;
	for (const change of changes) {
		if (known.has(change.cause) || counted.has(change.cause)) continue;
		const before = { available, reserved, sold };
		const after = applyChange(before, change.type, change.quantity);
		if (!after) continue;
		counted.set(change.cause, { ...change, id: makeId(), before, after, at });
		({ available, reserved, sold } = after);
	}
	return [...counted.values()];
}

/** The counts that a SKU's whole ledger adds up to. */
export const sumLedger = (rows: readonly Pick<StockChange, "type" | "quantity">[]): Counts =>
	rows.reduce<Counts>((sum, { type, quantity }) => addEffect(sum, type, quantity), {
		available: 0,
		reserved: 0,
		sold: 0
	});

/** A counted change as the ledger stores it. */
export const toLedgerRow = (
	skuId: string,
	{ id, cause, type, quantity, orderId, before, after, by, reason, at }: CountedChange
): LedgerRow => ({ _id: id, id, skuId, cause, type, quantity, orderId, before, after, by, reason, at });

export const createEmptyStock = (_id: string, lowStockAt: number, updatedAt: Date): Stock => ({
	_id,
	available: 0,
	reserved: 0,
	sold: 0,
	version: 0,
	inFlight: [],
	lowStockAt,
	level: "out",
	levelVersion: 0,
	updatedAt
});

export const toStockView = ({
	_id,
	available,
	reserved,
	sold,
	lowStockAt,
	level,
	updatedAt
}: Stock): StockView => ({
	skuId: _id,
	available,
	reserved,
	sold,
	lowStockAt,
	level,
	updatedAt: updatedAt.toISOString()
});

export const toChangeView = (row: LedgerRow): StockChangeView => ({
	id: row._id,
	type: row.type,
	quantity: row.quantity,
	orderId: row.orderId,
	before: row.before.available,
	after: row.after.available,
	at: row.at.toISOString(),
	by: row.by,
	reason: row.reason
});
