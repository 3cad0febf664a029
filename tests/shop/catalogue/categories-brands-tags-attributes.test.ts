import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";
import { StaffClient, unique } from "../../support/builders";

let shop: Shop;
let staff: StaffClient;
let customer: string;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	customer = await shop.asUser();
});
afterAll(() => shop.stop());

const refusal = async (reply: ReturnType<StaffClient["send"]>) => {
	const { status, body } = await reply;
	return [status, body.code];
};

describe.each([
	["categories", { name: "Shoes" }],
	["brands", { name: "Nobody" }],
	["tags", { name: "New" }],
	["attributes", { name: "Colour", kind: "sale", input: "text" }]
])("/admin/%s", (what, body) => {
	const path = `/admin/${what}`;
	const aBody = () => ({ ...body, name: unique(body.name) });

	it("adds, lists, shows, changes and removes", async () => {
		const made = await staff.send("POST", path, aBody());
		const { id } = made.body.data;

		const changed = await staff.mustSend("PATCH", `${path}/${id}`, { name: unique("Changed") });
		const shown = await staff.mustSend("GET", `${path}/${id}`);
		const listed = await staff.mustSend("GET", `${path}?page=1&pageSize=100`);
		const removed = await staff.send("DELETE", `${path}/${id}`);

		expect(made.status).toBe(201);
		expect(shown).toEqual(changed);
		expect(shown.name).toMatch(/^Changed/);
		expect(listed).toMatchObject({ page: 1, pageSize: 100 });
		expect(listed.items).toContainEqual(shown);
		expect(removed.status).toBe(200);
		expect(await refusal(staff.send("GET", `${path}/${id}`))).toEqual([404, "NOT_FOUND"]);
	});

	it("refuses an unknown field, an invalid name and an unknown id", async () => {
		expect(await refusal(staff.send("POST", path, { ...aBody(), secret: 1 }))).toEqual([
			400,
			"VALIDATION_ERROR"
		]);
		expect(await refusal(staff.send("POST", path, { ...aBody(), name: "  " }))).toEqual([
			400,
			"VALIDATION_ERROR"
		]);
		expect(await refusal(staff.send("PATCH", `${path}/nothing`, aBody()))).toEqual([404, "NOT_FOUND"]);
		expect(await refusal(staff.send("DELETE", `${path}/nothing`))).toEqual([404, "NOT_FOUND"]);
	});

	it("admits merchandisers only", async () => {
		const send = (token?: string) =>
			shop.http("POST", path, { body: aBody(), ...(token !== undefined && { token }) });

		expect([(await send()).status, (await send(customer)).status]).toEqual([401, 403]);
	});
});

describe.each([["brands"], ["tags"]])("names of %s", what => {
	const path = `/admin/${what}`;

	it("are unique, whatever their case", async () => {
		const name = unique("Name");
		await staff.mustSend("POST", path, { name });
		const other = await staff.mustSend("POST", path, { name: unique() });

		const again = staff.send("POST", path, { name: name.toUpperCase() });
		const renamed = staff.send("PATCH", `${path}/${other.id}`, { name });

		expect(await refusal(again)).toEqual([409, "DUPLICATE"]);
		expect(await refusal(renamed)).toEqual([409, "DUPLICATE"]);
	});

	it("are unique, however they are typed", async () => {
		const name = unique("Café ");
		const { id } = await staff.mustSend("POST", path, { name });

		const namesakes = [
			name.normalize("NFD"),
			name.replace("C", "Ｃ"),
			name.replace("C", "\u200bC"),
			`\u3000${name} `,
			name.replace(" ", ""),
			`${name}\ufe0f`
		];
		const replies = await Promise.all(
			namesakes.map(namesake => refusal(staff.send("POST", path, { name: namesake })))
		);

		expect(replies).toEqual(namesakes.map(() => [409, "DUPLICATE"]));
		expect((await staff.send("PATCH", `${path}/${id}`, { name: name.toUpperCase() })).status).toBe(200);
	});

	it("are given to exactly one of many concurrent requests", async () => {
		const name = unique("Name");
		const spelled = [name, name.toUpperCase(), name.toLowerCase(), ` ${name}`, `${name}\u200b`];

		const replies = await Promise.all(spelled.map(each => staff.send("POST", path, { name: each })));

		expect(replies.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409, 409]);
	});
});

it.each([
	["categories", (id: string) => ({ parentId: id })],
	["attributes", (id: string) => ({ categoryId: id, kind: "sale", input: "text" })]
])("lets %s of one category have the same name, added, renamed or moved there", async (what, within) => {
	const [here, there] = [await staff.addCategory(), await staff.addCategory()];
	const name = unique("配件");
	const add = (id: string, as = name) =>
		staff.mustSend("POST", `/admin/${what}`, { ...within(id), name: as });
	const change = (id: string, patch: object) => staff.mustSend("PATCH", `/admin/${what}/${id}`, patch);
	const [one, renamed, moved] = [await add(here), await add(here, unique()), await add(there)];

	const namesakes = [
		one,
		await add(here),
		await change(renamed.id, { name }),
		await change(moved.id, within(here))
	];

	expect(namesakes.map(each => each.name)).toEqual(namesakes.map(() => name));
	expect(new Set(namesakes.map(each => each.id)).size).toBe(4);
	expect(namesakes).toEqual(namesakes.map(() => expect.objectContaining(within(here))));
});

describe("an import", () => {
	const load = (what: string, ...entries: object[]) =>
		shop.broker.call(`${what}.import`, { [what]: entries });
	const attribute = { categoryId: null, kind: "spec", input: "text", values: [], facet: false };

	it.each([
		["brands", { logo: null, description: null, categoryIds: [] }],
		["tags", { color: "red" }],
		["attributes", attribute]
	])("leaves %s that were renamed as they are", async (what, more) => {
		const [id, name] = [unique("id-"), unique("Name")];
		await load(what, { id, name, ...more });
		const renamed = await staff.mustSend("PATCH", `/admin/${what}/${id}`, { name: unique("Other") });

		await load(what, { id, name, ...more });

		expect(await staff.mustSend("GET", `/admin/${what}/${id}`)).toEqual(renamed);
	});

	it.each([
		["brands", { logo: null, description: null, categoryIds: [] }],
		["tags", { color: "red" }]
	])("leaves out %s whose name another has already", async (what, more) => {
		const name = unique("Name");
		await staff.mustSend("POST", `/admin/${what}`, { name });

		await load(what, { id: unique("id-"), name: name.toUpperCase(), ...more });

		const { items } = await staff.mustSend("GET", `/admin/${what}?pageSize=100`);
		expect(items.filter((entry: { name: string }) => entry.name === name.toUpperCase())).toEqual([]);
	});
});

describe("the tree of categories", () => {
	it("shows visible categories, nested and sorted", async () => {
		const top = await staff.addCategory();
		const second = await staff.addCategory({ parentId: top, sort: 2 });
		const first = await staff.addCategory({ parentId: top, sort: 1, icon: "/pictures/a.svg" });
		const hidden = await staff.addCategory({ parentId: top, visible: false });

		const tree = (await shop.http("GET", "/categories")).body.data;
		const branch = (await shop.http("GET", `/categories/${top}`)).body.data;

		expect(tree).toContainEqual(branch);
		expect(branch).toMatchObject({ id: top, level: 1, parentId: null });
		expect(branch.children).toMatchObject([
			{ id: first, level: 2, parentId: top, sort: 1, icon: "/pictures/a.svg", children: [] },
			{ id: second, level: 2 }
		]);
		expect((await shop.http("GET", `/categories/${hidden}`)).status).toBe(404);
	});

	it("refuses a fourth level, a cycle and a parent that is not there", async () => {
		const a = await staff.addCategory();
		const b = await staff.addCategory({ parentId: a });
		const c = await staff.addCategory({ parentId: b });

		expect(await refusal(staff.send("POST", "/admin/categories", { name: "d", parentId: c }))).toEqual([
			409,
			"INVALID_STATE"
		]);
		expect(await refusal(staff.send("PATCH", `/admin/categories/${a}`, { parentId: c }))).toEqual([
			409,
			"INVALID_STATE"
		]);
		expect(
			await refusal(staff.send("POST", "/admin/categories", { name: "d", parentId: "none" }))
		).toEqual([400, "VALIDATION_ERROR"]);
	});

	it("accepts at most one of two concurrent moves that together would form a cycle", async () => {
		const [a, b] = [await staff.addCategory(), await staff.addCategory()];
		const move = (id: string, parentId: string) =>
			staff.send("PATCH", `/admin/categories/${id}`, { parentId });

		const answers = await Promise.all([move(a, b), move(b, a)]);

		expect(answers.map(r => r.status).sort()).toEqual([200, 409]);
	});

	it("loses none of many categories added concurrently", async () => {
		const parentId = await staff.addCategory();

		await Promise.all(Array.from({ length: 20 }, () => staff.addCategory({ parentId })));

		const children = await staff.mustSend("GET", `/admin/categories?parentId=${parentId}`);
		expect(children.total).toBe(20);
	});

	it("updates the products of a category that moves", async () => {
		const [from, to] = [await staff.addCategory(), await staff.addCategory()];
		const moving = await staff.addCategory({ parentId: from });
		const below = await staff.addCategory({ parentId: moving });
		const { id } = await staff.addProductOnShelf({ categoryId: below });
		const under = async (category: string): Promise<string[]> =>
			(await shop.http("GET", `/products?categoryId=${category}`)).body.data.items.map(
				(p: { id: string }) => p.id
			);
		const before = await under(from);

		await staff.mustSend("PATCH", `/admin/categories/${moving}`, { parentId: to });

		expect(before).toEqual([id]);
		await until("the product under the new place", async () => (await under(to)).includes(id));
		expect(await under(from)).toEqual([]);
	});
});

describe("an entry in use is not removed", () => {
	it("a category with others under it, with a product, a brand or an attribute", async () => {
		const [above, withProduct, withBrand, withAttribute] = [
			await staff.addCategory(),
			await staff.addCategory(),
			await staff.addCategory(),
			await staff.addCategory()
		];
		await staff.addCategory({ parentId: above });
		await staff.addDraft({ categoryId: withProduct });
		await staff.addBrand({ categoryIds: [withBrand] });
		const attribute = { name: unique(), kind: "spec", input: "text", categoryId: withAttribute };
		await staff.mustSend("POST", "/admin/attributes", attribute);

		for (const id of [above, withProduct, withBrand, withAttribute])
			expect(await refusal(staff.send("DELETE", `/admin/categories/${id}`))).toEqual([409, "IN_USE"]);
	});

	it("a brand, a tag and an attribute that a product has", async () => {
		const name = unique("属性");
		const brand = await staff.addBrand();
		const tag = (await staff.mustSend("POST", "/admin/tags", { name: unique() })).id;
		const attribute = (
			await staff.mustSend("POST", "/admin/attributes", { name, kind: "spec", input: "text" })
		).id;
		await staff.addDraft({ brandId: brand, tagIds: [tag], attributes: { [name]: "any" } });

		for (const path of [`brands/${brand}`, `tags/${tag}`, `attributes/${attribute}`])
			expect(await refusal(staff.send("DELETE", `/admin/${path}`))).toEqual([409, "IN_USE"]);
	});
});

describe("an attribute that a product has", () => {
	const declare = async (more: object = {}) => {
		const name = unique("工艺");
		const given = { name, kind: "spec", input: "text", ...more };
		const { id } = await staff.mustSend("POST", "/admin/attributes", given);
		return { name, path: `/admin/attributes/${id}` };
	};

	it("stays in use when it is renamed, until no product has it any more", async () => {
		const { name, path } = await declare();
		const product = await staff.addDraft({ attributes: { [name]: "手工" } });
		await staff.mustSend("PATCH", path, { name: unique("改") });
		await staff.mustSend("PATCH", path, { name: unique("再改"), required: true });

		const used = await refusal(staff.send("DELETE", path));
		await staff.mustSend("PATCH", `/admin/products/${product.id}`, { attributes: {} });
		const free = await staff.send("DELETE", path);

		expect(used).toEqual([409, "IN_USE"]);
		expect(free.status).toBe(200);
	});

	it("stays in use when it is moved to another category, or moved and renamed", async () => {
		const [from, to] = [await staff.addCategory(), await staff.addCategory()];
		const { name, path } = await declare({ categoryId: from });
		const { path: other, name: otherName } = await declare();
		await staff.addDraft({ categoryId: from, attributes: { [name]: "手工", [otherName]: "机制" } });

		await staff.mustSend("PATCH", path, { categoryId: to });
		await staff.mustSend("PATCH", other, { categoryId: to, name: unique("改") });

		expect(await refusal(staff.send("DELETE", path))).toEqual([409, "IN_USE"]);
		expect(await refusal(staff.send("DELETE", other))).toEqual([409, "IN_USE"]);
	});

	it("is not in use under a former name that no product had", async () => {
		const { name, path } = await declare();
		await staff.mustSend("PATCH", path, { name: unique("改") });
		await staff.addDraft({ attributes: { [name]: "手工" } });

		expect((await staff.send("DELETE", path)).status).toBe(200);
	});

	it("keeps every name that products use through two concurrent renames", async () => {
		const { name, path } = await declare();
		await staff.addDraft({ attributes: { [name]: "手工" } });

		const answers = await Promise.all(
			[unique(), unique(), unique()].map(other => staff.send("PATCH", path, { name: other }))
		);

		expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
		expect(await refusal(staff.send("DELETE", path))).toEqual([409, "IN_USE"]);
	});
});

describe("brands for shoppers", () => {
	it("are listed by letter, which follows from the name", async () => {
		const name = unique("华");
		const id = await staff.addBrand({ name, logo: "/pictures/logo.svg" });

		const listed = (await shop.http("GET", "/brands?letter=H&pageSize=100")).body.data;
		const small = (await shop.http("GET", "/brands?letter=h&pageSize=100")).body.data;
		const others = (await shop.http("GET", "/brands?letter=A&pageSize=100")).body.data;

		expect(listed.items).toContainEqual({ id, name, logo: "/pictures/logo.svg", firstLetter: "H" });
		expect(small).toEqual(listed);
		expect(others.items.map((b: { id: string }) => b.id)).not.toContain(id);
		expect((await shop.http("GET", "/brands?letter=hh")).status).toBe(400);
	});

	it("are listed by category, including the categories above and below it", async () => {
		const top = await staff.addCategory();
		const child = await staff.addCategory({ parentId: top });
		const sibling = await staff.addCategory({ parentId: top });
		const ofTop = await staff.addBrand({ categoryIds: [top] });
		const ofChild = await staff.addBrand({ categoryIds: [child] });
		const ids = async (category: string): Promise<string[]> =>
			(await shop.http("GET", `/brands?categoryId=${category}`)).body.data.items.map(
				(b: { id: string }) => b.id
			);

		expect((await ids(top)).sort()).toEqual([ofTop, ofChild].sort());
		expect((await ids(child)).sort()).toEqual([ofTop, ofChild].sort());
		expect(await ids(sibling)).toEqual([ofTop]);
		expect(await ids("nothing")).toEqual([]);
	});
});

it("shows shoppers the tags, and the attributes of products in a category", async () => {
	const above = await staff.addCategory();
	const own = await staff.addCategory({ parentId: above });
	const other = await staff.addCategory();
	const declare = async (categoryId: string | null) =>
		(
			await staff.mustSend("POST", "/admin/attributes", {
				...{ name: unique("颜色 "), categoryId, kind: "sale", input: "select" },
				...{ values: ["黑"], facet: true }
			})
		).id;
	const [ofAbove, ofOwn, ofOther] = [await declare(above), await declare(own), await declare(other)];
	const tag = await staff.mustSend("POST", "/admin/tags", { name: unique("新品 "), color: "#2f9e6e" });

	const shown = async (query: string) => (await shop.http("GET", `/attributes${query}`)).body.data;
	const idsOf = (list: { id: string }[]) => list.map(({ id }) => id);
	const filters = await shown(`?categoryId=${own}`);

	expect(idsOf(filters)).toEqual(expect.arrayContaining([ofAbove, ofOwn]));
	expect(idsOf(filters)).not.toContain(ofOther);
	expect(filters.find(({ id }: { id: string }) => id === ofOwn)).toMatchObject({
		kind: "sale",
		input: "select",
		values: ["黑"],
		facet: true
	});
	expect(idsOf(await shown(`?categoryId=${above}`))).toContain(ofOwn);
	expect(idsOf(await shown(""))).toEqual(expect.arrayContaining([ofAbove, ofOwn, ofOther]));
	expect(await shown("?categoryId=nothing")).toEqual([]);
	const { nextCursor } = await staff.mustSend("GET", "/admin/tags?pageSize=1");
	await staff.mustSend("GET", `/admin/tags?pageSize=1&cursor=${nextCursor}`);
	expect((await shop.http("GET", `/tags?categoryId=${own}`)).body.data).toContainEqual({
		id: tag.id,
		name: tag.name,
		color: "#2f9e6e"
	});
});
