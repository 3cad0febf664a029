import { StaffClient } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";
import {
	aBuyer,
	aSkuInStock,
	deliverFact,
	getOrderStore,
	aPaymentFor,
	refusalOf,
	type Buyer
} from "../../support/buyers";

let shop: Shop;
let staff: StaffClient;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 100 });
});
afterAll(() => shop.stop());

const orderAtOnce = (buyer: Buyer, n: number, skuId: string) =>
	Promise.all(Array.from({ length: n }, () => refusalOf(buyer.order([{ skuId, quantity: 1 }]))));

it("sells a user no more units of a SKU than its limit, however many orders come at once", async () => {
	const skuId = await aSkuInStock(staff, 50, { limitPerUser: 3 });
	const [greedy, other] = await Promise.all([aBuyer(shop), aBuyer(shop)]);

	const [greedyOutcomes, otherOutcomes] = await Promise.all([
		orderAtOnce(greedy, 20, skuId),
		orderAtOnce(other, 2, skuId)
	]);

	expect(greedyOutcomes.filter(outcome => outcome === "not refused")).toHaveLength(3);
	expect(greedyOutcomes.filter(outcome => outcome === "VALIDATION_ERROR")).toHaveLength(17);
	expect(otherOutcomes).toEqual(["not refused", "not refused"]);
	const stock = await staff.mustSend("GET", `/admin/inventory/${skuId}`);
	expect(stock).toMatchObject({ available: 45, reserved: 5 });
});

it("stops counting orders that were cancelled or refunded, and keeps counting paid ones", async () => {
	const skuId = await aSkuInStock(staff, 50, { limitPerUser: 2 });
	const buyer = await aBuyer(shop);
	const more = () => refusalOf(buyer.order([{ skuId, quantity: 1 }]));
	const cancelled = await buyer.order([{ skuId, quantity: 1 }]);
	const paid = await buyer.order([{ skuId, quantity: 1 }]);
	await deliverFact(shop, "orders", "payment.succeeded", aPaymentFor(paid));

	const seen = [await more()];
	await buyer.call("orders.cancel", { id: cancelled.id });
	seen.push(await more(), await more());
	await getOrderStore(shop).mustChange(paid.id, {}, { $set: { status: "refunded" } });
	seen.push(await more(), await more());

	const [yes, no] = ["not refused", "VALIDATION_ERROR"];
	expect(seen).toEqual([no, yes, no, yes, no]);
});

it("applies the present limit, which staff may set, lower and lift", async () => {
	const skuId = await aSkuInStock(staff, 50);
	const [productId] = skuId.split(/-(?=\d+$)/);
	const buyer = await aBuyer(shop);
	const limit = (limitPerUser: number | null) =>
		staff.mustSend("PATCH", `/admin/products/${productId}/skus/${skuId}`, { limitPerUser });
	const seen = [];

	for (const value of [2, 1, null, 5, 6]) {
		const { limitPerUser } = await limit(value);
		seen.push([limitPerUser, await refusalOf(buyer.order([{ skuId, quantity: 2 }]))]);
	}

	const shown = await staff.mustSend("GET", `/products/${productId}`);
	expect(shown.skus[0].limitPerUser).toBe(6);
	expect(seen).toEqual([
		[2, "not refused"],
		[1, "VALIDATION_ERROR"],
		[null, "not refused"],
		[5, "VALIDATION_ERROR"], // units bought before there was a limit count as well
		[6, "not refused"]
	]);
});

it("is named by the refusal, for an order and for a cart", async () => {
	const skuId = await aSkuInStock(staff, 50, { limitPerUser: 2 });
	const shopper = new Shopper(shop, await shop.asUser());

	const placed = await shopper.tryOrder(skuId, 3);
	const inCart = await shopper.send("POST", "/cart/items", { skuId, quantity: 3 });

	expect([placed.status, placed.body.code, placed.body.data]).toEqual([
		400,
		"VALIDATION_ERROR",
		[{ field: "items[0].quantity", type: "limitPerUser", message: "超过限购：每人至多 2 件" }]
	]);
	expect([inCart.status, inCart.body.data[0].field]).toEqual([400, "quantity"]);
});

it("blocks a cart line above a limit that was lowered since, until the line is within it", async () => {
	const skuId = await aSkuInStock(staff, 50, { limitPerUser: 3 });
	const [productId] = skuId.split(/-(?=\d+$)/);
	const shopper = new Shopper(shop, (await shop.register("13712345670")).token);
	await shopper.mustSend("POST", "/cart/items", { skuId, quantity: 3 });
	const seen = async () => {
		const { items, totals } = await shopper.mustSend("GET", "/cart");
		const { quantity, available, limitPerUser, problem } = items[0];
		return { quantity, available, limitPerUser, problem, total: totals.itemsTotal / items[0].price };
	};
	const preview = async () => (await shopper.send("POST", "/cart/preview", {})).status;

	const before = [await seen(), await preview()];
	await staff.mustSend("PATCH", `/admin/products/${productId}/skus/${skuId}`, { limitPerUser: 2 });
	const inForce = async () => (await seen()).limitPerUser === 2;
	await until("the cart to know the new limit", inForce);
	const lowered = [await seen(), await preview()];
	await shopper.mustSend("PATCH", `/cart/items/${skuId}`, { quantity: 2 });
	const within = [await seen(), await preview()];

	expect(before).toEqual([{ quantity: 3, available: 3, limitPerUser: 3, problem: null, total: 3 }, 200]);
	expect(lowered).toEqual([
		{ quantity: 3, available: 2, limitPerUser: 2, problem: "OUT_OF_STOCK", total: 0 },
		400
	]);
	expect(within).toEqual([{ quantity: 2, available: 2, limitPerUser: 2, problem: null, total: 2 }, 200]);
});
