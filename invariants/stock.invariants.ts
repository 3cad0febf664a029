import type { Reservation } from "../services/inventory/reservation.domain";
import { sumLedger, type LedgerRow, type Stock } from "../services/inventory/stock.domain";
import { readAll, readByIds, secondsAgo, type InvariantsContext } from "./invariants.context";

const formatSigned = (n: number): string => (n > 0 ? `+${n}` : String(n));

/**
 * I1: a SKU's counts equal the sum of its ledger, its reserved units those of its open reservations, and none is below 0. A
 * violation names the difference and no count: the difference stays the same while the SKU goes on selling, so that two
 * checks in a row find the same violation.
 */
export async function findStockViolations(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	const versions = new Map<string, number>();
	for await (const { _id, version } of readAll<Stock>(context, "stock")) versions.set(_id, version);
	if (versions.size === 0) return found;
	const { reservedUnits, inTransition, overdue } = await readUnsettledReservations(context);
	for (const { _id, state, lines, updatedAt } of overdue)
		if (!context.slice || lines.some(({ skuId }) => versions.has(skuId)))
			found.push(`reservation ${_id} is ${state} since ${updatedAt.toISOString()}`);
	const skuIds = [...versions.keys()];
	for (let from = 0; from < skuIds.length; from += SKUS_AT_ONCE)
		for (const { stock, ledger } of await readSnapshots(
			context,
			skuIds.slice(from, from + SKUS_AT_ONCE)
		)) {
			const { _id, reserved, inFlight, version } = stock;
			found.push(...compareWithLedger(stock, ledger));
			// The reservations were read earlier: they can be compared only where the SKU has not changed since.
			if (inTransition.has(_id) || inFlight.length > 0 || version !== versions.get(_id)) continue;
			const surplus = reserved - (reservedUnits.get(_id) ?? 0);
			if (surplus)
				found.push(`${_id}: ${formatSigned(surplus)} reserved against its open reservations`);
		}
	return found;
}

const SKUS_AT_ONCE = 30;
const ROWS_AT_ONCE = 1000;
/** States of reservations whose units are reserved, or are being counted. */
const UNSETTLED = ["open", "opening", "releasing", "deducting", "returning"] as const;

/** Reserved units by SKU, the SKUs of reservations that are being counted just now, and those that are for too long. */
async function readUnsettledReservations(context: InvariantsContext) {
	const reservedUnits = new Map<string, number>();
	const inTransition = new Set<string>();
	const overdue: Reservation[] = [];
	const unsettled = await context
		.collection<Reservation>("stock_reservations")
		.find({ state: { $in: UNSETTLED } }, { fields: ["state", "lines", "updatedAt"] });
	for (const reservation of unsettled) {
		const { state, lines, updatedAt } = reservation;
		if (state === "open")
			for (const { skuId, quantity } of lines)
				reservedUnits.set(skuId, (reservedUnits.get(skuId) ?? 0) + quantity);
		else {
			for (const { skuId } of lines) inTransition.add(skuId);
			if (updatedAt < secondsAgo(context, 120)) overdue.push(reservation);
		}
	}
	return { reservedUnits, inTransition, overdue };
}

/** What a SKU's ledger sums to, with the changes that are noted on the stock and not yet in the ledger. */
type LedgerSum = ReturnType<typeof sumLedger>;
type Snapshot = { readonly stock: Stock; readonly ledger: LedgerSum };

function compareWithLedger(stock: Stock, ledger: LedgerSum): string[] {
	const found: string[] = [];
	const { _id, available, reserved, sold } = stock;
	if (Math.min(available, reserved, sold) < 0) found.push(`${_id} has a count below 0`);
	for (const [name, count] of Object.entries({ available, reserved, sold })) {
		const surplus = count - ledger[name as keyof typeof ledger];
		if (surplus) found.push(`${_id}: ${name} is ${formatSigned(surplus)} against its ledger`);
	}
	return found;
}

/**
 * SKUs with the sums of their whole ledgers as of one moment each. A SKU that changed during each of three attempts is left
 * out: it is checked again when it sells less.
 */
async function readSnapshots(context: InvariantsContext, skuIds: readonly string[]): Promise<Snapshot[]> {
	const snapshots: Snapshot[] = [];
	let left = skuIds;
	for (let attempts = 0; attempts < 3 && left.length > 0; attempts++) {
		const before = await readByIds<Stock>(context, "stock", left);
		const sums = await sumLedgers(context, before);
		const after = await readByIds<Stock>(context, "stock", left);
		const unchanged = [...before.values()].filter(
			({ _id, version }) => after.get(_id)?.version === version
		);
		for (const stock of unchanged) {
			const ledger = sums.get(stock._id);
			if (ledger) snapshots.push({ stock, ledger });
		}
		const done = new Set(unchanged.map(({ _id }) => _id));
		left = [...before.keys()].filter(id => !done.has(id));
	}
	return snapshots;
}

/** Sums the ledgers of some SKUs, reading their rows in batches. */
async function sumLedgers(
	context: InvariantsContext,
	stocks: ReadonlyMap<string, Stock>
): Promise<ReadonlyMap<string, LedgerSum>> {
	const sums = new Map<string, LedgerSum>();
	const unlogged = new Map(
		[...stocks.values()].map(({ _id, inFlight }) => [
			_id,
			new Map(inFlight.map(change => [change.cause, change]))
		])
	);
	const add = (skuId: string, changes: Parameters<typeof sumLedger>[0]) => {
		const { available, reserved, sold } = sumLedger(changes);
		const sum = sums.get(skuId) ?? { available: 0, reserved: 0, sold: 0 };
		sums.set(skuId, {
			available: sum.available + available,
			reserved: sum.reserved + reserved,
			sold: sum.sold + sold
		});
	};
	for await (const row of readLedgers(context, [...stocks.keys()])) {
		add(row.skuId, [row]);
		unlogged.get(row.skuId)?.delete(row.cause);
	}
	for (const [skuId, changes] of unlogged) add(skuId, [...changes.values()]);
	return sums;
}

/** Yields the ledgers of some SKUs: short ones in one query, long ones page by page. */
async function* readLedgers(
	context: InvariantsContext,
	skuIds: readonly string[]
): AsyncGenerator<LedgerRow> {
	const rows = context.collection<LedgerRow>("stock_log");
	const all = await rows.find({ skuId: { $in: skuIds } }, { limit: ROWS_AT_ONCE });
	if (all.length < ROWS_AT_ONCE) return yield* all;
	const { slice: _, ...whole } = context;
	for (const skuId of skuIds) yield* readAll<LedgerRow>(whole, "stock_log", { skuId });
}

/** The units of all SKUs by state. `heldOut` counts SKUs that can't be bought only because unpaid orders hold the last units. */
export type StockFigures = {
	readonly available: number;
	readonly reserved: number;
	readonly sold: number;
	readonly heldOut: number;
};
export const NO_STOCK: StockFigures = { available: 0, reserved: 0, sold: 0, heldOut: 0 };

export const addStock = (sum: StockFigures, { available, reserved, sold }: Stock): StockFigures => ({
	available: sum.available + available,
	reserved: sum.reserved + reserved,
	sold: sum.sold + sold,
	heldOut: sum.heldOut + (available === 0 && reserved > 0 ? 1 : 0)
});

export async function readStockFigures(context: InvariantsContext): Promise<StockFigures> {
	let figures = NO_STOCK;
	for await (const stock of readAll<Stock>(context, "stock")) figures = addStock(figures, stock);
	return figures;
}
