import { StaffClient, unique } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
import { sendUntilKnown } from "../../support/send-until-known";
import { Shopper } from "../../support/shopper";
import { aSkuInStock, getOrderStore } from "../../support/buyers";

let shop: Shop;
let staff: StaffClient;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => shop.stop());

it("places the order when its key is retried after a crash in the middle", async () => {
	await staff.mustSend("PUT", "/admin/config/orders.creatingTimeout", { value: 8 });
	const skuId = await aSkuInStock(staff, 5);
	const shopper = new Shopper(shop, await shop.asUser());
	const key = unique("order-");
	jest.spyOn(getOrderStore(shop), "change").mockRejectedValueOnce(new Error("The process died"));
	const crashed = await shopper.tryOrder(skuId, 1, key);

	const early = await shopper.tryOrder(skuId, 1, key);
	const late = await sendUntilKnown(() => shopper.tryOrder(skuId, 1, key));

	expect([crashed.status, early.status, early.body.code]).toEqual([500, 409, "IDEMPOTENCY_IN_PROGRESS"]);
	expect(late.status).toBe(201);
	expect((await shopper.mustSend("GET", "/orders")).total).toBe(1);
	expect(await staff.mustSend("GET", `/admin/inventory/${skuId}`)).toMatchObject({
		available: 4,
		reserved: 1
	});
});

it("refuses the key of an adjustment for another one, even without the gateway's idempotency claim", async () => {
	const skuId = await aSkuInStock(staff, 5);
	const meta = { user: { id: "staff", roles: ["warehouse"], sessionId: "s" } };
	const key = unique("adjust-");
	const adjust = (delta: number) =>
		shop.broker.call("inventory.adjust", { skuId, delta, reason: "count", key }, { meta });
	await adjust(2);
	await adjust(2);

	const other = adjust(3);

	await expect(other).rejects.toMatchObject({ type: "IDEMPOTENCY_KEY_REUSED" });
	expect(await staff.mustSend("GET", `/admin/inventory/${skuId}`)).toMatchObject({ available: 7 });
});
