import { invalidState, NotYetError, type Refusal } from "../../schemas/errors/errors";
import { fact } from "../../schemas/registry";
import type { ReservationContext } from "./inventory.context";
import {
	createStockChange,
	makeCause,
	listLeftUnits,
	RESERVATION_TRANSITIONS,
	type Reservation,
	type ReservationState,
	type ReservationTransition
} from "./reservation.domain";
import { countChange, postToLedger, undoChange } from "./stock-counter";

/** Releases what the order holds, and leaves a reservation `released` that makes any later `reserve` of the order fail. */
export async function releaseStock(context: ReservationContext, orderId: string): Promise<void> {
	const now = new Date();
	const released: Reservation = {
		_id: orderId,
		lines: [],
		state: "released",
		held: false,
		expiresAt: now,
		updatedAt: now
	};
	const known = await context.reservations.insertOnce(released, { _id: orderId });
	if (known === released) return;
	if (await abandonReservation(context, known)) return;
	if (await startTransition(context, orderId, "release")) return;
	const { state } = await context.reservations.get(orderId);
	if (state !== "releasing" && state !== "released" && state !== "refused")
		throw notInState(orderId, state);
}

/** Deducts what the order held: the order is paid, so the units are sold. */
export async function deductStock(context: ReservationContext, orderId: string): Promise<void> {
	if (await startTransition(context, orderId, "deduct")) return;
	const known = await context.reservations.findOne({ _id: orderId });
	// Only a cancelled order is released, and a cancelled order is never paid, so this is no mere lateness. The fact is
	// delivered again and ends as a dead letter, where staff see it.
	if (!known?.held || known.state === "releasing" || known.state === "released")
		throw notInState(orderId, known?.state ?? "none");
}

/** Makes the deduction of a paid order whose fact is still on the way. */
export const deductIfOpen = (context: ReservationContext, orderId: string): Promise<boolean> =>
	startTransition(context, orderId, "deduct");

/** Returns the units of a refunded order that was never shipped, and have not gone back yet: they can be sold again. */
export async function returnStock(context: ReservationContext, orderId: string): Promise<void> {
	// A refunded order was paid before, so a deduction whose fact is still on the way is made now.
	await deductIfOpen(context, orderId);
	if (await startTransition(context, orderId, "return")) return;
	const known = await context.reservations.findOne({ _id: orderId });
	if (!known || !isReturned(known))
		throw new NotYetError(`The stock of order ${orderId} has not been deducted yet`);
}

/** Gives back the units of a reservation, whether they are still reserved or were deducted. */
export async function giveBackReservation(context: ReservationContext, id: string): Promise<void> {
	if (await startTransition(context, id, "release")) return;
	const known = await context.reservations.findOne({ _id: id });
	if (known?.state === "deducted" || known?.state === "deducting") await returnStock(context, id);
}

export const isReturned = ({ state }: Pick<Reservation, "state">) =>
	state === "returning" || state === "returned";

/** Undoes a reservation that is still `opening`; false when it is not. */
export async function abandonReservation(
	context: ReservationContext,
	{ _id }: Pick<Reservation, "_id">
): Promise<boolean> {
	const abandoned = await context.reservations.change(
		{ _id, state: "opening" },
		{ $set: { state: "released", updatedAt: new Date() } }
	);
	if (abandoned) await undoReserve(context, abandoned);
	return abandoned !== null;
}

/** Undoes the counted reserves of the reservation's lines. */
export async function undoReserve(
	context: ReservationContext,
	{ _id, lines }: Pick<Reservation, "_id" | "lines">
): Promise<void> {
	for (const { skuId } of lines) await undoChange(context, skuId, makeCause(_id, "reserve"));
}

/** Claims and finishes a transition; false when the reservation is not in the state that the transition starts from. */
async function startTransition(
	context: ReservationContext,
	orderId: string,
	transition: ReservationTransition
): Promise<boolean> {
	const { from, via } = RESERVATION_TRANSITIONS[transition];
	const claimed = await context.reservations.change(
		{ _id: orderId, state: from },
		{ $set: { state: via, updatedAt: new Date() } }
	);
	if (claimed) await finishTransition(context, claimed, transition);
	return claimed !== null;
}

/** Does what is left of a claimed transition; each part counts once, however much of it was done before a crash. */
export async function finishTransition(
	context: ReservationContext,
	reservation: Reservation,
	transition: ReservationTransition
): Promise<void> {
	const { _id } = reservation;
	const { via, to, fact: event } = RESERVATION_TRANSITIONS[transition];
	// Nothing goes back in parts any more once the rest does.
	const lines = transition === "return" ? listLeftUnits(reservation) : reservation.lines;
	const counted = [];
	for (const { skuId, quantity } of lines) {
		const change = await countChange(context, skuId, createStockChange(_id, transition, quantity));
		if (!change) throw new Error(`Stock of ${skuId} is out of balance with reservation ${_id}`);
		counted.push({ skuId, change });
	}
	await context.reservations.change({ _id, state: via }, { $set: { state: to, updatedAt: new Date() } }, [
		...(lines.length > 0 ? [fact(event, { orderId: _id, lines })] : [])
	]);
	for (const { skuId, change } of counted) await postToLedger(context, skuId, change);
}

/** The refusal for a reservation that is not in a state for this. */
export const notInState = (orderId: string, state: ReservationState | "none"): Refusal =>
	invalidState("The reservation of this order is not in a state for this", {
		id: orderId,
		state,
		allowed: Object.values(RESERVATION_TRANSITIONS).flatMap(({ from, to }) =>
			from === state ? [to] : []
		)
	});
