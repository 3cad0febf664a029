import { StaffClient } from "../../support/builders";
import { aBuyer, aSkuInStock, getOrderStore, refusalOf, type Buyer } from "../../support/buyers";
import { aPromotion } from "../../support/offers";
import type { Ctx } from "../../../schemas/kit/service";
import type { NewPromotion } from "../../../schemas/promotions.contract";
import { addPromotion } from "../../../services/promotions/edit-promotion";
import type { PromotionsContext } from "../../../services/promotions/promotions.context";
import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";

let shop: Shop;
let staff: StaffClient;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 100 });
});
afterAll(() => shop.stop());

const buyers = (n: number): Promise<Buyer[]> => Promise.all(Array.from({ length: n }, () => aBuyer(shop)));
const usedOf = async (id: string): Promise<number> =>
	(await staff.mustSend("GET", `/admin/promotions/${id}`)).used;
const startSale = async (skuId: string, more: object) =>
	(await staff.mustSend("POST", "/admin/promotions", aPromotion("flash_sale", [skuId], more))).id as string;

it("sells exactly the units of a flash sale to a crowd, and the rest at the list price", async () => {
	const skuId = await aSkuInStock(staff, 1000, { price: 1000 });
	const id = await startSale(skuId, { value: 1, stock: 50, limitPerUser: 2 });
	const crowd = await buyers(200);

	const orders = await Promise.all(crowd.map(buyer => buyer.order([{ skuId, quantity: 2 }])));

	const cheap = orders.filter(({ total }) => total === 2);
	expect(cheap).toHaveLength(25);
	expect(orders.filter(({ total }) => total === 2000)).toHaveLength(175);
	expect(await usedOf(id)).toBe(50);
});

it("gives a buyer no more than the share, however many orders come at once", async () => {
	const skuId = await aSkuInStock(staff, 1000, { price: 1000 });
	const id = await startSale(skuId, { value: 1, stock: 50, limitPerUser: 3 });
	const buyer = await aBuyer(shop);

	const orders = await Promise.all(Array.from({ length: 10 }, () => buyer.order([{ skuId, quantity: 1 }])));

	expect(orders.filter(({ total }) => total === 1)).toHaveLength(3);
	expect(await usedOf(id)).toBe(3);
});

it("refuses a buyer who named the total, and takes nothing", async () => {
	const skuId = await aSkuInStock(staff, 10, { price: 1000 });
	const id = await startSale(skuId, { value: 1, stock: 1 });
	const [first, second] = await buyers(2);
	const ask = (buyer: Buyer | undefined) =>
		refusalOf(buyer?.order([{ skuId, quantity: 1 }], { expectedTotal: 1 }) ?? Promise.resolve());

	expect([await ask(first), await ask(second)]).toEqual(["not refused", "PRICE_CHANGED"]);
	expect(await staff.mustSend("GET", `/admin/inventory/${skuId}`)).toMatchObject({ reserved: 1 });
	expect(await usedOf(id)).toBe(1);
});

it("sells at the list price from the instant in which it ends, and refuses who named the total", async () => {
	const skuId = await aSkuInStock(staff, 10, { price: 1000 });
	const id = await startSale(skuId, { value: 1, stock: 5 });
	const buyer = await aBuyer(shop);
	const items = [{ skuId, quantity: 1 }];
	const { total } = await buyer.call("carts.preview", { items });
	await staff.mustSend("PATCH", `/admin/promotions/${id}`, { endsAt: new Date().toISOString() });

	const named = await refusalOf(buyer.order(items, { expectedTotal: total }));
	const unnamed = await buyer.order(items);

	expect([total, named, unnamed.total, await usedOf(id)]).toEqual([1, "PRICE_CHANGED", 1000, 0]);
});

it("has one version in each order while it is edited", async () => {
	const skuId = await aSkuInStock(staff, 100, { price: 1000 });
	const promotion = aPromotion("price_off", [skuId], { name: "off 100", value: 100 });
	const { id } = await staff.mustSend("POST", "/admin/promotions", promotion);
	const buyer = await aBuyer(shop);
	const edit = async () => {
		for (const value of [200, 100, 200, 100, 200])
			await staff.mustSend("PATCH", `/admin/promotions/${id}`, { name: `off ${value}`, value });
	};

	const [orders] = await Promise.all([
		Promise.all(Array.from({ length: 20 }, () => buyer.order([{ skuId, quantity: 2 }]))),
		edit()
	]);

	for (const { discounts, discountTotal, total, items } of orders) {
		expect(discounts).toEqual([expect.objectContaining({ name: `off ${discountTotal / 2}` })]);
		expect([total, items[0].price]).toEqual([2000 - discountTotal, 1000 - discountTotal / 2]);
	}
});

it("is refused where another process saves one for the same SKU in the same instant", async () => {
	const skuId = await aSkuInStock(staff, 10, { price: 1000 });
	const service = shop.broker.getLocalService("promotions") as unknown as PromotionsContext;
	const sale = aPromotion("flash_sale", [skuId], { value: 1, stock: 5 }) as unknown as NewPromotion;
	// What is serialized in one process is so by its context: two contexts are two processes.
	const saveBeside = () => {
		const { promotions, cache, quotas } = service;
		return addPromotion({ promotions, cache, quotas }, shop.broker as unknown as Ctx<unknown>, sale);
	};

	const outcomes = await Promise.all([saveBeside(), saveBeside()].map(refusalOf));

	const { items } = await staff.mustSend(
		"GET",
		"/admin/promotions?type=flash_sale&status=running&pageSize=100"
	);
	const left = items.filter(({ scope }: { scope: { skuIds: string[] } }) => scope.skuIds.includes(skuId));
	expect(outcomes).toContain("DUPLICATE");
	expect(left).toHaveLength(outcomes.filter(outcome => outcome === "not refused").length);
});

it("takes units back from an order that is cancelled, runs out, or is refunded before it was shipped", async () => {
	const skuId = await aSkuInStock(staff, 10, { price: 1000 });
	const id = await startSale(skuId, { value: 1, stock: 9 });
	const buyer = await aBuyer(shop);
	const [cancelled, expired] = await Promise.all([1, 2].map(() => buyer.order([{ skuId, quantity: 1 }])));
	expect(await usedOf(id)).toBe(2);

	await buyer.call("orders.cancel", { id: cancelled.id });
	await getOrderStore(shop).change({ _id: expired.id }, { $set: { expiresAt: new Date(0) } });
	await buyer.call("orders.get", { id: expired.id });

	await until("the units to come back", async () => (await usedOf(id)) === 0);
	const less = await staff.send("PATCH", `/admin/promotions/${id}`, { stock: 0 });
	expect(less.status).toBe(200);
});

it("undoes what an order took that finds no stock", async () => {
	const skuId = await aSkuInStock(staff, 1, { price: 1000 });
	const id = await startSale(skuId, { value: 1, stock: 9 });
	const [one, two] = await buyers(2);

	const outcomes = await Promise.all(
		[one, two].map(buyer => refusalOf(buyer?.order([{ skuId, quantity: 1 }]) ?? Promise.resolve()))
	);

	expect(outcomes.toSorted()).toEqual(["OUT_OF_STOCK", "not refused"]);
	expect(await usedOf(id)).toBe(1);
	const tooLow = await staff.send("PATCH", `/admin/promotions/${id}`, { stock: 0 });
	expect([tooLow.status, tooLow.body.data[0].field]).toEqual([400, "stock"]);
});

it("counts the uses of any promotion that has a limit", async () => {
	const skuId = await aSkuInStock(staff, 100, { price: 1000 });
	const body = aPromotion("amount_off", [skuId], { value: 400, stock: 3, limitPerUser: 1 });
	const { id } = await staff.mustSend("POST", "/admin/promotions", body);
	const crowd = await buyers(5);

	const orders = await Promise.all(
		crowd.flatMap(buyer => [1, 2].map(() => buyer.order([{ skuId, quantity: 1 }])))
	);

	const cheap = orders.filter(({ total }) => total === 600);
	expect(cheap).toHaveLength(3);
	expect(new Set(cheap.map(({ address: _address, ...order }) => order.id)).size).toBe(3);
	expect(await usedOf(id)).toBe(3);
});
