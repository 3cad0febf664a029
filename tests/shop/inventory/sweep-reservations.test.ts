import { sweepUnfinishedChanges } from "../../../services/inventory/sweep-reservations";
import { adjustStock } from "../../../services/inventory/adjust-stock";
import type { Reservation } from "../../../services/inventory/reservation.domain";
import type { InventoryContext } from "../../../services/inventory/reserve";
import { closeInventory, openInventory } from "../../support/inventory-stores";

let books: InventoryContext;
beforeAll(async () => {
	books = await openInventory();
});
afterAll(closeInventory);

const LATER = new Date(Date.now() + 3_600_000);
const underWay = (_id: string, skuId: string, at: number): Reservation => ({
	_id,
	lines: [{ skuId, quantity: 1 }],
	state: "deducting",
	held: true,
	expiresAt: LATER,
	updatedAt: new Date(at)
});

it("heals what can be healed behind a reservation that cannot", async () => {
	await books.reservations.insert(underWay("broken", "no-such-sku", 1));
	await adjustStock(books, "sku", { delta: 1, cause: "seed", by: "u", reason: "first" });
	await books.stock.change({ _id: "sku" }, { $set: { available: 0, reserved: 1 } });
	await books.reservations.insert(underWay("sound", "sku", 2));

	const failed = await sweepUnfinishedChanges(books, LATER).catch((err: unknown) => err);

	expect(String(failed)).toContain("no-such-sku");
	expect((await books.reservations.get("sound")).state).toBe("deducted");
	expect(await books.stock.get("sku")).toMatchObject({ reserved: 0, sold: 1 });
	expect((await books.reservations.get("broken")).state).toBe("deducting");
});
