import type * as BackendsModule from "../../../infrastructure/backends";
import type { Collection } from "../../../infrastructure/documents/collection";
import { PROMOTION_TYPES } from "../../../schemas/promotions.contract";
import { call } from "../../../schemas/registry";
import { generateProducts } from "../../../scripts/demo/generate-catalogue";
import {
	buildDemoId,
	listCheapDemoSkus,
	loadDemoCatalogue,
	loadDemoCatalogueOnce,
	type DemoLoad
} from "../../../scripts/demo/load-catalogue";
import { DEMO_COUPON_TEMPLATES, DEMO_LEVELS } from "../../../scripts/demo/offers";
import { loadDemoOrders, type DemoOrders } from "../../../scripts/demo/orders";
import { EXAMPLES } from "../../../services/api/openapi/examples";
import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";
import { findViolations } from "../../support/violations";
import { StaffClient } from "../../support/builders";

type Operation = {
	readonly operationId: string;
	readonly parameters?: readonly { in: string; name: string; example?: unknown }[];
	readonly requestBody?: { content: Record<string, { example?: unknown }> };
};
type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

function findOperation(paths: Document["paths"], operationId: string): [string, string, Operation] {
	for (const [path, methods] of Object.entries(paths))
		for (const [method, operation] of Object.entries(methods))
			if (operation.operationId === operationId) return [path, method, operation];
	throw new Error(`No such operation: ${operationId}`);
}

let shop: Shop;
let loads: Collection<DemoLoad>;
let orderLoads: Collection<DemoOrders>;
beforeAll(async () => {
	shop = await startShop();
	const { backends } = require("../../../infrastructure/backends") as typeof BackendsModule;
	loads = backends.collection("demo_loads");
	orderLoads = backends.collection("demo_loads");
});
afterAll(() => shop.stop());

const products = async () => (await shop.http("GET", "/products")).body.data;

it("finishes an interrupted first load, also with two processes at once", async () => {
	await loads.insertMissing([{ _id: "first", finishedAt: null }]);
	await loadDemoCatalogue(shop.broker, 3);

	const both = await Promise.all([
		loadDemoCatalogueOnce(shop.broker, loads),
		loadDemoCatalogueOnce(shop.broker, loads)
	]);

	const [fourth] = [...generateProducts(4)].slice(-1);
	const skuIds = [`${buildDemoId("p-000003", 3)}-1`];
	expect([both, (await products()).total]).toEqual([[true, true], 120]);
	expect(await call(shop.broker, "inventory.query", { skuIds })).toEqual([
		{ skuId: skuIds[0], available: fourth?.skus[0]?.stock }
	]);
});

it("has what the examples of the OpenAPI document ask for", async () => {
	const { paths } = (await shop.http("GET", "//openapi.json")).body as unknown as Document;
	const tokens = { user: await shop.asUser(), admin: await shop.asAdmin() };
	const outcomes: Record<string, number> = {};

	for (const name of Object.keys(EXAMPLES)) {
		const [path, method, operation] = findOperation(paths, name.replace(".", "_"));
		const { parameters = [], requestBody } = operation;
		const values = parameters.filter(({ example }) => example !== undefined);
		const target = values
			.filter(p => p.in === "path")
			.reduce((at, p) => at.replace(`{${p.name}}`, String(p.example)), path.replace("/api/v1", ""));
		const query = values
			.filter(p => p.in === "query")
			.flatMap(({ name: field, example }) =>
				typeof example === "object"
					? Object.entries(example as object).map(([key, value]) => [`${field}.${key}`, value])
					: [[field, example]]
			);
		const reply = await shop.http(
			method.toUpperCase(),
			`${target}?${new URLSearchParams(query as [string, string][]).toString()}`,
			{
				token: tokens[path.startsWith("/api/v1/admin") ? "admin" : "user"],
				key: `example-${name}`,
				body: requestBody?.content["application/json"]?.example
			}
		);
		outcomes[name] = reply.status;
	}

	expect(Object.entries(outcomes).filter(([, status]) => status !== 200 && status !== 201)).toEqual([]);
});

it("does not bring back at a later start what staff removed", async () => {
	const [{ id }] = (await products()).items;
	const staff = new StaffClient(shop, await shop.asAdmin());
	await staff.mustSend("POST", `/admin/products/${id}/off-shelf`, {});
	await staff.mustSend("DELETE", `/admin/products/${id}`);

	const again = await loadDemoCatalogueOnce(shop.broker, loads);

	expect([again, (await products()).total]).toEqual([false, 119]);
});

it("leaves a shop alone that has a catalogue of its own", async () => {
	await loads.remove({ _id: "first" });

	const loaded = await loadDemoCatalogueOnce(shop.broker, loads);

	expect([loaded, await loads.findOne({ _id: "first" })]).toEqual([false, null]);
});

it("gives the same products and stock however often it is loaded, and only adds what is missing", async () => {
	const progress: number[] = [];
	await loadDemoCatalogue(shop.broker, 130, done => progress.push(done));
	const id = buildDemoId("p-000003", 3);
	const [before] = (await shop.http("POST", "/stock/query", { body: { skuIds: [`${id}-1`] } })).body.data;

	await loadDemoCatalogue(shop.broker, 130);

	const { body } = await shop.http("GET", `/products/${id}`);
	const [after] = (await shop.http("POST", "/stock/query", { body: { skuIds: [`${id}-1`] } })).body.data;
	expect(progress.at(-1)).toBe(130);
	expect((await shop.http("GET", "/products")).body.data.total).toBe(130);
	expect(body.data.images[0]).toMatch(/^\/pictures\/.+\.svg$/);
	expect(body.data.skus[0].name).not.toContain(body.data.name);
	expect(after).toEqual(before);
});

it("shows running promotions of every type, coupons to claim, member levels and a price list", async () => {
	const { items: promotions } = (await shop.http("GET", "/promotions?pageSize=100")).body.data;
	const user = await shop.asUser();
	const templates = (await shop.http("GET", "/coupons/templates", { token: user })).body.data;
	const membership = (await shop.http("GET", "/me/membership", { token: user })).body.data;
	const admin = await shop.asAdmin();
	const priceLists = (await shop.http("GET", "/admin/price-lists", { token: admin })).body.data;
	const [flash] = promotions.filter(({ type }: { type: string }) => type === "flash_sale");
	const id = buildDemoId("p-000000", 0);
	const product = (await shop.http("GET", `/products/${id}`)).body.data;

	expect(new Set(promotions.map(({ type }: { type: string }) => type))).toEqual(new Set(PROMOTION_TYPES));
	expect(promotions.every(({ status }: { status: string }) => status === "running")).toBe(true);
	expect(templates.items).toHaveLength(DEMO_COUPON_TEMPLATES.length);
	expect(membership).toMatchObject({ level: null, spent: 0, next: { name: DEMO_LEVELS[0].name } });
	expect(priceLists.items).toHaveLength(1);
	expect([flash.remaining, product.promotionPrice]).toEqual([flash.stock, flash.value]);
});

it("shows orders in every state that lasts, and cases of every kind and state, once", async () => {
	const both = await Promise.all([
		loadDemoOrders(shop.broker, orderLoads, listCheapDemoSkus()),
		loadDemoOrders(shop.broker, orderLoads, listCheapDemoSkus())
	]);

	const token = await shop.signIn("18999999901", "Mall-user-1");
	const list = async (path: string): Promise<{ type?: string; status: string }[]> =>
		(await shop.http("GET", `${path}?pageSize=100`, { token })).body.data.items;
	const [orders, cases] = [await list("/orders"), await list("/after-sales")];
	expect(both.filter(Boolean)).toHaveLength(1);
	expect(new Set(orders.map(({ status }) => status))).toEqual(
		new Set(["pending_payment", "paid", "shipped", "completed", "cancelled", "refunded"])
	);
	expect(new Set(cases.map(({ type }) => type))).toEqual(new Set(["refund", "return", "exchange"]));
	expect(new Set(cases.map(({ status }) => status))).toEqual(
		new Set([
			...["requested", "approved", "returned", "refunded"],
			...["reshipped", "completed", "rejected", "cancelled"]
		])
	);
	expect(await until("no violations", async () => (await findViolations()).length === 0)).toBe(true);
});
