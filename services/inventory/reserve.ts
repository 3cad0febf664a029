import type { Store } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors";
import { fact } from "../../schemas/registry";
import { countChange, postToLedger, undoChange, type Books } from "./stock-counter";
import {
	hasSameLines,
	RESERVATION_TRANSITIONS,
	type Reservation,
	type Shortage,
	type ReservationTransition
} from "./reservation.domain";
import type { StockChange, Line } from "./stock.domain";

export type InventoryContext = Books & { readonly reservations: Store<Reservation> };

/** Holds all lines for the order, or none: refuses with OUT_OF_STOCK, naming every line that is short. */
export async function reserveStock(
	holds: InventoryContext,
	orderId: string,
	lines: readonly Line[],
	expiresAt: Date
): Promise<void> {
	const known = await holds.reservations.findOne({ _id: orderId });
	if (known) return repeated(known, lines);
	const short = await shortages(holds, lines); // first, so that being sold out costs no write
	if (short.length) throw outOfStock(short);

	const draft: Reservation = {
		_id: orderId,
		lines,
		state: "opening",
		held: false,
		expiresAt,
		updatedAt: new Date()
	};
	const claimed = await holds.reservations.insertOnce(draft, { _id: orderId });
	if (claimed !== draft) return repeated(claimed, lines);
	const entries = [];
	for (const line of lines) {
		const entry = await countChange(holds, line.skuId, change(orderId, "reserve", line));
		if (!entry) return turnDown(holds, draft, line);
		entries.push({ skuId: line.skuId, entry });
	}
	const opened = await holds.reservations.change(
		{ _id: orderId, state: "opening" },
		{ $set: { state: "open", held: true, updatedAt: new Date() } },
		[fact("stock.reserved", { orderId, lines })]
	);
	if (!opened) {
		// Released meanwhile, or taken for dead by the sweep.
		await undoAll(holds, draft);
		throw tooLate(orderId);
	}
	for (const { skuId, entry } of entries) await postToLedger(holds, skuId, entry);
}

/** Frees what the order holds, and leaves a mark that no later `reserve` of the order passes. */
export async function releaseStock(holds: InventoryContext, orderId: string): Promise<void> {
	const now = new Date();
	const mark: Reservation = {
		_id: orderId,
		lines: [],
		state: "released",
		held: false,
		expiresAt: now,
		updatedAt: now
	};
	const known = await holds.reservations.insertOnce(mark, { _id: orderId });
	if (known === mark) return;
	if (await abandonReservation(holds, known)) return;
	if (await step(holds, orderId, "release")) return;
	const { state } = await holds.reservations.get(orderId);
	if (state !== "releasing" && state !== "released" && state !== "refused") throw tooLate(orderId);
}

/** The order is paid: what it held is sold. */
export async function deductStock(holds: InventoryContext, orderId: string): Promise<void> {
	if (await step(holds, orderId, "deduct")) return;
	const known = await holds.reservations.findOne({ _id: orderId });
	// Not held (yet), or freed: only a cancelled order frees, and a cancelled order is never paid, so this is no ordinary
	// lateness. Rejected, the fact comes again, and is a dead letter in the end, where a person sees it.
	if (!known?.held || known.state === "releasing" || known.state === "released") throw tooLate(orderId);
}

/** The goods of a refunded order never left: they can be sold again. */
export async function returnStock(holds: InventoryContext, orderId: string): Promise<void> {
	// Refunded means paid before, so a sale whose news is still on the way is counted now.
	await step(holds, orderId, "deduct");
	if (await step(holds, orderId, "return")) return;
	const known = await holds.reservations.findOne({ _id: orderId });
	if (known?.state !== "returning" && known?.state !== "returned") throw tooLate(orderId); // comes again
}

/** Undoes a reserve that is under way; false when it is not. */
export async function abandonReservation(
	holds: InventoryContext,
	{ _id }: Pick<Reservation, "_id">
): Promise<boolean> {
	const abandoned = await holds.reservations.change(
		{ _id, state: "opening" },
		{ $set: { state: "released", updatedAt: new Date() } }
	);
	if (abandoned) await undoAll(holds, abandoned);
	return abandoned !== null;
}

/** Takes a step if the reservation is in the state for it. */
async function step(holds: InventoryContext, orderId: string, name: ReservationTransition): Promise<boolean> {
	const { from, via } = RESERVATION_TRANSITIONS[name];
	const claimed = await holds.reservations.change(
		{ _id: orderId, state: from },
		{ $set: { state: via, updatedAt: new Date() } }
	);
	if (claimed) await finishTransition(holds, claimed, name);
	return claimed !== null;
}

/** Does what is left of a claimed step, however much of it a crash or a twin has done before. */
export async function finishTransition(
	holds: InventoryContext,
	{ _id, lines }: Reservation,
	name: ReservationTransition
): Promise<void> {
	const { via, to, told } = RESERVATION_TRANSITIONS[name];
	const entries = [];
	for (const line of lines) {
		const entry = await countChange(holds, line.skuId, change(_id, name, line));
		if (!entry) throw new Error(`Stock of ${line.skuId} is out of balance with reservation ${_id}`);
		entries.push({ skuId: line.skuId, entry });
	}
	await holds.reservations.change({ _id, state: via }, { $set: { state: to, updatedAt: new Date() } }, [
		fact(told, { orderId: _id, lines })
	]);
	for (const { skuId, entry } of entries) await postToLedger(holds, skuId, entry);
}

function repeated(known: Reservation, lines: readonly Line[]): void {
	if (known.state === "refused") throw outOfStock(known.short ?? []);
	if (known.state === "opening")
		throw new Refusal("IDEMPOTENCY_IN_PROGRESS", "This order is being reserved", { orderId: known._id });
	const stands = known.state === "open" || known.state === "deducting" || known.state === "deducted";
	if (!stands || !hasSameLines(known.lines, lines)) throw tooLate(known._id);
}

/** Gives up a reserve for want of one line; what was taken is given back before the others are judged. */
async function turnDown(holds: InventoryContext, { _id, lines }: Reservation, failed: Line): Promise<never> {
	await holds.reservations.change(
		{ _id, state: "opening" },
		{ $set: { state: "refused", updatedAt: new Date() } }
	);
	await undoAll(holds, { _id, lines });
	const listed = await shortages(holds, lines);
	const requested = failed.quantity;
	// Counting decides: the line that failed is named even if units came back since.
	const short = listed.some(({ skuId }) => skuId === failed.skuId)
		? listed
		: [...listed, { skuId: failed.skuId, requested, available: requested - 1 }];
	await holds.reservations.change({ _id, state: "refused" }, { $set: { short } });
	throw outOfStock(short);
}

async function undoAll(
	holds: InventoryContext,
	{ _id, lines }: Pick<Reservation, "_id" | "lines">
): Promise<void> {
	for (const { skuId } of lines) await undoChange(holds, skuId, causeOf(_id, "reserve"));
}

/** Lines that ask for more than there is. */
async function shortages({ stock }: Books, lines: readonly Line[]): Promise<Shortage[]> {
	const found = await stock.find({ _id: { $in: lines.map(l => l.skuId) } }, { fields: ["available"] });
	const available = new Map(found.map(s => [s._id, s.available]));
	return lines
		.map(l => ({ skuId: l.skuId, requested: l.quantity, available: available.get(l.skuId) ?? 0 }))
		.filter(s => s.available < s.requested);
}

const causeOf = (orderId: string, type: ReservationTransition | "reserve") => `${orderId}:${type}`;
/** Under which the ledger has the changes of an order. */
export const listCauses = (orderId: string) =>
	(["reserve", "release", "deduct", "return"] as const).map(type => causeOf(orderId, type));
const change = (
	orderId: string,
	type: ReservationTransition | "reserve",
	{ quantity }: Line
): StockChange => ({
	cause: causeOf(orderId, type),
	type,
	quantity,
	orderId,
	by: "system",
	reason: null
});
const outOfStock = (items: readonly Shortage[]) =>
	new Refusal("OUT_OF_STOCK", "Not enough units for this order", { items });
const tooLate = (orderId: string) =>
	new Refusal("INVALID_STATE", "The reservation of this order is not in a state for this", { orderId });
