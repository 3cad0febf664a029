import { NotYetError } from "../../schemas/errors/errors";
import { fact } from "../../schemas/registry";
import type { ReservationContext } from "./inventory.context";
import { createReturnChange, limitReturn, type PartialReturn, type Reservation } from "./reservation.domain";
import { deductIfOpen, isReturned } from "./reservation.transitions";
import { countChange, postToLedger } from "./stock-counter";

/**
 * Returns some units of a paid order to stock, once for the cause, and never more of a SKU than the order took. The return is
 * noted in the reservation before it is counted, so that a crash between the two is finished by the sweep.
 */
export async function returnUnits(
	context: ReservationContext,
	orderId: string,
	part: PartialReturn
): Promise<void> {
	// The order was paid before, so a deduction whose fact is still on the way is made now.
	await deductIfOpen(context, orderId);
	const reservation = await context.reservations.rewrite(orderId, current => {
		const { state, returns = [] } = current;
		// The whole rest has gone back, these units with it.
		if (isReturned(current) || returns.some(({ cause }) => cause === part.cause)) return null;
		if (state !== "deducted")
			throw new NotYetError(`The stock of order ${orderId} has not been deducted yet`);
		const lines = limitReturn(current, part.lines);
		if (!lines.length) return null;
		const now = new Date();
		return {
			guard: { state, [`returns.${returns.length}`]: { $exists: false } },
			update: {
				$set: { returningSince: now, updatedAt: now },
				$push: { returns: { ...part, lines }, openReturns: part.cause }
			}
		};
	});
	await finishReturns(context, reservation);
}

/** Counts the returns that were noted and not finished; each line counts once. */
export async function finishReturns(
	context: ReservationContext,
	{ _id, returns = [], openReturns = [] }: Reservation
): Promise<void> {
	for (const part of returns.filter(({ cause }) => openReturns.includes(cause))) {
		const counted = [];
		for (const { skuId, quantity } of part.lines) {
			const change = await countChange(context, skuId, createReturnChange(_id, part, quantity));
			if (!change) throw new Error(`Stock of ${skuId} is out of balance with reservation ${_id}`);
			counted.push({ skuId, change });
		}
		await context.reservations.change(
			{ _id, openReturns: part.cause },
			{ $pull: { openReturns: part.cause } },
			[fact("stock.returned", { orderId: _id, lines: part.lines })]
		);
		for (const { skuId, change } of counted) await postToLedger(context, skuId, change);
	}
	await context.reservations.change(
		{ _id, returningSince: { $exists: true }, "openReturns.0": { $exists: false } },
		{ $unset: { returningSince: "" } }
	);
}
