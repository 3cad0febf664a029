import { demoId, loadDemo, loadDemoOnce } from "../../scripts/demo/load";
import { startShop, type Shop } from "../harness/shop";
import { Catalogue } from "./builders";

let shop: Shop;
beforeAll(async () => {
	shop = await startShop();
}, 30_000);
afterAll(() => shop.stop());

it("brings the first start of an empty shop its catalogue, and no later one", async () => {
	const first = await loadDemoOnce(shop.broker);
	const { total, items } = (await shop.http("GET", "/products")).body.data;
	const staff = new Catalogue(shop, await shop.asAdmin());
	await staff.must("POST", `/admin/products/${items[0].id}/off-shelf`, {});
	await staff.must("DELETE", `/admin/products/${items[0].id}`);

	const second = await loadDemoOnce(shop.broker);

	expect([first, second, total]).toEqual([true, false, 120]);
	expect((await shop.http("GET", "/products")).body.data.total).toBe(119);
}, 60_000);

it("gives the same products and stock however often it is loaded, and only adds what is missing", async () => {
	const progress: number[] = [];
	await loadDemo(shop.broker, 130, done => progress.push(done));
	const id = demoId("p-000003", 3);
	const [before] = (await shop.http("POST", "/stock/query", { body: { skuIds: [`${id}-1`] } })).body.data;

	await loadDemo(shop.broker, 130);

	const { body } = await shop.http("GET", `/products/${id}`);
	const [after] = (await shop.http("POST", "/stock/query", { body: { skuIds: [`${id}-1`] } })).body.data;
	expect(progress.at(-1)).toBe(130);
	expect((await shop.http("GET", "/products")).body.data.total).toBe(130);
	expect(body.data.images[0]).toMatch(/^\/pictures\/.+\.svg$/);
	expect(body.data.skus[0].name).not.toContain(body.data.name);
	expect(after).toEqual(before);
}, 60_000);
