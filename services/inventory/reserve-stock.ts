import type { Demand } from "../../schemas/values/demand";
import { Refusal } from "../../schemas/errors/errors";
import { fact } from "../../schemas/registry";
import type { ReservationContext } from "./inventory.context";
import { createStockChange, hasSameLines, type Reservation, type Shortage } from "./reservation.domain";
import { notInState, undoReserve } from "./reservation.transitions";
import { countChange, postToLedger } from "./stock-counter";

/** Reserves all lines for the order, or none: refuses with OUT_OF_STOCK and names every line that is short. */
export async function reserveStock(
	context: ReservationContext,
	orderId: string,
	lines: readonly Demand[],
	expiresAt: Date,
	owner?: Reservation["owner"]
): Promise<void> {
	const short = await findShortages(context, lines); // before the first write, so that a sold-out SKU costs none
	if (short.length) {
		const known = await context.reservations.findOne({ _id: orderId });
		if (known) return answerRepeated(known, lines);
		throw outOfStock(short);
	}

	const draft: Reservation = {
		_id: orderId,
		...(owner && { owner }),
		lines,
		state: "opening",
		held: false,
		expiresAt,
		updatedAt: new Date()
	};
	const claimed = await context.reservations.insertOnce(draft, { _id: orderId });
	if (claimed !== draft) return answerRepeated(claimed, lines);
	const counted = [];
	for (const line of lines) {
		const change = await countChange(
			context,
			line.skuId,
			createStockChange(orderId, "reserve", line.quantity)
		);
		if (!change) return refuseReservation(context, draft, line);
		counted.push({ skuId: line.skuId, change });
	}
	const opened = await context.reservations.change(
		{ _id: orderId, state: "opening" },
		{ $set: { state: "open", held: true, updatedAt: new Date() } },
		[fact("stock.reserved", { orderId, lines })]
	);
	if (!opened) {
		// A release came between, or the sweep, which took this process for dead.
		await undoReserve(context, draft);
		throw notInState(orderId, "released");
	}
	for (const { skuId, change } of counted) await postToLedger(context, skuId, change);
}

/** Answers a `reserve` of an order that has a reservation already: returns if that one holds the same lines, else refuses. */
function answerRepeated(known: Reservation, lines: readonly Demand[]): void {
	if (known.state === "refused") throw outOfStock(known.short ?? []);
	if (known.state === "opening")
		throw new Refusal("IDEMPOTENCY_IN_PROGRESS", "This order is being reserved");
	const stands = known.state === "open" || known.state === "deducting" || known.state === "deducted";
	if (!stands || !hasSameLines(known.lines, lines)) throw notInState(known._id, known.state);
}

/** Refuses a reservation because one line is out of stock. Units that were taken are given back before the other lines are judged. */
async function refuseReservation(
	context: ReservationContext,
	{ _id, lines }: Reservation,
	failed: Demand
): Promise<never> {
	await context.reservations.change(
		{ _id, state: "opening" },
		{ $set: { state: "refused", updatedAt: new Date() } }
	);
	await undoReserve(context, { _id, lines });
	const listed = await findShortages(context, lines);
	const requested = failed.quantity;
	// The line that could not be counted is named even if units have come back since.
	const short = listed.some(({ skuId }) => skuId === failed.skuId)
		? listed
		: [...listed, { skuId: failed.skuId, requested, available: requested - 1 }];
	await context.reservations.change({ _id, state: "refused" }, { $set: { short } });
	throw outOfStock(short);
}

/** Lines that ask for more units than there are. */
async function findShortages(
	{ stock }: Pick<ReservationContext, "stock">,
	lines: readonly Demand[]
): Promise<Shortage[]> {
	const found = await stock.find({ _id: { $in: lines.map(l => l.skuId) } }, { fields: ["available"] });
	const available = new Map(found.map(s => [s._id, s.available]));
	return lines
		.map(l => ({ skuId: l.skuId, requested: l.quantity, available: available.get(l.skuId) ?? 0 }))
		.filter(s => s.available < s.requested);
}

const outOfStock = (items: readonly Shortage[]) =>
	new Refusal("OUT_OF_STOCK", "Not enough units for this order", { items });
