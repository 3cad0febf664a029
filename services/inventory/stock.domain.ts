import type { StockChangeType, StockChangeView, StockView } from "../../schemas/inventory.contract";
import type { StockLevel } from "../../schemas/stock-level";

/** Where a SKU's units are: to be bought, held for unpaid orders, gone with paid ones. */
export type Counts = { readonly available: number; readonly reserved: number; readonly sold: number };

/** A change of one SKU's stock. Its cause is unique for the SKU: however often it is tried, it is counted once. */
export type StockChange = {
	readonly cause: string;
	readonly type: StockChangeType;
	readonly quantity: number;
	readonly orderId: string | null;
	readonly by: string;
	readonly reason: string | null;
};

/** A change that is counted; it stays on the stock until the ledger has it, or it is undone. */
export type CountedChange = StockChange & {
	readonly id: string;
	readonly before: Counts;
	readonly after: Counts;
	readonly at: Date;
};

export type Stock = Counts & {
	readonly _id: string;
	/** Grows with every count: the guard of the next. */
	readonly version: number;
	readonly inFlight: readonly CountedChange[];
	readonly lowStockAt: number;
	readonly level: StockLevel;
	readonly levelVersion: number;
	readonly updatedAt: Date;
};

export type LedgerRow = CountedChange & { readonly _id: string; readonly skuId: string };

/** What one unit of each change moves. */
const EFFECTS: Readonly<Record<StockChangeType, Counts>> = {
	adjust: { available: 1, reserved: 0, sold: 0 },
	reserve: { available: -1, reserved: 1, sold: 0 },
	release: { available: 1, reserved: -1, sold: 0 },
	deduct: { available: 0, reserved: -1, sold: 1 },
	return: { available: 1, reserved: 0, sold: -1 }
};

const plus = (counts: Counts, type: StockChangeType, quantity: number): Counts => ({
	available: counts.available + EFFECTS[type].available * quantity,
	reserved: counts.reserved + EFFECTS[type].reserved * quantity,
	sold: counts.sold + EFFECTS[type].sold * quantity
});

/** The counts after a change, or null when there are not enough units for it. */
export function applyChange(counts: Counts, type: StockChangeType, quantity: number): Counts | null {
	const next = plus(counts, type, quantity);
	return Math.min(next.available, next.reserved, next.sold) < 0 ? null : next;
}

/** The counts once a change is undone. */
export const revertChange = (counts: Counts, { type, quantity }: StockChange): Counts =>
	plus(counts, type, -quantity);

/** What a whole ledger adds up to. */
export const sumLedger = (rows: readonly Pick<StockChange, "type" | "quantity">[]): Counts =>
	rows.reduce<Counts>((sum, { type, quantity }) => plus(sum, type, quantity), {
		available: 0,
		reserved: 0,
		sold: 0
	});

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

export type Line = { readonly skuId: string; readonly quantity: number };

/** Demand summed per SKU, in the one order in which every reservation takes its SKUs. */
export function sumDemand(lines: readonly Line[]): Line[] {
	const sums = new Map<string, number>();
	for (const { skuId, quantity } of lines) sums.set(skuId, (sums.get(skuId) ?? 0) + quantity);
	return [...sums]
		.map(([skuId, quantity]) => ({ skuId, quantity }))
		.sort((a, b) => (a.skuId < b.skuId ? -1 : 1));
}

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
