import { closeInventory, openInventory } from "../../support/inventory-stores";
import { sweepUnfinishedChanges } from "../../../services/inventory/sweep-reservations";
import { adjustStock } from "../../../services/inventory/adjust-stock";
import type { Reservation } from "../../../services/inventory/reservation.domain";
import type { ReservationContext } from "../../../services/inventory/inventory.context";

let inventory: ReservationContext;
beforeAll(async () => {
	inventory = await openInventory();
});
afterAll(closeInventory);

const LATER = new Date(Date.now() + 3_600_000);
const aDeductingReservation = (_id: string, skuId: string, at: number): Reservation => ({
	_id,
	lines: [{ skuId, quantity: 1 }],
	state: "deducting",
	held: true,
	expiresAt: LATER,
	updatedAt: new Date(at)
});

it("finishes the reservations behind one that can't be finished", async () => {
	await inventory.reservations.insert(aDeductingReservation("broken", "no-such-sku", 1));
	await adjustStock(inventory, "sku", { delta: 1, cause: "seed", by: "u", reason: "first" });
	await inventory.stock.change({ _id: "sku" }, { $set: { available: 0, reserved: 1 } });
	await inventory.reservations.insert(aDeductingReservation("sound", "sku", 2));

	const failed = await sweepUnfinishedChanges(inventory, LATER).catch((err: unknown) => err);

	expect(String(failed)).toContain("no-such-sku");
	expect((await inventory.reservations.get("sound")).state).toBe("deducted");
	expect(await inventory.stock.get("sku")).toMatchObject({ reserved: 0, sold: 1 });
	expect((await inventory.reservations.get("broken")).state).toBe("deducting");
});
