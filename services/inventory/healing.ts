import { settle, undo } from "./counting";
import { leftBehind, overdue, stepUnderWay } from "./reservation.domain";
import { abandon, deduct, finish, release, type Holds } from "./reserving";

const AT_ONCE = 200;
const UNDER_WAY = ["opening", "releasing", "deducting", "returning"];

/**
 * Finishes or undoes what was begun before `before` and never ended. Whoever began it may still be alive and slow: then
 * both do the same, and each part of it counts once.
 */
export async function heal(holds: Holds, before: Date): Promise<void> {
	const stale = await holds.reservations.find(
		{ state: { $in: UNDER_WAY }, updatedAt: { $lt: before } },
		{ sort: { updatedAt: 1 }, limit: AT_ONCE }
	);
	for (const reservation of stale) {
		const step = stepUnderWay(reservation.state);
		if (step) await finish(holds, reservation, step);
		else await abandon(holds, reservation);
	}
	for (const stock of await holds.stock.find({ "inFlight.at": { $lt: before } }, { limit: AT_ONCE }))
		for (const entry of stock.inFlight.filter(({ at }) => at < before)) {
			const reservation =
				entry.orderId === null ? null : await holds.reservations.findOne({ _id: entry.orderId });
			const verdict = leftBehind(entry, reservation);
			if (verdict === "settle") await settle(holds, stock._id, entry);
			if (verdict === "undo") await undo(holds, stock._id, entry.cause);
		}
}

/**
 * Looks into reservations whose order's deadline passed before `before`: the order frees or takes them itself by its facts,
 * so this finds only what went wrong with those.
 */
export async function followUp(
	holds: Holds,
	before: Date,
	standing: (orderIds: readonly string[]) => Promise<ReadonlyMap<string, string>>
): Promise<void> {
	const open = await holds.reservations.find(
		{ state: "open", expiresAt: { $lt: before } },
		{ sort: { expiresAt: 1 }, limit: 100 }
	);
	if (!open.length) return;
	const statuses = await standing(open.map(({ _id }) => _id));
	for (const { _id } of open) {
		const need = overdue(statuses.get(_id));
		if (need === "release") await release(holds, _id);
		if (need === "deduct") await deduct(holds, _id);
	}
}
