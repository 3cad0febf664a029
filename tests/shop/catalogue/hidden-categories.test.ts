import type * as BackendsModule from "../../../infrastructure/backends";
import { up } from "../../../migrations/0001-products-know-whether-they-are-hidden";
import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";
import { aSku, StaffClient, unique } from "../../support/builders";

let shop: Shop;
let staff: StaffClient;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
});
afterAll(() => shop.stop());

type Listed = { readonly total: number; readonly ids: string[] };
const listed = async (query: string): Promise<Listed> => {
	const { items, total } = (await shop.http("GET", `/products?${query}`)).body.data;
	return { total, ids: items.map(({ id }: { id: string }) => id) };
};
const change = (id: string, body: object) => staff.mustSend("PATCH", `/admin/categories/${id}`, body);
const NONE = { total: 0, ids: [] };
const only = (id: string) => ({ total: 1, ids: [id] });
const becomes = (what: string, query: string, expected: Listed) =>
	until(what, async () => JSON.stringify(await listed(query)) === JSON.stringify(expected));

/** A product on the shelf in a category of the third level, with a unique search word. */
async function deepProduct() {
	const top = await staff.addCategory();
	const middle = await staff.addCategory({ parentId: top });
	const bottom = await staff.addCategory({ parentId: middle });
	const name = unique();
	const { id } = await staff.addProductOnShelf({ name, categoryId: bottom });
	const query = `q=${name}`;
	await becomes("listed", query, only(id));
	return { id, top, middle, bottom, query };
}

describe("hidden categories", () => {
	it("keep their products and those of categories below out of lists and counts until shown again", async () => {
		const { id, top, middle, bottom, query } = await deepProduct();
		const before = await listed(query);

		await change(top, { visible: false });
		await becomes("unlisted", query, NONE);
		const under = await Promise.all([top, middle, bottom].map(at => listed(`categoryId=${at}`)));
		await change(bottom, { visible: false });
		await change(top, { visible: true });
		const stillHidden = await listed(query);
		await change(bottom, { visible: true });
		await becomes("listed", query, only(id));

		expect(before).toEqual(only(id));
		expect(under).toEqual([NONE, NONE, NONE]);
		expect(stillHidden).toEqual(NONE);
	});

	it("leave their products for sale by link, in carts and for staff", async () => {
		const { id, bottom, query } = await deepProduct();
		await staff.addStock(`${id}-1`, 5);
		await change(bottom, { visible: false });
		await becomes("unlisted", query, NONE);

		const detail = await shop.http("GET", `/products/${id}`);
		const prices = await shop.http("POST", "/skus/prices", { body: { skuIds: [`${id}-1`] } });
		const cart = await shop.http("POST", "/cart/items", { body: { skuId: `${id}-1`, quantity: 1 } });
		const all = await staff.mustSend("GET", `/admin/products?categoryId=${bottom}`);

		expect([detail.status, detail.body.data.status]).toEqual([200, "on_shelf"]);
		expect(prices.body.data[0]).toMatchObject({ onShelf: true });
		expect(cart.body.data.items[0]).toMatchObject({ problem: null });
		expect(all).toMatchObject({ total: 1, items: [{ id, status: "on_shelf" }] });
	});

	it("hide products moved into them and show products moved out", async () => {
		const hidden = await staff.addCategory({ visible: false });
		const shown = await staff.addCategory();
		const { id, top, query } = await deepProduct();

		await change(top, { visible: true, sort: 1 });
		await staff.mustSend("PATCH", `/admin/products/${id}`, { categoryId: hidden });
		await becomes("unlisted", query, NONE);
		await staff.mustSend("PATCH", `/admin/products/${id}`, { categoryId: shown });
		await becomes("listed", query, only(id));
		const made = unique();
		await staff.addProductOnShelf({ name: made, categoryId: hidden });

		expect(await listed(`q=${made}`)).toEqual(NONE);
	});

	it("hide a category moved below them and show it when moved out", async () => {
		const hidden = await staff.addCategory({ visible: false });
		const moving = await staff.addCategory();
		const name = unique();
		const { id } = await staff.addProductOnShelf({ name, categoryId: moving });

		await change(moving, { parentId: hidden });
		await becomes("unlisted", `q=${name}`, NONE);
		await change(moving, { parentId: null });
		await becomes("listed", `q=${name}`, only(id));
	});

	it("end in their last state, however quickly they are hidden and shown", async () => {
		const { id, bottom, query } = await deepProduct();

		for (let turn = 0; turn < 5; turn++) {
			await change(bottom, { visible: false });
			await change(bottom, { visible: true });
		}
		await change(bottom, { visible: false });
		await becomes("unlisted", query, NONE);
		await change(bottom, { visible: true });
		await becomes("listed", query, only(id));
	});

	it("keep imported products unlisted too", async () => {
		const hidden = await staff.addCategory({ visible: false });
		const [id, name] = [unique("P"), unique()];
		const nothing = {
			subtitle: null,
			brandId: null,
			description: null,
			images: [],
			attributes: {},
			tagIds: []
		};
		const place = { categoryId: hidden, categoryPath: [hidden] };
		const product = {
			id,
			name,
			...nothing,
			...place,
			sales: 0,
			rating: 0,
			skus: [{ ...aSku(), stock: "in" }]
		};

		await shop.broker.call("products.import", { products: [product] });

		expect(await listed(`q=${name}`)).toEqual(NONE);
		expect((await shop.http("GET", `/products/${id}`)).status).toBe(200);
	});

	it("are recorded on older products by a migration, which may run twice", async () => {
		const { backends } = require("../../../infrastructure/backends") as typeof BackendsModule;
		const products = backends.collection("products");
		const visible = await deepProduct();
		const hidden = await deepProduct();
		await change(hidden.top, { visible: false });
		await becomes("unlisted", hidden.query, NONE);
		const ids = [visible.id, hidden.id];
		await products.changeMany({ _id: { $in: ids } }, { $unset: { hidden: "" } });

		await up(backends.collection);
		await up(backends.collection);

		expect(await products.find({ _id: { $in: ids } }, { sort: { _id: 1 }, fields: ["hidden"] })).toEqual([
			{ _id: visible.id, hidden: false },
			{ _id: hidden.id, hidden: true }
		]);
	});
});
