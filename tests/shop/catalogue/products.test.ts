import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";
import { buildPicturePath, buildSeed } from "../../../services/demo-pictures/picture.domain";
import { aSku, StaffClient, unique } from "../../support/builders";

let shop: Shop;
let staff: StaffClient;
let customer: string;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	customer = await shop.asUser();
});
afterAll(() => shop.stop());

const patch = (id: string, body: object) => staff.send("PATCH", `/admin/products/${id}`, body);
const step = (id: string, name: string, body: object = {}) =>
	staff.send("POST", `/admin/products/${id}/${name}`, body);

describe("drafting", () => {
	it("answers the draft with its SKUs numbered under the product", async () => {
		const brandId = await staff.addBrand();

		const product = await staff.addDraft({
			brandId,
			skus: [aSku({ price: 300 }), aSku({ price: 200, marketPrice: 250 })]
		});

		expect(product).toMatchObject({
			status: "draft",
			version: 1,
			brandId,
			price: 200,
			marketPrice: 250,
			currency: "CNY",
			inStock: false,
			reason: null,
			schedule: null
		});
		expect(product.skus.map((s: { id: string }) => s.id)).toEqual([`${product.id}-1`, `${product.id}-2`]);
	});

	it.each([
		["no name", { name: undefined }, "name"],
		["a fraction of a fen", { skus: [aSku({ price: 1.5 })] }, "skus[0].price"],
		["a negative price", { skus: [aSku({ price: -1 })] }, "skus[0].price"],
		["no SKU", { skus: [] }, "skus"],
		["an unknown field", { secret: 1 }, "secret"],
		["a category that is not there", { categoryId: "nowhere" }, "categoryId"],
		["a brand that is not there", { brandId: "nobody" }, "brandId"],
		["a tag that is not there", { tagIds: ["none"] }, "tagIds[0]"],
		["a picture that is a script", { images: ["javascript:alert(1)"] }, "images[0]"]
	])("refuses %s, naming the field", async (_what, wrong, field) => {
		const body = { name: "茶杯", categoryId: await staff.addCategory(), skus: [aSku()], ...wrong };

		const { status, body: answer } = await staff.send("POST", "/admin/products", body);

		expect([status, answer.code]).toEqual([400, "VALIDATION_ERROR"]);
		expect(answer.data).toEqual(expect.arrayContaining([expect.objectContaining({ field })]));
	});

	it("admits merchandisers only", async () => {
		const stranger = await shop.http("GET", "/admin/products");
		const shopper = await shop.http("GET", "/admin/products", { token: customer });

		expect([stranger.status, shopper.status]).toEqual([401, 403]);
	});

	it("refuses a code that another SKU has, inside one product and between two", async () => {
		const code = unique("C-");
		await staff.addDraft({ skus: [aSku({ code })] });
		const categoryId = await staff.addCategory();
		const send = (skus: object[]) =>
			staff.send("POST", "/admin/products", { name: "茶杯", categoryId, skus });

		const other = await send([aSku({ code })]);
		const twice = await send([aSku({ code: `${code}x` }), aSku({ code: `${code}x` })]);

		expect([other.status, other.body.code]).toEqual([409, "DUPLICATE"]);
		expect([twice.status, twice.body.code]).toEqual([409, "DUPLICATE"]);
	});

	it("refuses two SKUs of one product with the same attributes, naming both", async () => {
		const [a, b] = [aSku({ attributes: { 颜色: "黑" } }), aSku({ attributes: { 颜色: "黑" } })];
		const [bare, naked] = [aSku({ attributes: {} }), aSku({ attributes: {} })];
		const categoryId = await staff.addCategory();
		const send = (skus: object[]) =>
			staff.send("POST", "/admin/products", { name: "茶杯", categoryId, skus });
		const { id } = await staff.addDraft({ skus: [a, bare] });

		const answers = [
			[await send([a, b]), [a.code, b.code]],
			[await send([bare, naked]), [bare.code, naked.code]],
			[await staff.send("POST", `/admin/products/${id}/skus`, b), [a.code, b.code]],
			[await staff.send("PATCH", `/admin/products/${id}/skus/${id}-2`, b), [a.code, b.code]],
			[await patch(id, { skus: [a, b] }), [a.code, b.code]]
		] as const;

		for (const [{ status, body }, codes] of answers)
			expect([status, body.code, body.data]).toEqual([
				409,
				"DUPLICATE",
				{ field: "attributes", codes }
			]);
		expect((await staff.mustSend("GET", `/admin/products/${id}`)).skus).toHaveLength(2);
	});

	it("accepts one of many SKUs with the same attributes added concurrently", async () => {
		const { id } = await staff.addDraft();
		const attributes = { 颜色: "黑" };

		const answers = await Promise.all(
			Array.from({ length: 5 }, () =>
				staff.send("POST", `/admin/products/${id}/skus`, aSku({ attributes }))
			)
		);

		expect(answers.map(({ body }) => body.code).toSorted()).toEqual([
			...Array(4).fill("DUPLICATE"),
			"OK"
		]);
	});

	it("treats codes as equal that differ only in case, width or invisible characters", async () => {
		const { id, skus } = await staff.addDraft();
		const { id: other } = await staff.addDraft();
		const { code } = skus[0];
		const spelled = [code.toUpperCase(), code.toLowerCase(), code.replace("C", "Ｃ")];
		const added = (at: string) => (each: string) =>
			staff.send("POST", `/admin/products/${at}/skus`, aSku({ code: each, attributes: { 款: each } }));

		const answers = await Promise.all([...spelled.map(added(id)), ...spelled.map(added(other))]);
		const kept = await staff.mustSend("PATCH", `/admin/products/${id}`, {
			skus: [aSku({ code: code.toLowerCase() })]
		});

		expect(answers.map(({ body }) => body.code)).toEqual(answers.map(() => "DUPLICATE"));
		expect(kept.skus).toMatchObject([{ id: skus[0].id, code: code.toLowerCase() }]);
	});

	it("gives a code to exactly one of many concurrent requests", async () => {
		const code = unique("C-");
		const categoryId = await staff.addCategory();
		const send = () =>
			staff.send("POST", "/admin/products", { name: "茶杯", categoryId, skus: [aSku({ code })] });

		const answers = await Promise.all(Array.from({ length: 10 }, send));

		expect(answers.filter(a => a.status === 201)).toHaveLength(1);
		expect(answers.filter(a => a.body.code === "DUPLICATE")).toHaveLength(9);
	});

	it("requires the attributes that the category above requires", async () => {
		const above = await staff.addCategory();
		const categoryId = await staff.addCategory({ parentId: above });
		await staff.mustSend("POST", "/admin/attributes", {
			name: "颜色",
			categoryId: above,
			kind: "sale",
			input: "select",
			values: ["黑", "白"],
			required: true
		});
		const send = (attributes: object) =>
			staff.send("POST", "/admin/products", { name: "茶杯", categoryId, skus: [aSku({ attributes })] });

		const missing = await send({});
		const unknown = await send({ 颜色: "红" });
		const right = await send({ 颜色: "黑", 产地: "景德镇" });

		expect(missing.body.data).toEqual([expect.objectContaining({ field: "skus[0].attributes.颜色" })]);
		expect(unknown.status).toBe(400);
		expect(right.status).toBe(201);
	});
});

describe("editing", () => {
	it("refuses an edit of an older version and changes nothing", async () => {
		const { id } = await staff.addDraft();

		const first = await patch(id, { version: 1, name: "First" });
		const second = await patch(id, { version: 1, name: "Second" });

		expect([first.status, first.body.data.version]).toEqual([200, 2]);
		expect([second.status, second.body.code]).toEqual([409, "VERSION_CONFLICT"]);
		expect((await staff.mustSend("GET", `/admin/products/${id}`)).name).toBe("First");
	});

	it("accepts one of many concurrent edits of the same version", async () => {
		const { id } = await staff.addDraft();

		const answers = await Promise.all(
			Array.from({ length: 10 }, (_, i) => patch(id, { version: 1, name: `N${i}` }))
		);

		expect(answers.filter(a => a.status === 200)).toHaveLength(1);
	});

	it("loses none of many SKUs added concurrently, and gives each its own id", async () => {
		const { id } = await staff.addDraft();

		await Promise.all(
			Array.from({ length: 10 }, () => staff.mustSend("POST", `/admin/products/${id}/skus`, aSku()))
		);

		const { skus, version } = await staff.mustSend("GET", `/admin/products/${id}`);
		expect(new Set(skus.map((s: { id: string }) => s.id)).size).toBe(11);
		expect(version).toBe(11);
	});

	it("keeps the ids of SKUs whose code is in a new list of all SKUs", async () => {
		const [a, b] = [aSku(), aSku()];
		const { id } = await staff.addDraft({ skus: [a, b] });

		const { body } = await patch(id, { skus: [aSku(), { ...b, price: 5 }] });

		expect(body.data.skus.map((s: { id: string }) => s.id)).toEqual([`${id}-3`, `${id}-2`]);
		expect(body.data.price).toBe(5);
	});

	it("never gives the number of a removed SKU again, and keeps the last SKU", async () => {
		const { id } = await staff.addDraft();
		const added = await staff.mustSend("POST", `/admin/products/${id}/skus`, aSku());
		await staff.mustSend("DELETE", `/admin/products/${id}/skus/${added.id}`);

		const next = await staff.mustSend("POST", `/admin/products/${id}/skus`, aSku());
		await staff.mustSend("DELETE", `/admin/products/${id}/skus/${next.id}`);
		const last = await staff.send("DELETE", `/admin/products/${id}/skus/${id}-1`);

		expect([added.id, next.id]).toEqual([`${id}-2`, `${id}-3`]);
		expect([last.status, last.body.code]).toEqual([409, "LAST_ONE"]);
	});

	it("changes a SKU, and refuses another's code and an unknown SKU", async () => {
		const [a, b] = [aSku(), aSku()];
		const { id } = await staff.addDraft({ skus: [a, b] });
		const send = (n: number, body: object) =>
			staff.send("PATCH", `/admin/products/${id}/skus/${id}-${n}`, body);

		const changed = await send(1, { price: 7, name: "大" });
		const taken = await send(1, { code: b.code });
		const absent = await send(9, { price: 1 });

		expect(changed.body.data).toMatchObject({
			id: `${id}-1`,
			productId: id,
			price: 7,
			name: "大",
			stock: "out"
		});
		expect([taken.status, taken.body.code]).toEqual([409, "DUPLICATE"]);
		expect([absent.status, absent.body.code]).toEqual([404, "NOT_FOUND"]);
	});

	it("is not stopped by an attribute that was declared required after the product was made", async () => {
		const categoryId = await staff.addCategory();
		const [a, b] = [aSku(), aSku()];
		const { id } = await staff.addDraft({ categoryId, skus: [a] });
		const declare = (kind: string) =>
			staff.mustSend("POST", "/admin/attributes", {
				name: kind === "sale" ? "颜色" : "产地",
				categoryId,
				kind,
				input: "text",
				required: true
			});
		await declare("spec");
		await declare("sale");
		const send = (body: object) => staff.send("POST", `/admin/products/${id}/skus`, body);

		const bare = await send(b);
		const fitting = await send({ ...b, attributes: { 颜色: "黑" } });
		const edited = await patch(id, { name: "茶壶", attributes: { 工艺: "手工" }, skus: [a] });
		const changed = await staff.send("PATCH", `/admin/products/${id}/skus/${id}-1`, {
			attributes: { 款号: "新" }
		});
		const made = await staff.send("POST", "/admin/products", { name: "茶杯", categoryId, skus: [a] });

		expect([bare.status, bare.body.data]).toEqual([
			400,
			[expect.objectContaining({ field: "attributes.颜色", type: "required" })]
		]);
		expect([fitting.status, edited.status, changed.status]).toEqual([201, 200, 200]);
		expect(made.body.data.map(({ field }: { field: string }) => field)).toEqual([
			"attributes.产地",
			"skus[0].attributes.颜色"
		]);
	});

	it("shows shoppers a change at once, in the product, the list and the prices", async () => {
		const word = unique();
		const { id } = await staff.addProductOnShelf({ name: word });
		await shop.http("GET", `/products/${id}`);
		await shop.http("GET", `/products?q=${word}`);

		await patch(id, { subtitle: "new", skus: [aSku({ price: 42 })] });

		const product = await shop.http("GET", `/products/${id}`);
		const list = await until("the list", async () => {
			const reply = await shop.http("GET", `/products?q=${word}`);
			return reply.body.data.items[0]?.price === 42 ? reply : null;
		});
		const prices = await shop.http("POST", "/skus/prices", {
			body: { skuIds: [`${id}-1`, `${id}-2`, "x-1"] }
		});
		expect(product.body.data).toMatchObject({ subtitle: "new", price: 42 });
		expect(list.body.data).toMatchObject({ total: 1, items: [{ id, price: 42 }] });
		expect(prices.body.data).toEqual([
			{ skuId: `${id}-1`, price: 1000, currency: "CNY", onShelf: false },
			{ skuId: `${id}-2`, price: 42, currency: "CNY", onShelf: true }
		]);
	});
});

describe("the status", () => {
	it("leads from draft over pending, rejected, pending and approved to the shelf and off it", async () => {
		const { id } = await staff.addDraft();
		const seen = [];
		for (const [name, body] of [
			["submit", {}],
			["reject", { reason: "blurred" }],
			["submit", {}],
			["approve", {}],
			["on-shelf", {}],
			["off-shelf", {}],
			["on-shelf", {}]
		] as const) {
			const { body: answer } = await step(id, name, body);
			seen.push([answer.data.status, answer.data.reason]);
		}

		expect(seen).toEqual([
			["pending", null],
			["rejected", "blurred"],
			["pending", null],
			["approved", null],
			["on_shelf", null],
			["off_shelf", null],
			["on_shelf", null]
		]);
	});

	it.each(["approve", "reject", "on-shelf", "off-shelf"])("refuses to %s a draft", async name => {
		const { id } = await staff.addDraft();

		const { status, body } = await step(id, name, name === "reject" ? { reason: "no" } : {});

		expect([status, body.code]).toEqual([409, "INVALID_STATE"]);
		expect(body.data).toEqual({ id, state: "draft", allowed: ["pending"] });
	});

	it("asks for a reason, and answers 404 for a product that is not there", async () => {
		const { id } = await staff.addDraft();

		const bare = await step(id, "reject");
		const absent = await step("nothing", "submit");

		expect([bare.status, absent.status]).toEqual([400, 404]);
	});

	it("shows shoppers nothing but what is on the shelf", async () => {
		const { id } = await staff.addProductOnShelf();
		const shown = await shop.http("GET", `/products/${id}`);

		await step(id, "off-shelf");

		const hidden = await shop.http("GET", `/products/${id}`);
		expect([shown.status, hidden.status]).toEqual([200, 404]);
	});

	it("puts on the shelf and off at the time asked for", async () => {
		const { id } = await staff.addDraft();
		await step(id, "submit");
		await step(id, "approve");
		const soon = (ms: number) => new Date(Date.now() + ms).toISOString();

		const planned = await step(id, "on-shelf", { at: soon(5_000) });
		const before = await shop.http("GET", `/products/${id}`);
		await until("on the shelf", async () => (await shop.http("GET", `/products/${id}`)).status === 200);
		await step(id, "off-shelf", { at: soon(300) });
		await until("off the shelf", async () => (await shop.http("GET", `/products/${id}`)).status === 404);

		expect(planned.body.data).toMatchObject({ status: "approved", schedule: { to: "on_shelf" } });
		expect(before.status).toBe(404);
		expect(await staff.mustSend("GET", `/admin/products/${id}`)).toMatchObject({
			status: "off_shelf",
			schedule: null
		});
	});

	it("stays where it is when the step that was scheduled is cancelled, and may be scheduled anew", async () => {
		const { id } = await staff.addProductOnShelf();
		const cancel = () => staff.send("DELETE", `/admin/products/${id}/schedule`);
		const at = new Date(Date.now() + 5_000).toISOString();
		await step(id, "off-shelf", { at });

		const cancelled = await cancel();
		const again = await cancel();
		// A schedule of another product for the same time shows when the time has come.
		const other = await staff.addProductOnShelf();
		await step(other.id, "off-shelf", { at });
		await until(
			"off the shelf",
			async () => (await shop.http("GET", `/products/${other.id}`)).status === 404
		);

		for (const { status, body } of [cancelled, again])
			expect([status, body.data]).toMatchObject([200, { id, status: "on_shelf", schedule: null }]);
		expect((await shop.http("GET", `/products/${id}`)).status).toBe(200);
		expect((await step(id, "off-shelf", { at: "2100-01-01T00:00:00Z" })).body.data).toMatchObject({
			status: "on_shelf",
			schedule: { to: "off_shelf", at: "2100-01-01T00:00:00.000Z" }
		});
	});

	it("records the cancelling of a schedule in the audit log, except for an unknown product", async () => {
		const { id } = await staff.addProductOnShelf();
		await step(id, "off-shelf", { at: "2100-01-01T00:00:00Z" });

		await staff.mustSend("DELETE", `/admin/products/${id}/schedule`);
		const absent = await staff.send("DELETE", "/admin/products/nothing/schedule");

		const { items } = await staff.mustSend("GET", "/admin/audit-log?pageSize=100");
		expect(items).toContainEqual(
			expect.objectContaining({ action: "products.cancelSchedule", params: { id }, outcome: "OK" })
		);
		expect([absent.status, absent.body.code]).toEqual([404, "NOT_FOUND"]);
	});

	it("treats a time in the past as now", async () => {
		const { id } = await staff.addProductOnShelf();

		const { body } = await step(id, "off-shelf", { at: "2020-01-01T00:00:00Z" });

		expect(body.data.status).toBe("off_shelf");
	});

	it("removes only products off the shelf, also right after they came off", async () => {
		const { id } = await staff.addProductOnShelf();
		const refused = await staff.send("DELETE", `/admin/products/${id}`);
		await step(id, "off-shelf");

		const done = await staff.send("DELETE", `/admin/products/${id}`);

		expect([refused.status, refused.body.code]).toEqual([409, "INVALID_STATE"]);
		expect(done.status).toBe(200);
		expect((await staff.send("GET", `/admin/products/${id}`)).status).toBe(404);
	});
});

describe("stock and sales", () => {
	it("shows each SKU's stock at once, and has the product in stock in lists soon", async () => {
		const word = unique();
		const { id } = await staff.addProductOnShelf({ name: word, skus: [aSku(), aSku(), aSku()] });
		await staff.addStock(`${id}-1`, 50);
		await staff.addStock(`${id}-2`, 3);

		const { body } = await shop.http("GET", `/products/${id}`);
		const listed = await until("in stock", async () => {
			const list = await shop.http("GET", `/products?q=${word}&inStock=true`);
			return list.body.data.items[0];
		});

		expect(body.data.skus.map((s: { stock: string }) => s.stock)).toEqual(["in", "low", "out"]);
		expect(listed).toMatchObject({ id, inStock: true });
	});

	it("counts an order's units once, however often the fact is delivered", async () => {
		const { id } = await staff.addProductOnShelf();
		const lines = [
			{ skuId: `${id}-1`, productId: id, quantity: 2 },
			{ skuId: `${id}-2`, productId: id, quantity: 1 }
		];
		const service = shop.broker.getLocalService("products");
		const tell = (orderId: string) =>
			service.emitLocalEventHandler("order.completed", { orderId, userId: "u", lines }, {});
		const [first, second] = [unique(), unique()];

		await tell(first);
		await Promise.all([tell(first), tell(second), tell(second)]);

		expect((await shop.http("GET", `/products/${id}`)).body.data.sales).toBe(6);
	});

	it("ignores a late stock level of a SKU", async () => {
		const { id } = await staff.addProductOnShelf();
		const service = shop.broker.getLocalService("products");
		const tell = (level: string, version: number) =>
			service.emitLocalEventHandler(
				"stock.level_changed",
				{ skuId: `${id}-1`, level, available: 1, version },
				{}
			);

		await tell("in", 5);
		await tell("out", 4);

		const list = await staff.mustSend(
			"GET",
			`/admin/products?q=${encodeURIComponent("茶杯")}&pageSize=100`
		);
		expect(list.items.find((p: { id: string }) => p.id === id)).toMatchObject({ inStock: true });
	});
});

it("lists products in any status to staff, filtered", async () => {
	const categoryId = await staff.addCategory();
	const child = await staff.addCategory({ parentId: categoryId });
	const draft = await staff.addDraft({ categoryId });
	const shown = await staff.addProductOnShelf({ categoryId: child });

	const all = await staff.mustSend("GET", `/admin/products?categoryId=${categoryId}`);
	const drafts = await staff.mustSend("GET", `/admin/products?categoryId=${categoryId}&status=draft`);

	expect(all.items.map((p: { id: string }) => p.id)).toEqual([shown.id, draft.id]);
	expect(drafts).toMatchObject({ total: 1, items: [{ id: draft.id, status: "draft", skuCount: 1 }] });
});

it("draws a picture that clients may cache for ever", async () => {
	const drawn = await shop.http(
		"GET",
		`/${buildPicturePath({ seed: buildSeed("phone", 200), label: "手机" })}`
	);
	const none = await shop.http("GET", "//pictures/none.svg");

	expect(drawn.status).toBe(200);
	expect(drawn.headers.get("content-type")).toContain("image/svg+xml");
	expect(drawn.headers.get("cache-control")).toContain("immutable");
	expect(drawn.body.data).toContain("<svg");
	expect(none.status).toBe(404);
});
