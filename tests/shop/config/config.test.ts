import type * as ConfigModule from "../../../infrastructure/config";
import { startShop, type Shop } from "../../support/shop";

let shop: Shop;
let admin: string;
beforeAll(async () => {
	shop = await startShop();
	admin = await shop.asAdmin();
});
afterAll(() => shop.stop());

const send = (method: string, path: string, body?: object) =>
	shop.http(method, `/admin/config${path}`, { token: admin, ...(body && { body }) });
const put = (key: string, value: unknown) => send("PUT", `/${key}`, { value });

it("lists every config key with its rule, default and meaning", async () => {
	const { status, body } = await send("GET", "?pageSize=100");

	expect(status).toBe(200);
	expect(body.data.items).toContainEqual({
		key: "orders.maxUnpaid",
		value: 5,
		default: 5,
		description: expect.any(String),
		schema: expect.objectContaining({ type: "integer", minimum: 1, maximum: 1000 }),
		version: 0,
		updatedAt: null,
		updatedBy: null
	});
});

it("stores a change with its author, and lists former values newest first", async () => {
	const first = await put("orders.maxUnpaid", 6);
	await put("orders.maxUnpaid", 7);
	const history = await send("GET", "/orders.maxUnpaid/history?pageSize=1");

	expect(first.status).toBe(200);
	expect(first.body.data).toMatchObject({ value: 6, version: 1, updatedBy: expect.any(String) });
	expect((await send("GET", "/orders.maxUnpaid")).body.data).toMatchObject({ value: 7, version: 2 });
	expect(history.body.data).toMatchObject({ items: [{ version: 2, value: 7 }], total: 3, page: 1 });
});

it("begins every history with the default, as version 0", async () => {
	const key = "traces.keepDays";
	const untouched = (await send("GET", `/${key}/history`)).body.data;
	await put(key, 5);

	const pages = await Promise.all(
		[1, 2, 3].map(page => send("GET", `/${key}/history?pageSize=1&page=${page}`))
	);

	const { default: initial } = (await send("GET", `/${key}`)).body.data;
	const beginning = { version: 0, value: initial, by: null, at: null };
	expect(untouched).toEqual({ items: [beginning], page: 1, pageSize: 20, total: 1 });
	expect(pages.map(({ body }) => body.data)).toEqual([
		{ items: [expect.objectContaining({ version: 1, value: 5 })], page: 1, pageSize: 1, total: 2 },
		{ items: [beginning], page: 2, pageSize: 1, total: 2 },
		{ items: [], page: 3, pageSize: 1, total: 2 }
	]);
});

it("rolls the first change of a config key back to version 0, its default", async () => {
	await put("shipping.freeFrom", 12_300);

	const { status, body } = await send("POST", "/shipping.freeFrom/rollback", { version: 0 });

	expect(status).toBe(200);
	expect(body.data).toMatchObject({ value: body.data.default, version: 2, updatedBy: expect.any(String) });
	const { items } = (await send("GET", "/shipping.freeFrom/history")).body.data;
	expect(items.map((change: { version: number; value: number }) => [change.version, change.value])).toEqual(
		[
			[2, body.data.default],
			[1, 12_300],
			[0, body.data.default]
		]
	);
});

it("rolls back to a former value as a new version", async () => {
	await put("cart.mergeRule", "sum");
	await put("cart.mergeRule", "replace");

	const { status, body } = await send("POST", "/cart.mergeRule/rollback", { version: 1 });

	expect(status).toBe(200);
	expect(body.data).toMatchObject({ value: "sum", version: 3 });
	expect((await send("POST", "/cart.mergeRule/rollback", { version: 9 })).status).toBe(404);
});

it.each([
	["orders.paymentTimeout", "1800"],
	["orders.paymentTimeout", 0],
	["orders.paymentTimeout", 1.5],
	["orders.paymentTimeout", null],
	["cart.mergeRule", "min"],
	["auth.openRegistration", "yes"],
	["shipping.fee", { $set: 1 }]
])("refuses for %s the value %j and names it", async (key, value) => {
	const { status, body } = await put(key, value);

	expect([status, body.code]).toEqual([400, "VALIDATION_ERROR"]);
	expect(body.data).toEqual([{ field: "value", type: expect.any(String), message: expect.any(String) }]);
	expect(
		(await send("GET", `/${key}/history`)).body.data.items.map((c: { value: unknown }) => c.value)
	).not.toContain(value);
});

it("does not know other keys", async () => {
	const replies = await Promise.all([
		send("GET", "/no.such"),
		put("no.such", 1),
		send("GET", "/no.such/history"),
		send("POST", "/no.such/rollback", { version: 1 }),
		put("__proto__", 1)
	]);

	expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
});

it("is for admins only", async () => {
	const customer = await shop.asUser();
	const calls: [string, string, object?][] = [
		["GET", "/admin/config"],
		["GET", "/admin/config/shipping.fee"],
		["PUT", "/admin/config/shipping.fee", { value: 1 }],
		["GET", "/admin/config/shipping.fee/history"],
		["POST", "/admin/config/shipping.fee/rollback", { version: 1 }]
	];

	for (const [method, path, body] of calls) {
		const stranger = await shop.http(method, path, { ...(body && { body }) });
		const other = await shop.http(method, path, { token: customer, ...(body && { body }) });
		expect([path, stranger.status, other.status]).toEqual([path, 401, 403]);
	}
});

it("numbers 20 concurrent changes without a gap", async () => {
	const before = (await send("GET", "/inventory.lowStockAt")).body.data.version as number;

	const replies = await Promise.all(
		Array.from({ length: 20 }, (_, i) => put("inventory.lowStockAt", 100 + i))
	);

	const versions = replies.map(({ body }) => body.data.version as number).sort((a, b) => a - b);
	expect(versions).toEqual(Array.from({ length: 20 }, (_, i) => before + 1 + i));
	const { items } = (await send("GET", "/inventory.lowStockAt/history?pageSize=20")).body.data;
	expect((await send("GET", "/inventory.lowStockAt")).body.data.value).toBe(items[0].value);
});

it("reaches a process that polls", async () => {
	const { Config } = require("../../../infrastructure/config") as typeof ConfigModule;
	const elsewhere = new Config();
	await elsewhere.refresh(shop.broker);

	await put("orders.autoReceive", 4711);
	await elsewhere.refresh(shop.broker);

	expect(elsewhere.get("orders.autoReceive")).toBe(4711);
});

it("works without a restart: the fee of the next quote is the new one", async () => {
	const line = { skuId: "s-1", productId: "s", categoryIds: [], brandId: null, price: 100, quantity: 1 };
	const total = async () => {
		const quote = await shop.broker.call<{ total: number }, object>("promotions.quote", {
			userId: null,
			lines: [line]
		});
		return quote.total;
	};

	await put("shipping.fee", 600);
	const withFee = await total();
	await put("shipping.freeFrom", 100);
	const free = await total();

	expect([withFee, free]).toEqual([700, 100]);
});
