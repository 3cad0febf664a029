import { aSku, StaffClient } from "../../support/builders";
import { aPromotion } from "../../support/offers";
import { SharedShop } from "../../support/shared-shop/shared-shop";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";

let shop: SharedShop;
let staff: StaffClient;
let shopper: Shopper;
beforeAll(async () => {
	shop = await SharedShop.open();
	staff = new StaffClient(shop, await shop.asAdmin());
	shopper = new Shopper(shop, await shop.asUser());
});

/** SKUs of one product at these prices, with 1,000 units each. */
async function skusAt(...prices: number[]): Promise<string[]> {
	const product = await staff.addProductOnShelf({ skus: prices.map(price => aSku({ price })) });
	const skuIds: string[] = product.skus.map(({ id }: { id: string }) => id);
	await Promise.all(skuIds.map(id => staff.addStock(id, 1000)));
	return skuIds;
}
const promote = (...args: Parameters<typeof aPromotion>) =>
	staff.mustSend("POST", "/admin/promotions", aPromotion(...args));
const linesOf = (...lines: [skuId: string, quantity: number][]) =>
	lines.map(([skuId, quantity]) => ({ skuId, quantity }));
const preview = (items: object[], more: object = {}) =>
	staff.mustSend("POST", "/cart/preview", { items, ...more });
const order = async (items: object[], more: object = {}) => {
	const addressId = await shopper.address();
	return shopper.send("POST", "/orders", { items, addressId, ...more }, `key-${Math.random()}`);
};

it("prices cart, preview and order alike, and freezes the explanation in the order", async () => {
	const [cup = "", tea = ""] = await skusAt(1000, 300);
	const off = await promote("price_off", [cup], { value: 100, label: "直降" });
	const most = await promote("amount_off", [cup, tea], { threshold: 2000, value: 200 });
	const more = await promote("amount_off", [cup], { threshold: 5000, value: 900 });
	const items = linesOf([cup, 2], [tea, 1]);

	const seen = await preview(items);
	const { status, body } = await order(items, { expectedTotal: seen.total });

	expect(seen).toMatchObject({
		itemsTotal: 2300,
		discountTotal: 400,
		total: 1900,
		lines: [
			{ skuId: cup, listPrice: 1000, price: 900, quantity: 2, discount: 171, amount: 1629 },
			{ skuId: tea, listPrice: 300, price: 300, quantity: 1, discount: 29, amount: 271 }
		],
		discounts: [
			{
				step: "unit",
				type: "price_off",
				id: off.id,
				amount: 200,
				base: 2000,
				lines: [{ skuId: cup, amount: 200 }]
			},
			{ step: "order", type: "amount_off", id: most.id, amount: 200, base: 2100 }
		]
	});
	expect(seen.notApplied).toContainEqual({
		id: more.id,
		name: more.name,
		reason: "THRESHOLD",
		missing: 3371
	});
	expect(status).toBe(201);
	const { discounts, itemsTotal, discountTotal, total } = seen;
	expect(body.data).toMatchObject({ discounts, itemsTotal, discountTotal, total });
	expect(body.data.items).toMatchObject([{ price: 900, listPrice: 1000, gift: false }, { price: 300 }]);
	expect(body.data.notApplied.map(({ reason }: { reason: string }) => reason)).toEqual(["THRESHOLD"]);
});

it("follows a change at once, and the order keeps the terms it was priced with", async () => {
	const [cup = ""] = await skusAt(1000);
	const { id } = await promote("price_off", [cup], { value: 100 });
	const before = (await order(linesOf([cup, 1]))).body.data;

	await staff.mustSend("PATCH", `/admin/promotions/${id}`, { value: 250 });
	const totals = [(await preview(linesOf([cup, 1]))).total];
	const changed = await order(linesOf([cup, 1]), { expectedTotal: 900 });
	await staff.mustSend("PATCH", `/admin/promotions/${id}`, { enabled: false });
	totals.push((await preview(linesOf([cup, 1]))).total);
	await staff.mustSend("DELETE", `/admin/promotions/${id}`);

	expect(totals).toEqual([750, 1000]);
	expect(changed).toMatchObject({ status: 409, body: { code: "PRICE_CHANGED" } });
	expect(await shopper.mustSend("GET", `/orders/${before.id}`)).toMatchObject({ total: 900 });
	expect((await staff.send("GET", `/admin/promotions/${id}`)).status).toBe(404);
});

it("sells goods that a promotion makes free, and has them paid at once", async () => {
	const [cup = ""] = await skusAt(100);
	await promote("amount_off", [cup], { value: 5000 });

	const { body } = await order(linesOf([cup, 1]));
	const cancelled = await staff.mustSend("POST", `/admin/orders/${body.data.id}/cancel`, {
		reason: "test"
	});

	expect(body.data).toMatchObject({ status: "paid", total: 0, discountTotal: 100 });
	expect(cancelled).toMatchObject({ status: "refunded", refundedTotal: 0 });
});

it("adds a gift as a line at 0 fen while its stock lasts", async () => {
	const [cup = "", spoon = ""] = await skusAt(1000, 50);
	const { id } = await promote("gift", [cup], { threshold: 1000, gift: { skuId: spoon, quantity: 1 } });

	const seen = await preview(linesOf([cup, 1]));
	const { body } = await order(linesOf([cup, 1]));
	await staff.addStock(spoon, -999);
	const without = await preview(linesOf([cup, 1]));

	expect(seen.gifts).toMatchObject([{ promotionId: id, skuId: spoon, quantity: 1 }]);
	expect(body.data).toMatchObject({
		total: 1000,
		items: [
			{ skuId: cup, gift: false, amount: 1000 },
			{ skuId: spoon, gift: true, price: 0, quantity: 1, amount: 0 }
		]
	});
	expect(await staff.mustSend("GET", `/admin/inventory/${spoon}`)).toMatchObject({ reserved: 1 });
	expect(without.gifts).toEqual([]);
	expect(without.notApplied).toContainEqual(expect.objectContaining({ id, reason: "SOLD_OUT" }));
});

it("keeps its times to the second, in whatever zone they are given", async () => {
	const [cup = ""] = await skusAt(1000);
	const { id } = await promote("price_off", [cup], { value: 1 });
	expect((await preview(linesOf([cup, 1]))).total).toBe(999);
	const endsAt = new Date(Date.now() + 2500);
	await staff.mustSend("PATCH", `/admin/promotions/${id}`, { endsAt: endsAt.toISOString() });

	let askedLast = 0;
	for (let total = 999; total === 999;) {
		const askedAt = Date.now();
		({ total } = await preview(linesOf([cup, 1])));
		if (total === 999) askedLast = askedAt;
	}

	expect(Date.now()).toBeGreaterThanOrEqual(endsAt.getTime());
	expect(askedLast).toBeLessThan(endsAt.getTime() + 1000);
});

it("shows the price of the cart and the labels in lists and on the product's page", async () => {
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 1000 }), aSku({ price: 1200 })] });
	const [low, high]: string[] = product.skus.map(({ id }: { id: string }) => id);
	await staff.addStock(high ?? "", 5);
	const sale = await promote("flash_sale", [high ?? ""], { value: 700, stock: 1, label: "秒杀" });
	const more = await promote("amount_off", [low ?? ""], { threshold: 5000, value: 900 });
	const promotions = [
		{ id: sale.id, type: "flash_sale", label: "秒杀" },
		{ id: more.id, type: "amount_off", label: more.name }
	];

	const { items } = await shopper.mustSend("GET", `/products?promotionId=${sale.id}`);
	const detail = await shopper.mustSend("GET", `/products/${product.id}`);
	const bought = await order(linesOf([high ?? "", 1]));
	const after = await until("the sale to be over", async () => {
		const seen = await shopper.mustSend("GET", `/products/${product.id}`);
		return seen.promotionPrice === null && seen;
	});

	expect(items).toMatchObject([{ id: product.id, price: 1000, promotionPrice: 700 }]);
	expect(items[0].promotions).toHaveLength(2);
	expect(items[0].promotions).toEqual(expect.arrayContaining(promotions));
	expect(detail).toMatchObject({ price: 1000, promotionPrice: 700 });
	expect(bought.body.data).toMatchObject({ total: 700 });
	expect(after.promotions).toMatchObject([{ id: more.id }]);
	expect(await shopper.mustSend("GET", "/products?promotionId=none")).toMatchObject({ total: 0 });
});

describe("the merchandiser", () => {
	const faultsOf = async (type: string, more: object, skuIds: string[] = []) => {
		const { status, body } = await staff.send(
			"POST",
			"/admin/promotions",
			aPromotion(type, skuIds, more)
		);
		return [status, ...(status === 400 ? body.data.map(({ field }: { field: string }) => field) : [])];
	};

	it.each<[string, string, object, string[]]>([
		["an empty scope", "price_off", { value: 1, scope: {} }, ["scope"]],
		[
			"unknown goods",
			"price_off",
			{ value: 1, scope: { skuIds: ["x"], brandIds: ["y"] } },
			["scope.brandIds[0]", "scope.skuIds[0]"]
		],
		[
			"unknown goods that are left out",
			"price_off",
			{ value: 1, scope: { all: true, not: { categoryIds: ["z"] } } },
			["scope.not.categoryIds[0]"]
		],
		[
			"an end before the start",
			"price_off",
			{ value: 1, scope: { all: true }, endsAt: "2020-01-01T00:00:00.000Z" },
			["endsAt"]
		],
		["100 per cent", "percent_off", { value: 100, scope: { all: true } }, ["value"]],
		["0 per cent", "percent_off", { value: 0, scope: { all: true } }, ["value"]],
		["no value", "price_off", { scope: { all: true } }, ["value"]],
		["a value that the type has not", "free_shipping", { value: 1, scope: { all: true } }, ["value"]],
		[
			"tiers that do not rise",
			"amount_off",
			{
				scope: { all: true },
				tiers: [
					{ threshold: 2000, value: 100 },
					{ threshold: 1000, value: 200 }
				]
			},
			["tiers[1].threshold"]
		],
		[
			"tiers beside a value",
			"amount_off",
			{ scope: { all: true }, value: 1, tiers: [{ threshold: 2000, value: 100 }] },
			["value"]
		],
		[
			"a gift of an unknown SKU",
			"gift",
			{ scope: { all: true }, gift: { skuId: "nil", quantity: 1 } },
			["gift.skuId"]
		],
		[
			"a flash sale without stock and SKUs",
			"flash_sale",
			{ value: 1, scope: { all: true } },
			["stock", "scope.skuIds", "scope.all"]
		],
		["free units of no number", "units_off", { value: 1, scope: { all: true } }, ["thresholdUnits"]]
	])("is told the field of %s", async (_, type, more, fields) => {
		expect(await faultsOf(type, more)).toEqual([400, ...fields]);
	});

	it("can't put a SKU into two flash sales at a time", async () => {
		const [cup = "", tea = ""] = await skusAt(1000, 500);
		const terms = { value: 500, stock: 5 };
		const { id } = await promote("flash_sale", [cup, tea], terms);

		const rival = await staff.send("POST", "/admin/promotions", aPromotion("flash_sale", [cup], terms));
		const later = { ...terms, startsAt: "2099-01-01T00:00:00.000Z", endsAt: "2099-01-02T00:00:00.000Z" };

		expect(rival).toMatchObject({
			status: 409,
			body: { code: "DUPLICATE", data: { id, skuIds: [cup] } }
		});
		expect(await faultsOf("flash_sale", later, [cup])).toEqual([201]);
	});

	it("sees what a promotion would do to a cart, and what else is for the same goods", async () => {
		const [cup = ""] = await skusAt(1000);
		const { id } = await promote("price_off", [cup], { value: 100 });
		const other = await promote("price_off", [cup], { value: 50 });

		const { before, after } = await staff.mustSend("POST", "/admin/promotions/simulate", {
			id,
			promotion: aPromotion("price_off", [cup], { value: 300 }),
			items: linesOf([cup, 2])
		});

		expect([before.total, after.total]).toEqual([1800, 1400]);
		expect(await staff.mustSend("GET", `/admin/promotions/${id}/overlaps`)).toContainEqual(
			expect.objectContaining({ id: other.id, type: "price_off" })
		);
		expect((await preview(linesOf([cup, 2]))).total).toBe(1800);
	});

	it("lists promotions for shoppers and staff", async () => {
		const product = await staff.addProductOnShelf({ skus: [aSku({ price: 1000 })] });
		const skuId: string = product.skus[0].id;
		const sale = await promote("flash_sale", [skuId], { value: 500, stock: 7, limitPerUser: 2 });
		await promote("price_off", [skuId], { value: 1, enabled: false });

		const { items, total } = await shopper.mustSend("GET", `/promotions?productId=${product.id}`);

		expect(total).toBe(1);
		expect(items).toMatchObject([
			{ id: sale.id, type: "flash_sale", stock: 7, remaining: 7, limitPerUser: 2, status: "running" }
		]);
		const listed = await staff.mustSend("GET", "/admin/promotions?type=flash_sale&status=running");
		expect(listed.items[0]).toMatchObject({ id: sale.id, used: 0, version: 1 });
	});
});
