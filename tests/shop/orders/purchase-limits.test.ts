import type { OrdersContext } from "../../../services/orders/orders.context";
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
	expect(greedyOutcomes.filter(outcome => outcome === "PURCHASE_LIMIT")).toHaveLength(17);
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

	const [yes, no] = ["not refused", "PURCHASE_LIMIT"];
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
		[1, "PURCHASE_LIMIT"],
		[null, "not refused"],
		[5, "PURCHASE_LIMIT"], // units bought before there was a limit count as well
		[6, "not refused"]
	]);
});

it("is named by the refusal, for an order and for a cart", async () => {
	const skuId = await aSkuInStock(staff, 50, { limitPerUser: 2 });
	const shopper = new Shopper(shop, await shop.asUser());

	const placed = await shopper.tryOrder(skuId, 3);
	const inCart = await shopper.send("POST", "/cart/items", { skuId, quantity: 3 });

	expect([placed.status, placed.body.code, placed.body.data]).toEqual([
		409,
		"PURCHASE_LIMIT",
		{ items: [{ skuId, limit: 2, bought: 0, requested: 3 }] }
	]);
	expect([inCart.status, inCart.body.code, inCart.body.data]).toEqual([
		409,
		"PURCHASE_LIMIT",
		{ items: [{ skuId, limit: 2, bought: 0, requested: 3 }] }
	]);
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
		409
	]);
	expect(within).toEqual([{ quantity: 2, available: 2, limitPerUser: 2, problem: null, total: 2 }, 200]);
});

describe("the limits of SKUs without one of their own", () => {
	const inForce = (key: string, value: number) => async () => {
		const { config } = shop.broker.getLocalService("orders") as unknown as OrdersContext;
		return config.get(key as "inventory.limitPerUser") === value;
	};
	async function setConfig(key: string, value: number) {
		await staff.mustSend("PUT", `/admin/config/${key}`, { value });
		await until(`${key} to be in force`, inForce(key, value));
	}

	it("lets a user hold no more unpaid units than inventory.unpaidUnitsPerUser, however many orders come at once", async () => {
		await setConfig("inventory.unpaidUnitsPerUser", 10);
		const [one, two] = [await aSkuInStock(staff, 90), await aSkuInStock(staff, 90)];
		const buyer = await aBuyer(shop);
		const orderFour = () => refusalOf(buyer.order([{ skuId: one, quantity: 4 }]));

		const outcomes = await Promise.all([orderFour(), orderFour(), orderFour(), orderFour()]);
		const [placed] = (await buyer.call("orders.list", {})).items;
		const tooMany = refusalOf(buyer.order([{ skuId: two, quantity: 3 }]));
		const seen = [await tooMany, await refusalOf(buyer.order([{ skuId: two, quantity: 2 }]))];
		await deliverFact(shop, "orders", "payment.succeeded", aPaymentFor(placed));
		seen.push(await orderFour(), await orderFour());
		await setConfig("inventory.unpaidUnitsPerUser", 500);

		expect(outcomes.filter(outcome => outcome === "not refused")).toHaveLength(2);
		expect(outcomes.filter(outcome => outcome === "PURCHASE_LIMIT")).toHaveLength(2);
		expect(seen).toEqual(["PURCHASE_LIMIT", "not refused", "not refused", "PURCHASE_LIMIT"]);
		expect(await staff.mustSend("GET", `/admin/inventory/${one}`)).toMatchObject({ available: 78 });
	});

	it("lets a user have no more units of a SKU than inventory.limitPerUser, unless the SKU has a limit of its own", async () => {
		await setConfig("inventory.limitPerUser", 2);
		const [general, own] = [
			await aSkuInStock(staff, 50),
			await aSkuInStock(staff, 50, { limitPerUser: 3 })
		];
		const shopper = new Shopper(shop, (await shop.register("13712345671")).token);
		const seen = [];
		for (const [skuId, quantity] of [
			[general, 3],
			[general, 2],
			[general, 1],
			[own, 3]
		] as const) {
			const { status, body } = await shopper.tryOrder(skuId, quantity);
			seen.push(status === 201 ? status : body.data.items);
		}
		const inCart = await shopper.send("POST", "/cart/items", { skuId: general, quantity: 3 });
		await setConfig("inventory.limitPerUser", 0);

		expect(seen).toEqual([
			[{ skuId: general, limit: 2, bought: 0, requested: 3 }],
			201,
			[{ skuId: general, limit: 2, bought: 2, requested: 1 }],
			201
		]);
		expect(inCart.body.code).toBe("PURCHASE_LIMIT");
	});
});
