import { aSku, StaffClient, unique } from "../../support/builders";
import { Shopper } from "../../support/shopper";
import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";

let shop: Shop;
let staff: StaffClient;
/** A word that only the products of this suite have. */
const word = `q${unique("").replace(/\d/g, "x")}`;
const ids: Record<string, string> = {};
let categories: { top: string; phones: string; cases: string };
let brands: { mi: string; plain: string };

beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	const top = await staff.addCategory({ name: "数码" });
	categories = {
		top,
		phones: await staff.addCategory({ name: "智能手机", parentId: top }),
		cases: await staff.addCategory({ name: "手机壳", parentId: top })
	};
	brands = { mi: await staff.addBrand({ name: "小米" }), plain: await staff.addBrand({ name: "Anker" }) };
	for (const [name, facet] of [
		["颜色", true],
		["内存", true],
		["款号", false]
	] as const)
		await staff.mustSend("POST", "/admin/attributes", { name, kind: "sale", input: "text", facet });
	const sku = (price: number, 颜色: string, 内存: string, more = {}) =>
		aSku({ price, attributes: { 颜色, 内存 }, ...more });
	const add = async (key: string, more: object) => {
		const product = await staff.addProductOnShelf(more);
		ids[key] = product.id;
		for (const { id, code } of product.skus) if (!code.startsWith("OUT")) await staff.addStock(id, 50);
	};
	await add("k80", {
		name: `Redmi K80 Pro 手机 ${word}`,
		categoryId: categories.phones,
		brandId: brands.mi,
		skus: [sku(300_000, "黑", "12GB"), sku(350_000, "白", "16GB")]
	});
	await add("iphone", {
		name: `iPhone 15 手机 ${word}`,
		categoryId: categories.phones,
		subtitle: "雷电接口",
		skus: [sku(500_000, "黑", "16GB"), sku(450_000, "白", "12GB", { code: unique("OUT-") })]
	});
	await add("case", {
		name: `适用 iPhone 15 手机壳 ${word}`,
		categoryId: categories.cases,
		brandId: brands.plain,
		description: "防摔 充电宝",
		skus: [sku(2900, "黑", "无")]
	});
	await until("the products to be found, and in stock", async () => {
		const { items } = await list({ q: word, inStock: "true" });
		return items.length === 3;
	});
});
afterAll(() => shop.stop());

const keysOf = (items: readonly { id: string }[]) =>
	items.map(({ id }) => Object.keys(ids).find(key => ids[key] === id) ?? "another");
const list = async (query: Record<string, string>) => {
	const { status, body } = await shop.http("GET", `/products?${new URLSearchParams(query).toString()}`);
	expect([status, body.code]).toEqual([200, "OK"]);
	return body.data;
};
const found = async (q: string, more: Record<string, string> = {}) =>
	keysOf((await list({ q: `${word} ${q}`, ...more })).items);

it.each([
	["a word of all", "手机", ["case", "iphone", "k80"]],
	["traditional characters", "手機", ["case", "iphone", "k80"]],
	["full width and capitals", "ＩＰＨＯＮＥ", ["case", "iphone"]],
	["a model in one word", "iPhone15", ["case", "iphone"]],
	["a model in two words", "k80 pro", ["k80"]],
	["pinyin", "shouji", ["case", "iphone", "k80"]],
	["initials", "sj", ["case", "iphone", "k80"]],
	["a typing error", "iphnoe", ["case", "iphone"]],
	["a brand", "小米", ["k80"]],
	["a brand in pinyin", "xiaomi", ["k80"]],
	["a category above", "数码", ["case", "iphone", "k80"]],
	["an attribute's value", "白", ["iphone", "k80"]],
	["the subtitle", "雷电", ["iphone"]],
	["the description", "充电宝", ["case"]],
	["words of which one is nowhere", "手机 羽绒服", []],
	["no word", "！", ["case", "iphone", "k80"]]
])("finds by %s: %s", async (_what, q, expected) => {
	expect((await found(q)).toSorted()).toEqual(expected);
});

it("puts what is meant first: a phone before its case", async () => {
	expect((await found("手机")).at(-1)).toBe("case");
	expect(await found("手机壳")).toEqual(["case"]);
});

it("matches all filters on one SKU, and shows the lowest price of those that match", async () => {
	const black16 = { "attr.颜色": "黑", "attr.内存": "16GB" };

	expect(await found("", black16)).toEqual(["iphone"]);
	expect(await found("", { ...black16, maxPrice: "499999" })).toEqual([]);
	expect((await found("", { "attr.内存": "12GB", inStock: "true" })).toSorted()).toEqual(["k80"]);
	const { items } = await list({ q: word, minPrice: "310000", maxPrice: "400000" });
	expect(items.map(({ id, price }: { id: string; price: number }) => [id, price])).toEqual([
		[ids["k80"], 350_000]
	]);
	expect((await list({ q: word, "attr.颜色": "白", maxPrice: "450000" })).items).toContainEqual(
		expect.objectContaining({ id: ids["iphone"], price: 450_000, inStock: false })
	);
	expect((await found("", { brandId: `${brands.mi},${brands.plain}` })).toSorted()).toEqual([
		"case",
		"k80"
	]);
	expect(await found("", { "attr.颜色": "红" })).toEqual([]);
	expect(await found("", { "attr.无此属性": "x" })).toEqual([]);
});

it("counts each facet with every filter but its own", async () => {
	const { facets, total } = await list({
		q: word,
		facets: "true",
		"attr.颜色": "白",
		categoryId: categories.phones
	});

	expect(total).toBe(2);
	expect(facets.attributes).toEqual([
		{
			name: "内存",
			values: [
				{ value: "12GB", count: 1 },
				{ value: "16GB", count: 1 }
			]
		},
		{
			name: "颜色",
			values: [
				{ value: "白", count: 2 },
				{ value: "黑", count: 2 }
			]
		}
	]);
	expect(facets.categories).toEqual([
		{ id: categories.top, name: "数码", count: 2 },
		{ id: categories.phones, name: "智能手机", count: 2 }
	]);
	expect(facets.brands).toEqual([{ id: brands.mi, name: "小米", count: 1 }]);
	expect(facets.prices).toEqual([{ from: 200_000, to: 500_000, count: 2 }]);
});

it.each(["relevance", "price_asc", "price_desc", "sales", "newest", "rating"])(
	"leads through a list by %s with a cursor, without repeating or skipping",
	async sort => {
		const all = await list({ q: word, sort });
		const pages = [];
		for (let cursor = ""; pages.length < 5;) {
			const page = await list({ q: word, sort, pageSize: "1", ...(cursor && { cursor }) });
			pages.push(...page.items);
			if (!page.nextCursor) break;
			cursor = page.nextCursor;
		}

		expect(keysOf(pages)).toEqual(keysOf(all.items));
		expect(pages).toHaveLength(3);
	}
);

it("sees a change of price, stock and shelf soon", async () => {
	const product = await staff.addProductOnShelf({ name: `茶 ${word}茶`, categoryId: categories.cases });
	const q = `${word}茶`;
	const skuId: string = product.skus[0].id;
	const waitFor = (what: string, query: Record<string, string>, count: number) =>
		until(what, async () => (await list({ q, ...query })).items.length === count);

	await waitFor("the new product", {}, 1);
	await waitFor("it to be out of stock", { inStock: "true" }, 0);
	await staff.addStock(skuId, 5);
	await waitFor("it to be in stock", { inStock: "true" }, 1);
	await staff.mustSend("PATCH", `/admin/products/${product.id}/skus/${skuId}`, { price: 77 });
	await waitFor("its new price", { maxPrice: "77" }, 1);
	await staff.mustSend("POST", `/admin/products/${product.id}/off-shelf`, {});
	await waitFor("it to be gone", {}, 0);
});

it("lets staff say which words mean the same", async () => {
	const words = [unique("移动电话"), "k80"];
	const { id } = await staff.mustSend("POST", "/admin/search/synonyms", { words });
	await until("the synonym to work", async () => (await found(words[0] ?? "")).includes("k80"));
	await staff.mustSend("DELETE", `/admin/search/synonyms/${id}`);
	await until("it to be forgotten", async () => (await found(words[0] ?? "")).length === 0);

	expect((await staff.send("GET", `/admin/search/synonyms/${id}`)).status).toBe(404);
	expect((await staff.send("POST", "/admin/search/synonyms", { words: ["one"] })).status).toBe(400);
});

it("suggests queries, categories, brands and products", async () => {
	const suggest = async (q: string) =>
		(await shop.http("GET", `/products/suggest?q=${encodeURIComponent(q)}`)).body.data;

	expect(await suggest("手机")).toEqual(
		expect.arrayContaining([
			{ kind: "category", text: "智能手机", id: categories.phones },
			expect.objectContaining({ kind: "product", id: ids["iphone"] })
		])
	);
	expect(await suggest("shou")).toContainEqual({ kind: "query", text: "手机" });
	expect(await suggest("小")).toContainEqual({ kind: "brand", text: "小米", id: brands.mi });
});

it("counts what people look for, and remembers a shopper's own queries for him alone", async () => {
	const [{ token }, other] = [await shop.register("13711112222"), await shop.register("13711112223")];
	const me = new Shopper(shop, token);
	const query = `K80 ${word}`;
	await me.mustSend("GET", `/products?q=${encodeURIComponent(query)}`);

	const mine = await until("the query to be noted", async () => {
		const queries = await me.mustSend("GET", "/me/searches");
		return queries.length > 0 && queries;
	});
	await until("the query to be hot", async () =>
		(await shop.http("GET", "/search/hot")).body.data.includes(query)
	);

	expect(mine).toEqual([{ q: query, at: expect.any(String) }]);
	expect(await new Shopper(shop, other.token).mustSend("GET", "/me/searches")).toEqual([]);
	expect((await me.mustSend("GET", "/me/export")).services.search).toEqual({ searches: mine });
	await me.mustSend("DELETE", "/me/searches");
	expect(await me.mustSend("GET", "/me/searches")).toEqual([]);
});

it("builds a new index beside the old one and switches", async () => {
	const before = await staff.mustSend("GET", "/admin/search");
	await staff.mustSend("POST", "/admin/search/rebuild");
	while ((await staff.mustSend("GET", "/admin/search")).builtAt === before.builtAt)
		expect(await found("")).toHaveLength(3);

	expect(await found("")).toHaveLength(3);
	await until("the index to be up to date", async () => {
		const { behind, rebuilding } = await staff.mustSend("GET", "/admin/search");
		return behind === 0 && !rebuilding;
	});
	expect((await shop.http("GET", "/admin/search", { token: await shop.asUser() })).status).toBe(403);
});

it.each([
	`q=${"x".repeat(101)}`,
	"q=%00",
	"q=a%0Ab",
	"q=%FF%FE",
	`brandId=${Array.from({ length: 1000 }, (_, i) => `b${i}`).join(",")}`,
	`attr.c=${Array.from({ length: 1000 }, (_, i) => `v${i}`).join(",")}`,
	Array.from({ length: 1000 }, (_, i) => `attr.c=v${i}`).join("&"),
	"q=a&cursor=d:5:5:x",
	"sort=sales&cursor=%27",
	"facets=yes"
])("refuses %.40s", async query => {
	const { status, body } = await shop.http("GET", `/products?${query}`);

	expect([status, body.code]).toEqual([400, "VALIDATION_ERROR"]);
});
it.each(["", "q=", `q=${"字".repeat(101)}`, "q=%07"])("refuses to suggest for '%.20s'", async query => {
	expect((await shop.http("GET", `/products/suggest?${query}`)).status).toBe(400);
});

it("answers what it can from the documents while the index is away", async () => {
	await shop.broker.destroyService("search");

	const answers = [
		"q=手机",
		"facets=true",
		"attr.颜色=白",
		"minPrice=310000",
		`categoryId=${categories.phones}`
	].map(query => shop.http("GET", `/products?${encodeURI(query)}`));
	const statuses = (await Promise.all(answers)).map(({ status, body }) => [status, body.code]);

	expect(statuses).toEqual([
		[503, "SERVICE_UNAVAILABLE"],
		[503, "SERVICE_UNAVAILABLE"],
		...Array(3).fill([200, "OK"])
	]);
	expect(
		keysOf((await list({ "attr.颜色": "白", "attr.内存": "12GB", minPrice: "400000" })).items)
	).toEqual(["iphone"]);
});
