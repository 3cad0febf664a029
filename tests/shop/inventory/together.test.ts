import { closeInventory, openInventory } from "../../support/inventory-stores";
import { adjustStock } from "../../../services/inventory/adjust-stock";
import { countChange, postToLedger } from "../../../services/inventory/stock-counter";
import type { ReservationContext } from "../../../services/inventory/inventory.context";

let inventory: ReservationContext;
beforeAll(async () => {
	inventory = await openInventory();
});
afterAll(closeInventory);

const aReserve = (cause: string, quantity: number) =>
	({ cause, type: "reserve", quantity, orderId: cause, by: "system", reason: null }) as const;

it("counts concurrent changes in few writes, each as if it had come alone", async () => {
	const skuId = "tea-1";
	const { version } = await adjustStock(inventory, skuId, {
		delta: 100,
		cause: "come",
		by: "staff",
		reason: ""
	});
	const changes = Array.from({ length: 60 }, (_, n) => aReserve(`order-${n % 50}`, n % 5 === 4 ? 200 : 3));

	const entries = await Promise.all(changes.map(change => countChange(inventory, skuId, change)));
	const counted = await inventory.stock.get(skuId);
	await Promise.all(entries.flatMap(entry => (entry ? [postToLedger(inventory, skuId, entry)] : [])));

	// Every fifth change asks for too much. Of the others the first 33 get their three units, and a repeated cause counts once.
	const ids = new Set(entries.flatMap(entry => entry?.id ?? []));
	expect([ids.size, counted.available, counted.reserved]).toEqual([33, 1, 99]);
	expect(counted.version - version).toBeLessThan(10);
	expect(entries.slice(50).map(entry => entry?.id)).toEqual(entries.slice(0, 10).map(entry => entry?.id));
	const rows = await inventory.ledger.find({ skuId }, { sort: { _id: 1 } });
	for (const [n, row] of rows.entries()) expect(row.before).toEqual(rows[n - 1]?.after ?? row.before);
	expect(rows.at(-1)?.after).toEqual({ available: 1, reserved: 99, sold: 0 });
	expect((await inventory.stock.get(skuId)).inFlight).toEqual([]);
});
