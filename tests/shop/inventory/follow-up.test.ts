import { seedStock } from "../../../services/inventory/adjust-stock";
import { sweepOverdueReservations } from "../../../services/inventory/sweep-reservations";
import { reserveStock, type InventoryContext } from "../../../services/inventory/reserve";
import { closeInventory, openInventory } from "../../support/inventory-stores";

let books: InventoryContext;
beforeAll(async () => {
	books = await openInventory();
	await seedStock(books, [{ skuId: "tea-1", available: 100 }]);
});
afterAll(closeInventory);

const PAST = new Date(Date.now() - 1000);

it("settles reservations past their deadline by what became of their orders", async () => {
	const statuses = { gone: undefined, cancelled: "cancelled", paid: "paid", late: "pending_payment" };
	for (const orderId of [...Object.keys(statuses), "young"])
		await reserveStock(
			books,
			orderId,
			[{ skuId: "tea-1", quantity: 1 }],
			orderId === "young" ? new Date(Date.now() + 60_000) : PAST
		);
	const asked: string[] = [];

	await sweepOverdueReservations(books, new Date(), orderIds => {
		asked.push(...orderIds);
		const known = Object.entries(statuses).flatMap(([id, status]) =>
			status ? [[id, status] as const] : []
		);
		return Promise.resolve(new Map(known));
	});

	const found = await books.reservations.find({});
	expect(asked.toSorted()).toEqual(["cancelled", "gone", "late", "paid"]);
	expect(Object.fromEntries(found.map(({ _id, state }) => [_id, state]))).toEqual({
		gone: "released",
		cancelled: "released",
		paid: "deducted",
		late: "open",
		young: "open"
	});
	expect(await books.stock.get("tea-1")).toMatchObject({ available: 97, reserved: 2, sold: 1 });
});
