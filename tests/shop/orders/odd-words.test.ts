import { StaffClient, unique } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { aSkuInStock } from "../../support/buyers";

let shop: Shop;
let staff: StaffClient;
let shopper: Shopper;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	shopper = new Shopper(shop, await shop.asUser());
});
afterAll(() => shop.stop());

it("refuses half a surrogate pair, which no store can keep", async () => {
	const skuId = await aSkuInStock(staff, 5);
	const body = { items: [{ skuId, quantity: 1 }], addressId: await shopper.address(), remark: "\ud83d!" };

	const { status, body: refusal } = await shopper.send("POST", "/orders", body, unique("order-"));

	expect([status, refusal.data[0].field]).toEqual([400, "remark"]);
});

it("accepts an empty remark from the buyer and from staff", async () => {
	const skuId = await aSkuInStock(staff, 5);
	const addressId = await shopper.address();
	const body = { items: [{ skuId, quantity: 1 }], addressId, remark: "" };

	const { status, body: placed } = await shopper.send("POST", "/orders", body, unique("order-"));
	const remarked = await staff.send("POST", `/admin/orders/${placed.data?.id}/remark`, { remark: "" });

	expect([status, placed.data.remark]).toEqual([201, ""]);
	expect([remarked.status, remarked.body.data.staffRemark]).toEqual([200, ""]);
});
