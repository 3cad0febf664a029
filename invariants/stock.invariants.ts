import type { Reservation } from "../services/inventory/reservation.domain";
import { sumLedger, type LedgerRow, type Stock } from "../services/inventory/stock.domain";
import { readAll, secondsAgo, type InvariantsContext } from "./invariants.context";

const formatSigned = (n: number): string => (n > 0 ? `+${n}` : String(n));

/**
 * I1: a SKU's counts equal the sum of its ledger, its reserved units those of its open reservations, and none is below 0. A
 * violation names the difference and no count: the difference stays the same while the SKU goes on selling, so that two
 * checks in a row find the same violation.
 */
export async function findStockViolations(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	const reservedUnits = new Map<string, number>();
	/** SKUs of reservations that are being counted just now. */
	const inTransition = new Set<string>();
	const versions = new Map<string, number>();
	for await (const { _id, version } of readAll<Stock>(context, "stock")) versions.set(_id, version);
	for await (const { _id, state, lines, updatedAt } of readAll<Reservation>(
		context,
		"stock_reservations"
	)) {
		if (state === "open")
			for (const { skuId, quantity } of lines)
				reservedUnits.set(skuId, (reservedUnits.get(skuId) ?? 0) + quantity);
		if (!state.endsWith("ing")) continue;
		for (const { skuId } of lines) inTransition.add(skuId);
		if (updatedAt < secondsAgo(context, 120))
			found.push(`reservation ${_id} is ${state} since ${updatedAt.toISOString()}`);
	}
	for (const [_id, version] of versions) {
		const snapshot = await readSkuSnapshot(context, _id);
		if (!snapshot) continue;
		const { stock, rows } = snapshot;
		found.push(...compareWithLedger(stock, rows));
		// The reservations were read earlier: they can be compared only where the SKU has not changed since.
		if (inTransition.has(_id) || stock.inFlight.length > 0 || stock.version !== version) continue;
		const surplus = stock.reserved - (reservedUnits.get(_id) ?? 0);
		if (surplus) found.push(`${_id}: ${formatSigned(surplus)} reserved against its open reservations`);
	}
	return found;
}

function compareWithLedger(stock: Stock, rows: readonly LedgerRow[]): string[] {
	const found: string[] = [];
	const { _id, available, reserved, sold, inFlight } = stock;
	const logged = new Set(rows.map(({ cause }) => cause));
	const ledger = sumLedger([...rows, ...inFlight.filter(({ cause }) => !logged.has(cause))]);
	if (Math.min(available, reserved, sold) < 0) found.push(`${_id} has a count below 0`);
	for (const [name, count] of Object.entries({ available, reserved, sold })) {
		const surplus = count - ledger[name as keyof typeof ledger];
		if (surplus) found.push(`${_id}: ${name} is ${formatSigned(surplus)} against its ledger`);
	}
	return found;
}

/**
 * A SKU and its whole ledger as of one moment. Null where the SKU changed during each of three attempts: it is checked again
 * when it sells less.
 */
async function readSkuSnapshot(
	{ collection }: InvariantsContext,
	_id: string
): Promise<{ stock: Stock; rows: LedgerRow[] } | null> {
	const readStock = async () => (await collection<Stock>("stock").find({ _id }, { limit: 1 }))[0];
	for (let attempts = 0; attempts < 3; attempts++) {
		const stock = await readStock();
		const rows = await collection<LedgerRow>("stock_log").find({ skuId: _id });
		if (stock && stock.version === (await readStock())?.version) return { stock, rows };
	}
	return null;
}

/** The units of all SKUs by state. `heldOut` counts SKUs that can't be bought only because unpaid orders hold the last units. */
export type StockFigures = {
	readonly available: number;
	readonly reserved: number;
	readonly sold: number;
	readonly heldOut: number;
};
export async function readStockFigures(context: InvariantsContext): Promise<StockFigures> {
	const figures = { available: 0, reserved: 0, sold: 0, heldOut: 0 };
	for await (const { available, reserved, sold } of readAll<Stock>(context, "stock")) {
		figures.available += available;
		figures.reserved += reserved;
		figures.sold += sold;
		if (available === 0 && reserved > 0) figures.heldOut++;
	}
	return figures;
}
