import type { Order } from "./order.domain";

/** Value of the unique field `slot`: at most one order of the user can have the number. */
export const makeSlot = (userId: string, number: number): string => `${userId}:${number}`;

/** Numbers of the slots that the orders take. */
export const getTakenSlots = (orders: readonly Pick<Order, "slot">[]): Set<number> =>
	new Set(orders.flatMap(({ slot }) => (slot === undefined ? [] : [Number(slot.split(":").at(-1))])));

/** The lowest free slot of a user who may have `max` unpaid orders; null when all are taken. */
export function findFreeSlot(taken: ReadonlySet<number>, max: number): number | null {
	if (taken.size >= max) return null;
	for (let slot = 0; slot < max; slot++) if (!taken.has(slot)) return slot;
	return null;
}
