import { findFreeSlot, getTakenSlots, makeSlot } from "./unpaid-slot.domain";

it("finds the lowest free slot, and none when as many as allowed are taken", () => {
	expect(findFreeSlot(new Set([0, 2]), 5)).toBe(1);
	expect(findFreeSlot(new Set([0, 1]), 2)).toBeNull();
	expect(findFreeSlot(new Set([7, 8]), 2)).toBeNull();
});

it("reads the numbers of the slots back from the orders that take one", () => {
	const orders = [{ slot: makeSlot("u", 0) }, {}, { slot: makeSlot("u:1", 12) }];

	expect(getTakenSlots(orders)).toEqual(new Set([0, 12]));
});
