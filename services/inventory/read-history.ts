import type { HistoryStep } from "../../schemas/traces.contract";
import type { InventoryContext } from "./inventory.context";
import { listCauses, type Reservation } from "./reservation.domain";
import type { LedgerRow } from "./stock.domain";

/** Steps of an order in the ledger, and a reservation that never held stock, which the ledger does not have. */
export async function readStockHistory(
	context: Pick<InventoryContext, "reservations" | "ledger">,
	orderId: string
): Promise<HistoryStep[]> {
	const reservation = await context.reservations.findOne({ _id: orderId });
	if (!reservation) return [];
	const skuId = { $in: reservation.lines.map(line => line.skuId) };
	const rows = await context.ledger.find(
		{ skuId, cause: { $in: listCauses(reservation) } },
		{ sort: { _id: 1 }, limit: 1000 }
	);
	return [...rows.map(toLedgerStep), ...(reservation.held ? [] : [toReservationStep(reservation)])];
}

const toLedgerStep = ({ at, type, quantity, skuId }: LedgerRow): HistoryStep => ({
	at: at.toISOString(),
	step: `stock ${type}`,
	event: null,
	outcome: `${quantity} of ${skuId}`
});

const toReservationStep = ({ updatedAt, state, short = [] }: Reservation): HistoryStep => ({
	at: updatedAt.toISOString(),
	step: "reservation",
	event: null,
	outcome: [state, ...short.map(s => `${s.available} of ${s.requested} of ${s.skuId}`)].join(", ")
});
