import type { HistoryStep } from "../../schemas/traces.contract";
import type { Reservation } from "./reservation.domain";
import { listCauses, type InventoryContext } from "./reserve";
import type { LedgerRow } from "./stock.domain";

/** What the ledger has of an order, and a reservation that never got there. */
export async function readStockHistory(holds: InventoryContext, orderId: string): Promise<HistoryStep[]> {
	const reservation = await holds.reservations.findOne({ _id: orderId });
	if (!reservation) return [];
	const skuId = { $in: reservation.lines.map(line => line.skuId) };
	const rows = await holds.log.find(
		{ skuId, cause: { $in: listCauses(orderId) } },
		{ sort: { _id: 1 }, limit: 1000 }
	);
	return [...rows.map(counted), ...(reservation.held ? [] : [notHeld(reservation)])];
}

const counted = ({ at, type, quantity, skuId }: LedgerRow): HistoryStep => ({
	at: at.toISOString(),
	step: `stock ${type}`,
	event: null,
	outcome: `${quantity} of ${skuId}`
});

const notHeld = ({ updatedAt, state, short = [] }: Reservation): HistoryStep => ({
	at: updatedAt.toISOString(),
	step: "reservation",
	event: null,
	outcome: [state, ...short.map(s => `${s.available} of ${s.requested} of ${s.skuId}`)].join(", ")
});
