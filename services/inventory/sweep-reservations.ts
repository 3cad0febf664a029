import { postToLedger, undoChange } from "./stock-counter";
import { decideLeftover, decideOverdue, findTransitionUnderWay } from "./reservation.domain";
import {
	abandonReservation,
	deductStock,
	finishTransition,
	releaseStock,
	type InventoryContext
} from "./reserve";

const AT_ONCE = 200;
const UNDER_WAY = ["opening", "releasing", "deducting", "returning"] as const;

/**
 * Finishes or undoes what was begun before `before` and never ended. Whoever began it may still be alive and slow: then
 * both do the same, and each part of it counts once.
 */
export async function sweepUnfinishedChanges(holds: InventoryContext, before: Date): Promise<void> {
	const stale = await holds.reservations.find(
		{ state: { $in: UNDER_WAY }, updatedAt: { $lt: before } },
		{ sort: { updatedAt: 1 }, limit: AT_ONCE }
	);
	const unhealed = await each(stale, async reservation => {
		const step = findTransitionUnderWay(reservation.state);
		if (step) await finishTransition(holds, reservation, step);
		else await abandonReservation(holds, reservation);
	});
	const noted = await holds.stock.find({ "inFlight.at": { $lt: before } }, { limit: AT_ONCE });
	const unclear = await each(noted, async stock => {
		for (const entry of stock.inFlight.filter(({ at }) => at < before)) {
			const reservation =
				entry.orderId === null ? null : await holds.reservations.findOne({ _id: entry.orderId });
			const verdict = decideLeftover(entry, reservation);
			if (verdict === "settle") await postToLedger(holds, stock._id, entry);
			if (verdict === "undo") await undoChange(holds, stock._id, entry.cause);
		}
	});
	tell([...unhealed, ...unclear]);
}

/** Works on each, and answers what went wrong: one that can't be helped keeps nothing behind it waiting. */
async function each<T>(found: readonly T[], work: (one: T) => Promise<unknown>): Promise<unknown[]> {
	const failures: unknown[] = [];
	for (const one of found) await work(one).catch((err: unknown) => failures.push(err));
	return failures;
}

function tell(failures: readonly unknown[]): void {
	if (failures.length) throw new AggregateError(failures, failures.map(String).join("; "));
}

/**
 * Looks into reservations whose order's deadline passed before `before`: the order frees or takes them itself by its facts,
 * so this finds only what went wrong with those.
 */
export async function sweepOverdueReservations(
	holds: InventoryContext,
	before: Date,
	standing: (orderIds: readonly string[]) => Promise<ReadonlyMap<string, string>>
): Promise<void> {
	const open = await holds.reservations.find(
		{ state: "open", expiresAt: { $lt: before } },
		{ sort: { expiresAt: 1 }, limit: 100 }
	);
	if (!open.length) return;
	const statuses = await standing(open.map(({ _id }) => _id));
	const failures = await each(open, async ({ _id }) => {
		const need = decideOverdue(statuses.get(_id));
		if (need === "release") await releaseStock(holds, _id);
		if (need === "deduct") await deductStock(holds, _id);
	});
	tell(failures);
}
