import type * as CountingModule from "../../services/inventory/counting";
import type { Holds } from "../../services/inventory/reserving";
import { Catalogue } from "../catalogue/builders";
import { startShop, type Shop } from "../harness/shop";
import { aSkuInStock } from "../orders/buyers";

let shop: Shop;
let staff: Catalogue;
beforeAll(async () => {
	shop = await startShop();
	staff = new Catalogue(shop, await shop.asAdmin());
});
afterAll(() => shop.stop());

const reserving = (cause: string, quantity: number) =>
	({ cause, type: "reserve", quantity, orderId: cause, by: "system", reason: null }) as const;

it("counts changes that come together in few writes, each as if it had come alone", async () => {
	const { count, settle } = require("../../services/inventory/counting") as typeof CountingModule;
	const books = shop.broker.getLocalService("inventory") as unknown as Holds;
	const skuId = await aSkuInStock(staff, 100);
	const { version } = await books.stock.get(skuId);
	const changes = Array.from({ length: 60 }, (_, n) => reserving(`order-${n % 50}`, n % 5 === 4 ? 200 : 3));

	const entries = await Promise.all(changes.map(change => count(books, skuId, change)));
	const counted = await books.stock.get(skuId);
	await Promise.all(entries.flatMap(entry => (entry ? [settle(books, skuId, entry)] : [])));

	// Each fifth asks for too much; of the others the first 33 get their three units; who comes twice is counted once.
	const ids = new Set(entries.flatMap(entry => entry?.id ?? []));
	expect([ids.size, counted.available, counted.reserved]).toEqual([33, 1, 99]);
	expect(counted.version - version).toBeLessThan(10);
	expect(entries.slice(50).map(entry => entry?.id)).toEqual(entries.slice(0, 10).map(entry => entry?.id));
	const rows = await books.log.find({ skuId }, { sort: { _id: 1 } });
	for (const [n, row] of rows.entries()) expect(row.before).toEqual(rows[n - 1]?.after ?? row.before);
	expect(rows.at(-1)?.after).toEqual({ available: 1, reserved: 99, sold: 0 });
	expect((await books.stock.get(skuId)).inFlight).toEqual([]);
});
