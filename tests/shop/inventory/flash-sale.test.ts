import { StaffClient } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
import { aSkuInStock } from "../../support/buyers";
import { createCustomers, orderAtOnce, countByCode } from "../../support/crowd";
import { withSecondTry } from "../../support/second-try";

let shop: Shop;
let staff: StaffClient;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
});
afterAll(() => shop.stop());

/** Each try has customers of its own. */
let tries = 0;
withSecondTry("a stalled machine makes 400 buyers wait too long", () => {
	it("sells 20 units to exactly 20 of 400 buyers who come at once over HTTP, and refuses all others", async () => {
		const skuId = await aSkuInStock(staff, 20);
		const buyers = await createCustomers(shop.broker, 400, 13_300_000_000 + 1000 * tries++);

		const outcomes = await orderAtOnce(
			shop.url,
			buyers.map(buyer => ({ ...buyer, skuId })),
			buyers.length
		);

		expect(countByCode(outcomes)).toEqual({ OK: 20, OUT_OF_STOCK: 380 });
		expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([201, 409]));
		const stock = await staff.mustSend("GET", `/admin/inventory/${skuId}`);
		expect(stock).toMatchObject({ available: 0, reserved: 20, sold: 0, level: "out" });
	});
});
