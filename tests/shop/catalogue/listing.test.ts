import { join } from "node:path";
import type * as BackendsModule from "../../../infrastructure/backends";
import { readCollectionDeclarations } from "../../../infrastructure/service-files";
import { startShop, type Shop } from "../../support/shop";
import { StaffClient, unique } from "../../support/builders";
import { closeDatabase, openDatabase } from "../../../infrastructure/sqlite-file";
import { openSqliteCollection } from "../../../infrastructure/documents/sqlite/collection";
import { buildListFilter, buildSearchFilter, SORTS } from "../../../services/products/product-query.domain";
import type { Product } from "../../../services/products/product.domain";
import { ROOT } from "../../support/root";
import { until } from "../../support/until";

type Sku = { id: string; price: number; attributes: Record<string, string> };
type Made = {
	id: string;
	price: number;
	sales: number;
	rating: number;
	inStock: boolean;
	categoryId: string;
	brandId: string;
};
type Known = Made & { name: string; attributes: Record<string, string>; skus: Sku[]; path: string[] };

let shop: Shop;
let staff: StaffClient;
let known: Known[];
let places: { top: string; child: string; other: string };
let brands: string[];
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	const top = await staff.addCategory();
	places = { top, child: await staff.addCategory({ parentId: top }), other: await staff.addCategory() };
	brands = [await staff.addBrand(), await staff.addBrand()];
	known = someProducts();
	await shop.broker.call("products.import", {
		products: known.map(
			({ id, name, categoryId, path, brandId, attributes, sales, rating, inStock, skus }) => ({
				id,
				name,
				subtitle: null,
				categoryId,
				categoryPath: path,
				brandId,
				description: null,
				images: [],
				attributes,
				tagIds: [],
				sales,
				rating,
				skus: skus.map(sku => ({
					code: unique("C-"),
					price: sku.price,
					attributes: sku.attributes,
					stock: inStock ? "in" : "out"
				}))
			})
		)
	});
	const phones = known.filter(({ name }) => name.includes("手机"));
	await until("the index to hold the products", async () => {
		const { body } = await shop.http("GET", "/products?q=手机&pageSize=1");
		return body.data?.total === phones.length;
	});
});
afterAll(() => shop.stop());

/** Sixty products whose properties cycle with different periods, so that every combination of a few occurs. */
function someProducts(): Known[] {
	const nth = <V>(values: readonly V[], i: number) => values[i % values.length] as V;
	return Array.from({ length: 60 }, (_, i) => {
		const id = `P${String(i).padStart(3, "0")}`;
		const categoryId = nth([places.top, places.child, places.other], i);
		const skus = [0, 1].map(n => ({
			id: `${id}-${n + 1}`,
			price: 100 * nth([5, 3, 9, 1], i) + 10 * n,
			attributes: { 颜色: nth(["黑", "白", "红"], i + n), 尺码: nth(["S", "M"], Math.floor(i / 3) + n) }
		}));
		return {
			id,
			name: `${nth(["智能手机", "蓝牙耳机", "手机壳"], Math.floor(i / 2))} ${nth(["Pro", "Max"], i)} ${i}`,
			categoryId,
			path: categoryId === places.child ? [places.child, places.top] : [categoryId],
			brandId: nth(brands, Math.floor(i / 5)),
			attributes: { 产地: nth(["杭州", "深圳"], Math.floor(i / 7)) },
			sales: (i * 37) % 11,
			rating: 1 + ((i * 13) % 9) / 2,
			inStock: i % 4 !== 0,
			price: Math.min(...skus.map(s => s.price)),
			skus
		};
	});
}

const listed = async (query: string): Promise<{ items: Made[]; total: number }> => {
	const { status, body } = await shop.http("GET", `/products?${query}`);
	expect([status, body.code]).toEqual([200, "OK"]);
	return body.data;
};
const ids = (products: readonly { id: string }[]) => products.map(p => p.id);
const newest = (a: Known, b: Known) => (a.id < b.id ? 1 : -1);

const onOneSku =
	(...wanted: [string, string[]][]) =>
	(p: Known) =>
		p.skus.some(sku =>
			wanted.every(([name, values]) =>
				values.includes({ ...p.attributes, ...sku.attributes }[name] ?? "")
			)
		);

it.each<[string, () => string, (p: Known) => boolean]>([
	["nothing", () => "", () => true],
	["a word of the name", () => "q=手机", p => p.name.includes("手机")],
	["two words", () => "q=手机 max", p => p.name.includes("手机") && p.name.includes("Max")],
	["a long word", () => "q=智能手机", p => p.name.includes("智能手机")],
	["no word at all", () => "q=！", () => false],
	["a category", () => `categoryId=${places.child}`, p => p.path[0] === places.child],
	["a category with one under it", () => `categoryId=${places.top}`, p => p.path.includes(places.top)],
	["a category that is not there", () => "categoryId=none", () => false],
	["a brand", () => `brandId=${brands[1]}`, p => p.brandId === brands[1]],
	["a lowest price", () => "minPrice=300", p => p.price >= 300],
	["a highest price", () => "maxPrice=300", p => p.price <= 300],
	["prices between", () => "minPrice=300&maxPrice=500", p => p.price >= 300 && p.price <= 500],
	["being in stock", () => "inStock=true", p => p.inStock],
	["being out of stock", () => "inStock=false", p => !p.inStock],
	["an attribute", () => "attr.颜色=黑", onOneSku(["颜色", ["黑"]])],
	["one of two values", () => "attr.颜色=黑,红", onOneSku(["颜色", ["黑", "红"]])],
	[
		"two attributes of one SKU",
		() => "attr.颜色=黑&attr.尺码=S",
		onOneSku(["颜色", ["黑"]], ["尺码", ["S"]])
	],
	[
		"an attribute of the product and one of a SKU",
		() => "attr.产地=杭州&attr.颜色=黑,白&attr.尺码=M",
		onOneSku(["产地", ["杭州"]], ["颜色", ["黑", "白"]], ["尺码", ["M"]])
	],
	[
		"all together",
		() =>
			`q=手机&categoryId=${places.top}&brandId=${brands[0]}&minPrice=100&inStock=true&attr.颜色=黑,白`,
		p =>
			p.name.includes("手机") &&
			p.path.includes(places.top) &&
			p.brandId === brands[0] &&
			p.inStock &&
			onOneSku(["颜色", ["黑", "白"]])(p)
	]
])("finds exactly what fits %s, newest first", async (_what, query, fits) => {
	const expected = known.filter(fits).sort(newest);

	const { items, total } = await listed(`${query()}&sort=newest&pageSize=100`);

	expect(ids(items)).toEqual(ids(expected));
	expect(total).toBe(expected.length);
});

const by =
	(value: (p: Known) => number, direction: 1 | -1) =>
	(a: Known, b: Known): number =>
		direction * (value(a) - value(b) || (a.id < b.id ? -1 : 1));

it.each<[string, (a: Known, b: Known) => number]>([
	["default", newest],
	["newest", newest],
	["price_asc", by(p => p.price, 1)],
	["price_desc", by(p => p.price, -1)],
	["sales", by(p => p.sales, -1)],
	["rating", by(p => p.rating, -1)]
])("sorts by %s, on the whole shelf and filtered, page after page", async (sort, order) => {
	const all = [...known].sort(order);
	const under = all.filter(p => p.path.includes(places.top) && p.inStock);

	const pages = [await listed(`sort=${sort}&pageSize=25`), await listed(`sort=${sort}&pageSize=25&page=2`)];
	const filtered = await listed(`sort=${sort}&categoryId=${places.top}&inStock=true&pageSize=100`);

	expect(ids(pages.flatMap(p => p.items))).toEqual(ids(all.slice(0, 50)));
	expect(ids(filtered.items)).toEqual(ids(under));
});

it.each(["sort=cheapest", "minPrice=-1", "minPrice=1.5", "pageSize=101", "inStock=maybe", "colour=red"])(
	"refuses %s",
	async query => {
		const { status, body } = await shop.http("GET", `/products?${query}`);

		expect([status, body.code]).toEqual([400, "VALIDATION_ERROR"]);
	}
);

it("gives a card the fields of the contract", async () => {
	const { items } = await listed("pageSize=1");

	expect(Object.keys(items[0] ?? {}).sort()).toEqual(
		[
			...[
				"id",
				"name",
				"subtitle",
				"image",
				"price",
				"marketPrice",
				"currency",
				"brandId",
				"categoryId"
			],
			...["sales", "rating", "reviews", "inStock", "promotionPrice", "promotions"]
		].sort()
	);
});

it("answers every list from an index, those of the shelf and of a category without sorting", async () => {
	// Asks the planner of the embedded store, on servers too, with the indexes that the service declares.
	const { backends } = require("../../../infrastructure/backends") as typeof BackendsModule;
	const [declared] = readCollectionDeclarations([join(ROOT, "services/products/products.service.ts")]);
	const products = openSqliteCollection<Product>(openDatabase(join(shop.dataDir, "explained")), "products");
	for (const index of declared?.indexes ?? []) await products.index(index);
	await products.insertMissing(await backends.collection<Product>("products").find({}));
	const explain = (where: ReturnType<typeof buildSearchFilter>, sort: (typeof SORTS)["default"]) =>
		products.explain(where ?? {}, { sort, limit: 20 });
	const few = [
		{ q: "手机" },
		{ q: "手机 max", inStock: true },
		{ brandId: "b" },
		{ attr: { 颜色: ["黑"] } },
		{ attr: { 颜色: ["黑,红"], 尺码: ["S"] }, brandId: "b" }
	].map(asked => buildListFilter(asked));
	const many = [{}, { inStock: true }, { categoryId: "c" }, { categoryId: "c", inStock: true }].map(asked =>
		buildListFilter(asked)
	);
	const ofStaff = [
		buildSearchFilter({ status: "draft" }),
		buildSearchFilter({ categoryId: "c" }),
		buildSearchFilter({ brandId: "b" })
	];

	for (const sort of Object.values(SORTS)) {
		for (const where of [...few, ...many]) expect(explain(where, sort)).toMatchObject({ narrows: true });
		for (const where of many) expect(explain(where, sort)).toMatchObject({ ordered: true, exact: true });
	}
	for (const where of ofStaff) expect(explain(where, SORTS.newest)).toMatchObject({ narrows: true });
	closeDatabase(join(shop.dataDir, "explained"));
});
