import { StaffClient } from "../../support/builders";
import type { Reply } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { ShopProcess } from "../../support/shop-process";
import { until } from "../../support/until";
import { aSkuInStock } from "../../support/buyers";

let shops: readonly ShopProcess[];
let staff: StaffClient;
beforeAll(async () => {
	const first = await ShopProcess.start();
	staff = new StaffClient(first, await first.asAdmin());
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 100 });
	shops = [first, await ShopProcess.start({}, { dataDir: first.dataDir })];
});
afterAll(async () => {
	for (const shop of shops) await shop.remove();
});

/** The same customer at each of the gateways. */
async function registerAtEach(phone: string): Promise<Shopper[]> {
	const { token } = await staff.shop.register(phone);
	const addressId = await new Shopper(staff.shop, token).address();
	return shops.map(shop => new Shopper(shop, token, addressId));
}
const tryOrders = (shoppers: readonly Shopper[], skuId: string, times: number): Promise<Reply[]> =>
	Promise.all(Array.from({ length: times }, () => shoppers.map(shopper => shopper.tryOrder(skuId))).flat());
const keepPlaced = (replies: readonly Reply[]) => replies.filter(({ status }) => status === 201);
const waitForStock = (skuId: string, expected: object) =>
	until("the stock", async () => {
		const stock = await staff.mustSend("GET", `/admin/inventory/${skuId}`);
		return Object.entries(expected).every(([name, value]) => stock[name] === value);
	});

it("sells the last units once, whichever process counts them", async () => {
	const skuId = await aSkuInStock(staff, 7);
	const shoppers = await registerAtEach("13711110001");

	const replies = await tryOrders(shoppers, skuId, 20);

	expect(keepPlaced(replies)).toHaveLength(7);
	expect(new Set(replies.map(({ body }) => body.code))).toEqual(new Set(["OK", "OUT_OF_STOCK"]));
	await waitForStock(skuId, { available: 0, reserved: 7 });
});

it("frees the units of a purchase limit once when both processes cancel, and sells no more than those", async () => {
	const skuId = await aSkuInStock(staff, 50, { limitPerUser: 3 });
	const shoppers = await registerAtEach("13711110002");
	const [one] = shoppers as [Shopper];

	const first = keepPlaced(await tryOrders(shoppers, skuId, 8));
	const ids: string[] = first.map(({ body }) => body.data.id);
	const cancels = await Promise.all(
		ids.flatMap(id => shoppers.map(shopper => shopper.send("POST", `/orders/${id}/cancel`, {})))
	);
	const second = keepPlaced(await tryOrders(shoppers, skuId, 8));
	const over = await one.tryOrder(skuId);

	expect([ids.length, cancels.filter(({ status }) => status === 200).length, second.length]).toEqual([
		3, 3, 3
	]);
	expect(over.body.data.items).toMatchObject([{ skuId, limit: 3, requested: 1 }]);
	await waitForStock(skuId, { available: 47, reserved: 3 });
});
