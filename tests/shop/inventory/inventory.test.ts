import { StaffClient, unique } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";
import { aSkuInStock, refusalOf } from "../../support/buyers";

let shop: Shop;
let staff: StaffClient;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
});
afterAll(() => shop.stop());

const adjust = (skuId: string, body: object, key = unique("adjust-")) =>
	shop.http("POST", `/admin/inventory/${skuId}/adjust`, { token: staff.token, body, key });
const stockOf = (skuId: string) => staff.mustSend("GET", `/admin/inventory/${skuId}`);
const log = (skuId: string) => staff.mustSend("GET", `/admin/inventory/${skuId}/log`);
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const reserve = (orderId: string, lines: object[]) =>
	shop.broker.call("inventory.reserve", { orderId, lines, expiresAt: inAnHour() });

it("shows no units for a new SKU, and does not know SKUs that the catalogue does not know", async () => {
	const skuId = await aSkuInStock(staff, 0);

	expect(await stockOf(skuId)).toMatchObject({
		skuId,
		available: 0,
		reserved: 0,
		sold: 0,
		lowStockAt: 10,
		updatedAt: null
	});
	const listed = await staff.mustSend("GET", `/admin/inventory?skuId=${skuId}`);
	expect(listed).toMatchObject({ items: [await stockOf(skuId)], total: 1 });
	expect(await staff.mustSend("GET", "/admin/inventory?skuId=none-1")).toMatchObject({ total: 0 });
	expect((await staff.send("GET", "/admin/inventory/none-1")).body.code).toBe("NOT_FOUND");
	expect((await adjust("none-1", { delta: 1, reason: "x" })).body.code).toBe("NOT_FOUND");
});

it("adds and takes off units, each with a ledger row, and never goes below zero", async () => {
	const skuId = await aSkuInStock(staff, 0);

	const added = await adjust(skuId, { delta: 8, reason: "delivery" });
	await adjust(skuId, { delta: -3, reason: "broken" });
	const below = await adjust(skuId, { delta: -6, reason: "lost" });

	expect([added.status, added.body.data.available]).toEqual([200, 8]);
	expect([below.status, below.body.code, below.body.data]).toEqual([
		409,
		"OUT_OF_STOCK",
		{ items: [{ skuId, requested: 6, available: 5 }] }
	]);
	const { items } = await log(skuId);
	expect(items).toMatchObject([
		{ type: "adjust", quantity: -3, before: 8, after: 5, orderId: null, reason: "broken" },
		{ type: "adjust", quantity: 8, before: 0, after: 8 }
	]);
});

it("refuses a change of 0, of a fraction, and one with a field too many", async () => {
	const skuId = await aSkuInStock(staff, 1);

	for (const body of [
		{ delta: 0, reason: "x" },
		{ delta: 1.5, reason: "x" },
		{ delta: 1, reason: "x", available: 9 },
		{ delta: 1 }
	])
		expect((await adjust(skuId, body)).body.code).toBe("VALIDATION_ERROR");
	expect((await stockOf(skuId)).available).toBe(1);
});

it("adjusts once for a key, also when the calls come at once and past the gateway", async () => {
	const skuId = await aSkuInStock(staff, 0);
	const params = { skuId, delta: 5, reason: "delivery", key: unique("same-key-") };

	await Promise.all(Array.from({ length: 20 }, () => shop.broker.call("inventory.adjust", params)));

	expect((await stockOf(skuId)).available).toBe(5);
	expect((await log(skuId)).total).toBe(1);
});

it("answers 0 for unknown SKUs", async () => {
	const skuId = await aSkuInStock(staff, 4);

	const { body } = await shop.http("POST", "/stock/query", { body: { skuIds: ["unknown-sku", skuId] } });

	expect(body.data).toEqual([
		{ skuId: "unknown-sku", available: 0 },
		{ skuId, available: 4 }
	]);
});

it("reserves all lines or none, and names every short one", async () => {
	const [plenty, few, none] = [
		await aSkuInStock(staff, 9),
		await aSkuInStock(staff, 2),
		await aSkuInStock(staff, 0)
	];
	const lines = [
		{ skuId: plenty, quantity: 5 },
		{ skuId: few, quantity: 3 },
		{ skuId: none, quantity: 1 }
	];

	const refusal: unknown = await reserve(unique(), lines).catch((err: unknown) => err);

	expect(refusal).toMatchObject({
		type: "OUT_OF_STOCK",
		data: {
			items: expect.arrayContaining([
				{ skuId: few, requested: 3, available: 2 },
				{ skuId: none, requested: 1, available: 0 }
			])
		}
	});
	expect((refusal as { data: { items: unknown[] } }).data.items).toHaveLength(2);
	expect(await stockOf(plenty)).toMatchObject({ available: 9, reserved: 0 });
});

it("sums the lines that ask for one SKU", async () => {
	const skuId = await aSkuInStock(staff, 5);
	const twice = [
		{ skuId, quantity: 3 },
		{ skuId, quantity: 3 }
	];

	expect(await refusalOf(reserve(unique(), twice))).toBe("OUT_OF_STOCK");
	expect((await stockOf(skuId)).available).toBe(5);
});

it("reserves and releases once per order, however often it is called", async () => {
	const skuId = await aSkuInStock(staff, 5);
	const orderId = unique();
	const lines = [{ skuId, quantity: 2 }];

	await reserve(orderId, lines);
	await reserve(orderId, lines);
	const other = await refusalOf(reserve(orderId, [{ skuId, quantity: 3 }]));
	const held = await stockOf(skuId);
	await Promise.all([1, 2, 3].map(() => shop.broker.call("inventory.release", { orderId })));

	expect(other).toBe("INVALID_STATE");
	expect(held).toMatchObject({ available: 3, reserved: 2 });
	expect(await stockOf(skuId)).toMatchObject({ available: 5, reserved: 0 });
	expect((await log(skuId)).items.map((row: { type: string }) => row.type)).toEqual([
		"release",
		"reserve",
		"adjust"
	]);
});

it("refuses a reserve that comes after the release of its order", async () => {
	const skuId = await aSkuInStock(staff, 5);
	const orderId = unique();

	await shop.broker.call("inventory.release", { orderId });

	expect(await refusalOf(reserve(orderId, [{ skuId, quantity: 1 }]))).toBe("INVALID_STATE");
	expect((await stockOf(skuId)).available).toBe(5);
});

it("never oversells when reserves and releases of many orders cross", async () => {
	const [a, b] = [await aSkuInStock(staff, 30), await aSkuInStock(staff, 30)];
	const orders = Array.from({ length: 100 }, () => unique());

	const outcomes = await Promise.all(
		orders.map(async (orderId, n) => {
			const lines = [
				{ skuId: n % 2 ? a : b, quantity: 1 },
				{ skuId: n % 2 ? b : a, quantity: 1 }
			];
			const outcome = await refusalOf(reserve(orderId, lines));
			if (n % 3 === 0) await shop.broker.call("inventory.release", { orderId });
			return outcome === "not refused" && n % 3 !== 0;
		})
	);

	const held = outcomes.filter(Boolean).length;
	expect(held).toBeLessThanOrEqual(30);
	for (const skuId of [a, b])
		expect(await stockOf(skuId)).toMatchObject({ available: 30 - held, reserved: held, sold: 0 });
});

it("changes the level with the stock, and lists SKUs that are low", async () => {
	const skuId = await aSkuInStock(staff, 20);
	const levels = async () =>
		(await staff.mustSend("GET", `/admin/inventory?skuId=${skuId}&low=true`)).items;

	const full = await levels();
	await adjust(skuId, { delta: -15, reason: "fair" });
	const low = await levels();
	await adjust(skuId, { delta: -5, reason: "fair" });

	expect(full).toEqual([]);
	expect(low).toMatchObject([{ skuId, available: 5, level: "low" }]);
	expect(await levels()).toMatchObject([{ skuId, available: 0, level: "out" }]);
});

it("applies a new inventory.lowStockAt without a change of the stock", async () => {
	const skuId = await aSkuInStock(staff, 20);

	await staff.mustSend("PUT", "/admin/config/inventory.lowStockAt", { value: 25 });

	await until("the SKU to count as low", async () => (await stockOf(skuId)).level === "low");
	await staff.mustSend("PUT", "/admin/config/inventory.lowStockAt", { value: 10 });
});

it("pages through a long ledger by cursor, with nothing twice and nothing left out", async () => {
	const skuId = await aSkuInStock(staff, 0);
	for (let n = 1; n <= 7; n++) await adjust(skuId, { delta: n, reason: "count" });

	const seen: number[] = [];
	for (let cursor: string | null = ""; cursor !== null;) {
		const page: { items: { quantity: number }[]; nextCursor: string | null } = await staff.mustSend(
			"GET",
			`/admin/inventory/${skuId}/log?pageSize=3${cursor && `&cursor=${cursor}`}`
		);
		seen.push(...page.items.map(row => row.quantity));
		cursor = page.nextCursor;
	}

	expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
});

it("seeds only SKUs that never had stock, with a row in the ledger", async () => {
	const [fresh, known] = [unique("seed-"), await aSkuInStock(staff, 3)];
	const items = [fresh, known].map(skuId => ({ skuId, available: 50 }));

	await shop.broker.call("inventory.seed", { items });
	await shop.broker.call("inventory.seed", { items });

	expect([await stockOf(fresh), await stockOf(known)]).toMatchObject([{ available: 50 }, { available: 3 }]);
	expect((await log(fresh)).items).toMatchObject([
		{ type: "adjust", quantity: 50, before: 0, after: 50, by: "system" }
	]);
});

it("gives each SKU its first stock once, however many seed at once", async () => {
	const items = Array.from({ length: 20 }, () => ({ skuId: unique("rush-"), available: 9 }));

	await Promise.all(Array.from({ length: 4 }, () => shop.broker.call("inventory.seed", { items })));

	for (const { skuId } of items) {
		expect(await stockOf(skuId)).toMatchObject({ available: 9 });
		expect((await log(skuId)).items).toMatchObject([
			{ type: "adjust", quantity: 9, before: 0, after: 9 }
		]);
	}
});

it("is open to the warehouse and not to shoppers", async () => {
	const token = await shop.asUser();

	expect((await shop.http("GET", "/admin/inventory", { token })).body.code).toBe("FORBIDDEN");
	expect((await shop.http("GET", "/admin/inventory")).body.code).toBe("UNAUTHORIZED");
});
