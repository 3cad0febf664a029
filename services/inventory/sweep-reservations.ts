import { call } from "../../schemas/registry";
import type { InventoryContext, ReservationContext } from "./inventory.context";
import {
	decideLeftover,
	decideOverdue,
	findTransitionUnderWay,
	type Reservation
} from "./reservation.domain";
import { abandonReservation, deductStock, finishTransition, releaseStock } from "./reservation.transitions";
import { finishReturns } from "./return-units";
import { postToLedger, undoChange } from "./stock-counter";

const BATCH_SIZE = 200;
const STATES_UNDER_WAY = ["opening", "releasing", "deducting", "returning"] as const;

/**
 * Finishes or undoes reservations and stock changes that were begun before `before` and never ended. The process that began
 * one may still be alive and slow: then both do the same work, and each part of it counts once.
 */
export async function sweepUnfinishedChanges(context: ReservationContext, before: Date): Promise<void> {
	const stale = await context.reservations.find(
		{ state: { $in: STATES_UNDER_WAY }, updatedAt: { $lt: before } },
		{ sort: { updatedAt: 1 }, limit: BATCH_SIZE }
	);
	const reservationFailures = await tryEach(stale, async reservation => {
		const transition = findTransitionUnderWay(reservation.state);
		if (transition) await finishTransition(context, reservation, transition);
		else await abandonReservation(context, reservation);
	});
	const inFlight = await context.stock.find({ "inFlight.at": { $lt: before } }, { limit: BATCH_SIZE });
	const changeFailures = await tryEach(inFlight, async stock => {
		for (const change of stock.inFlight.filter(({ at }) => at < before)) {
			const reservation =
				change.orderId === null ? null : await context.reservations.findOne({ _id: change.orderId });
			const decision = decideLeftover(change, reservation);
			if (decision === "post") await postToLedger(context, stock._id, change);
			if (decision === "undo") await undoChange(context, stock._id, change.cause);
		}
	});
	const returnFailures = await tryEach(
		await context.reservations.find({ returningSince: { $lt: before } }, { limit: BATCH_SIZE }),
		reservation => finishReturns(context, reservation)
	);
	throwFailures([...reservationFailures, ...changeFailures, ...returnFailures]);
}

/**
 * Releases or deducts open reservations that expired before `before`, by the status of their orders. The facts of an order do
 * this first, so the sweep finds only reservations whose fact was lost.
 */
export async function sweepOverdueReservations(
	context: ReservationContext & Pick<InventoryContext, "broker">,
	before: Date
): Promise<void> {
	const open = await context.reservations.find(
		{ state: "open", expiresAt: { $lt: before } },
		{ sort: { expiresAt: 1 }, limit: 100 }
	);
	if (!open.length) return;
	const decisions = new Map([
		...(await decideOrders(
			context,
			open.filter(({ owner }) => !owner)
		)),
		...(await endUnapprovedExchanges(
			context,
			open.filter(({ owner }) => owner === "exchange")
		))
	]);
	const failures = await tryEach(open, async ({ _id }) => {
		const decision = decisions.get(_id);
		if (decision === "release") await releaseStock(context, _id);
		if (decision === "deduct") await deductStock(context, _id);
	});
	throwFailures(failures);
}

type Decisions = (readonly [string, ReturnType<typeof decideOverdue>])[];
type Open = readonly Pick<Reservation, "_id">[];

async function decideOrders({ broker }: Pick<InventoryContext, "broker">, open: Open): Promise<Decisions> {
	if (!open.length) return [];
	const orders = await call(broker, "orders.statuses", { orderIds: open.map(({ _id }) => _id) });
	const statuses = new Map(orders.map(({ orderId, status }) => [orderId, status]));
	return open.map(({ _id }) => [_id, decideOverdue(statuses.get(_id))]);
}

/** Has after-sales end the reservations of exchanges that were not approved in time, and resolves to what each needs here. */
async function endUnapprovedExchanges(
	{ broker }: Pick<InventoryContext, "broker">,
	open: Open
): Promise<Decisions> {
	if (!open.length) return [];
	const reservationIds = open.map(({ _id }) => _id);
	const reservations = await call(broker, "afterSales.settleReservations", { reservationIds });
	return reservations.map(({ reservationId, state }) => [
		reservationId,
		state === "approved" ? "deduct" : "release"
	]);
}

/** Works on each item and resolves to the errors, so that one failure does not keep the others waiting. */
async function tryEach<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<unknown[]> {
	const failures: unknown[] = [];
	for (const item of items) await work(item).catch((err: unknown) => failures.push(err));
	return failures;
}

function throwFailures(failures: readonly unknown[]): void {
	if (failures.length) throw new AggregateError(failures, failures.map(String).join("; "));
}
