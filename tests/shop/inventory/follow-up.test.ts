import { closeInventory, openInventory } from "../../support/inventory-stores";
import { seedStock } from "../../../services/inventory/adjust-stock";
import { sweepOverdueReservations } from "../../../services/inventory/sweep-reservations";
import type { InventoryContext, ReservationContext } from "../../../services/inventory/inventory.context";
import { reserveStock } from "../../../services/inventory/reserve-stock";

let inventory: ReservationContext;
beforeAll(async () => {
	inventory = await openInventory();
	await seedStock(inventory, [{ skuId: "tea-1", available: 100 }]);
});
afterAll(closeInventory);

const PAST = new Date(Date.now() - 1000);

it("releases or deducts overdue reservations by the status of their orders", async () => {
	const statuses = { gone: undefined, cancelled: "cancelled", paid: "paid", late: "pending_payment" };
	for (const orderId of [...Object.keys(statuses), "young"])
		await reserveStock(
			inventory,
			orderId,
			[{ skuId: "tea-1", quantity: 1 }],
			orderId === "young" ? new Date(Date.now() + 60_000) : PAST
		);
	const asked: string[] = [];

	const broker = {
		async call(_action: string, { orderIds }: { orderIds: readonly string[] }) {
			asked.push(...orderIds);
			return Object.entries(statuses).flatMap(([orderId, status]) =>
				status ? [{ orderId, status }] : []
			);
		}
	} as unknown as InventoryContext["broker"];
	await sweepOverdueReservations({ ...inventory, broker }, new Date());

	const found = await inventory.reservations.find({});
	expect(asked.toSorted()).toEqual(["cancelled", "gone", "late", "paid"]);
	expect(Object.fromEntries(found.map(({ _id, state }) => [_id, state]))).toEqual({
		gone: "released",
		cancelled: "released",
		paid: "deducted",
		late: "open",
		young: "open"
	});
	expect(await inventory.stock.get("tea-1")).toMatchObject({ available: 97, reserved: 2, sold: 1 });
});
