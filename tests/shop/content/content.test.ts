import { StaffClient, unique } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";

let shop: Shop;
let staff: StaffClient;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
});
afterAll(() => shop.stop());

const home = async () => (await shop.http("GET", "/content/home")).body.data;
const add = (what: string, body: object) => staff.mustSend("POST", `/admin/${what}`, body);
const faults = async (method: string, path: string, body: object) => {
	const { status, body: answer } = await staff.send(method, path, body);
	const fields = Array.isArray(answer.data)
		? answer.data.map(({ field }: { field: string }) => field)
		: answer.data?.field;
	return [status, answer.code, fields];
};
const HOUR = 3_600_000;
const at = (ms: number) => new Date(Date.now() + ms).toISOString();

describe.each([
	["banners", () => ({ title: "新茶", image: "/pictures/a.svg", link: "/tea" }), { link: null }],
	["notices", () => ({ title: "公告", content: "今日发货" }), { content: "明日发货" }],
	["home-sections", () => ({ title: "新品", kind: "new" }), { kind: "bestsellers", limit: 3 }],
	["pages", () => ({ slug: unique("p-"), title: "帮助", content: "# 帮助" }), { content: "好" }]
])("/admin/%s", (what, aBody, patch) => {
	const path = `/admin/${what}`;

	it("adds, shows, changes, lists and removes", async () => {
		const made = await staff.send("POST", path, { ...aBody(), sort: 3, startsAt: at(-HOUR) });
		const { id } = made.body.data;

		const changed = await staff.mustSend("PATCH", `${path}/${id}`, { ...patch, startsAt: null });
		const shown = await staff.mustSend("GET", `${path}/${id}`);
		const listed = await staff.mustSend("GET", `${path}?pageSize=100`);
		await staff.mustSend("DELETE", `${path}/${id}`);

		expect([made.status, made.body.data.enabled, made.body.data.sort]).toEqual([201, true, 3]);
		expect(changed).toMatchObject({ ...patch, startsAt: null, sort: 3 });
		expect(shown).toEqual(changed);
		expect(listed.items).toContainEqual(shown);
		expect((await staff.send("GET", `${path}/${id}`)).status).toBe(404);
	});

	it("refuses an end before the start, also by a patch, and unknown fields", async () => {
		const { id } = await add(what, { ...aBody(), startsAt: at(HOUR) });

		expect(await faults("POST", path, { ...aBody(), startsAt: at(HOUR), endsAt: at(0) })).toEqual([
			400,
			"VALIDATION_ERROR",
			["endsAt"]
		]);
		expect(await faults("PATCH", `${path}/${id}`, { endsAt: at(0) })).toEqual([
			400,
			"VALIDATION_ERROR",
			["endsAt"]
		]);
		expect((await staff.send("POST", path, { ...aBody(), clicks: 9 })).status).toBe(400);
		await staff.mustSend("DELETE", `${path}/${id}`);
	});
});

describe("the home page", () => {
	it("shows what is enabled and in its time, in order, with the next request after a change", async () => {
		const banner = (title: string, more: object) =>
			add("banners", { title, image: "/pictures/a.svg", ...more });
		await home();
		const last = await banner("三", { sort: 300 });
		const first = await banner("一", { sort: 100, startsAt: at(-HOUR), endsAt: at(HOUR) });
		const second = await banner("二", { sort: 200 });
		await banner("未开始", { startsAt: at(HOUR) });
		await banner("已结束", { endsAt: at(-HOUR) });
		await banner("停用", { enabled: false });
		const notice = await add("notices", { title: "公告", content: "今日发货" });

		const shown = await home();
		await staff.mustSend("PATCH", `/admin/banners/${second.id}`, { enabled: false });
		const after = await home();

		expect(shown.banners.map(({ title }: { title: string }) => title)).toEqual(["一", "二", "三"]);
		expect(shown.banners[0]).toEqual({ id: first.id, title: "一", image: "/pictures/a.svg", link: null });
		expect(shown.notices).toContainEqual({ id: notice.id, title: "公告", content: "今日发货" });
		expect(shown.hotSearches).toEqual([]);
		expect(after.banners.map(({ id }: { id: string }) => id)).toEqual([first.id, last.id]);
	});

	it("fills sections of every kind with cards of what is on the shelf", async () => {
		const categoryId = await staff.addCategory();
		const [one, two] = [
			await staff.addProductOnShelf({ categoryId }),
			await staff.addProductOnShelf({ categoryId })
		];
		const draft = await staff.addDraft({ categoryId });
		const promotion = await staff.mustSend("POST", "/admin/promotions", {
			name: unique(),
			type: "percent_off",
			value: 10,
			scope: { productIds: [two.id] },
			startsAt: at(-HOUR),
			endsAt: at(HOUR)
		});
		const section = async (kind: string, more: object = {}) =>
			(await add("home-sections", { title: kind, kind, ...more })).id;
		const ids = [
			await section("products", { productIds: [two.id, draft.id, one.id] }),
			await section("category", { categoryId, limit: 1 }),
			await section("promotion", { promotionId: promotion.id }),
			await section("new"),
			await section("bestsellers")
		];

		const { sections } = await home();
		const itemsOf = (page: any[], id?: string): string[] =>
			page.find(found => found.id === id).items.map((card: { id: string }) => card.id);
		await staff.mustSend("POST", `/admin/products/${two.id}/off-shelf`, {});
		const later = (await home()).sections;

		expect(itemsOf(sections, ids[0])).toEqual([two.id, one.id]);
		expect(itemsOf(sections, ids[1])).toEqual([two.id]);
		expect(itemsOf(sections, ids[2])).toEqual([two.id]);
		expect(itemsOf(sections, ids[3]).slice(0, 2)).toEqual([two.id, one.id]);
		expect(itemsOf(sections, ids[4])).toEqual(expect.arrayContaining([one.id, two.id]));
		expect(ids.slice(0, 3).map(id => itemsOf(later, id))).toEqual([[one.id], [one.id], []]);
	});

	it("refuses sections without their source, or with one that does not exist", async () => {
		const given = (kind: string, more: object = {}) =>
			faults("POST", "/admin/home-sections", { title: "x", kind, ...more });

		expect([
			await given("category"),
			await given("category", { categoryId: "none" }),
			await given("promotion", { promotionId: "none" }),
			await given("products"),
			await given("products", { productIds: ["none"] }),
			await given("carousel")
		]).toEqual(
			[
				["categoryId"],
				["categoryId"],
				["promotionId"],
				["productIds"],
				["productIds[0]"],
				["kind"]
			].map(field => [400, "VALIDATION_ERROR", field])
		);
	});

	it("counts every click on a banner, also many at once and beside an edit", async () => {
		const { id } = await add("banners", { title: "点我", image: "/pictures/a.svg" });
		const click = () => shop.http("POST", `/content/banners/${id}/click`);

		const clicks = await Promise.all([
			...Array.from({ length: 20 }, click),
			staff.send("PATCH", `/admin/banners/${id}`, { title: "改" })
		]);

		expect(new Set(clicks.map(({ status }) => status))).toEqual(new Set([200]));
		expect(await staff.mustSend("GET", `/admin/banners/${id}`)).toMatchObject({
			title: "改",
			clicks: 20
		});
		expect((await shop.http("POST", "/content/banners/none/click")).status).toBe(404);
	});
});

describe("a page", () => {
	it("is answered as Markdown and as safe HTML, while it is enabled", async () => {
		const slug = unique("About-");
		const content = "# 关于\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) [茶](/tea)";
		const { id } = await add("pages", { slug, title: "关于", content });

		const { data } = (await shop.http("GET", `/content/pages/${slug.toLowerCase()}`)).body;
		await staff.mustSend("PATCH", `/admin/pages/${id}`, { content: "新" });
		const changed = (await shop.http("GET", `/content/pages/${slug}`)).body.data.html;
		await staff.mustSend("PATCH", `/admin/pages/${id}`, { enabled: false });

		expect(data).toMatchObject({ slug, title: "关于", content });
		expect(data.html).toContain("<h1>关于</h1>");
		expect(data.html).toContain("&lt;script&gt;");
		expect(data.html).not.toMatch(/<script|href="javascript/);
		expect(changed).toBe("<p>新</p>\n");
		expect((await shop.http("GET", `/content/pages/${slug}`)).status).toBe(404);
	});

	it("has a slug of its own, also after a change and for one of many at once", async () => {
		const [taken, other] = [unique("s-"), unique("s-")];
		const page = (slug: string) => ({ slug, title: "x", content: "x" });
		await add("pages", page(taken));
		const { id } = await add("pages", page(other));
		const rush = unique("s-");

		const rushed = await Promise.all(
			Array.from({ length: 5 }, () => staff.send("POST", "/admin/pages", page(rush)))
		);

		const duplicate = [409, "DUPLICATE", "slug"];
		expect(await faults("POST", "/admin/pages", page(taken.toUpperCase()))).toEqual(duplicate);
		expect(await faults("PATCH", `/admin/pages/${id}`, { slug: taken })).toEqual(duplicate);
		expect(rushed.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409, 409]);
		expect(await faults("POST", "/admin/pages", page("a/b"))).toEqual([
			400,
			"VALIDATION_ERROR",
			["slug"]
		]);
	});
});
