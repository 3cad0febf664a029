import { gzipSync } from "node:zlib";
import { aSku, StaffClient, unique } from "../support/builders";
import { SharedShop } from "../support/shared-shop/shared-shop";
import type { Options, Reply } from "../support/shop";
import { sendRaw } from "../support/raw-http";

let shop: SharedShop;
let token: string;
let staff: StaffClient;
beforeAll(async () => {
	shop = await SharedShop.open();
	token = await shop.asUser();
	staff = new StaffClient(shop, await shop.asAdmin());
});

const JSON_TYPE = { "Content-Type": "application/json" };
const login = (body: unknown, headers: Record<string, string> = JSON_TYPE) =>
	shop.http("POST", "/auth/login", { body, headers });
const faults = ({ body }: Reply) =>
	body.data.map(({ field, type }: { field: string; type: string }) => `${field} ${type}`);
const refused = async (method: string, path: string, options: Options) => {
	const reply = await shop.http(method, path, options);
	expect([reply.status, reply.body.code]).toEqual([400, "VALIDATION_ERROR"]);
	return faults(reply);
};
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

describe("a body", () => {
	it.each(['{"phone":', "{", "{'a':1}", '{"a":1}x', "\u0000", "undefined", '{"a":NaN}'])(
		"that is no JSON is refused: %j",
		async text => {
			const { status, body } = await login(text);

			expect([status, body.code, body.data]).toEqual([400, "MALFORMED_JSON", null]);
		}
	);

	it.each(["[]", '[{"phone":"1"}]', "null", "1", '"text"', "true"])(
		"that is no object is refused: %s",
		async text => {
			const reply = await login(text);

			expect([reply.status, faults(reply)]).toEqual([400, ["body object"]]);
		}
	);

	it.each([
		["text/plain", {}],
		["application/x-www-form-urlencoded", {}],
		["multipart/form-data; boundary=x", {}],
		["application/jsonp", {}],
		["", {}],
		["application/json; charset=koi8-r", {}],
		["application/json", { "Content-Encoding": "lzma" }]
	])("of the type %j %j is refused", async (type, more) => {
		const { status, body } = await login("{}", { "Content-Type": type, ...more });

		expect([status, body.code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
	});

	it.each(["application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"])(
		"of the type %s is read",
		async type => {
			expect(faults(await login("{}", { "Content-Type": type }))).toEqual([
				"phone required",
				"password required"
			]);
		}
	);

	it("is read up to 100 KB and refused beyond", async () => {
		const around = JSON.stringify({ phone: "", password: "" }).length;
		const sized = (bytes: number) => JSON.stringify({ phone: "", password: "x".repeat(bytes - around) });

		const fits = await login(sized(100 * 1024));
		const over = await login(sized(100 * 1024 + 1));

		expect([fits.status, fits.body.code]).toEqual([400, "VALIDATION_ERROR"]);
		expect([over.status, over.body.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
	});

	it("is limited by its size after decompression", async () => {
		const bomb = gzipSync(`{"phone":"${"x".repeat(10_000_000)}"}`);
		const headers = { ...JSON_TYPE, "Content-Encoding": "gzip", "Content-Length": String(bomb.length) };

		const { status } = await sendRaw(shop.url, "POST", "/api/v1/auth/login", headers, bomb);

		expect(status).toBe(413);
	});

	it("is refused if it is nested too deeply, at any depth", async () => {
		for (const depth of [40, 5_000, 50_000]) {
			const reply = await login(`{"phone":${nested(depth)}}`);
			expect([reply.status, faults(reply)]).toEqual([400, ["body depth"]]);
		}
	});

	it("may be missing if no field is required", async () => {
		expect((await shop.http("DELETE", "/cart", { token })).status).toBe(200);
		expect(faults(await shop.http("POST", "/cart/preview", { token }))).toEqual(["items noneSelected"]);
		expect(faults(await shop.http("POST", "/auth/login"))).toEqual([
			"phone required",
			"password required"
		]);
	});

	it("is ignored on a read", async () => {
		const headers = { ...JSON_TYPE, "Content-Length": "1" };

		expect((await sendRaw(shop.url, "GET", "/api/v1/products", headers, "{")).status).toBe(200);
	});
});

describe("fields", () => {
	it("that are unknown are named, at every depth", async () => {
		const body = { phone: "1", password: "1", admin: true, roles: [] };
		expect(await refused("POST", "/auth/login", { body })).toEqual(["admin unknown", "roles unknown"]);

		const items = [{ skuId: "a", quantity: 1, price: 1 }];
		expect(await refused("POST", "/cart/preview", { body: { items } })).toEqual([
			"items[0].price unknown"
		]);
	});

	it("that are unknown are not stored: nobody can make themselves an admin", async () => {
		expect(await refused("PATCH", "/me", { token, body: { nickname: "x", roles: ["admin"] } })).toEqual([
			"roles unknown"
		]);

		expect((await shop.http("GET", "/me", { token })).body.data).toMatchObject({ roles: ["customer"] });
	});

	it.each([
		["a number for a text", { phone: 13800000000, password: "x" }, "phone string"],
		["a truth for a text", { phone: true, password: "x" }, "phone string"],
		["a list for a text", { phone: ["13800000000"], password: "x" }, "phone string"],
		["null for a text", { phone: null, password: "x" }, "phone required"],
		["an empty text", { phone: "", password: "x" }, "phone stringEmpty"],
		["a text too long", { phone: "1".repeat(21), password: "x" }, "phone stringMax"]
	])("of a wrong type are refused: %s", async (_, body, fault) => {
		expect(await refused("POST", "/auth/login", { body })).toEqual([fault]);
	});

	it.each([
		["a text", "1", "numberInteger number"],
		["a fraction", 1.5, "numberInteger"],
		["zero", 0, "numberMin"],
		["less", -1, "numberMin"],
		["too many", 10_000, "numberMax"],
		["beyond exactness", 1e300, "numberMax numberInteger"],
		["a list", [1], "number"],
		["null", null, "required"]
	])("that count refuse %s", async (_, quantity, types) => {
		const found = await refused("POST", "/cart/items", { body: { skuId: "a-1", quantity } });

		expect(found.length).toBeGreaterThan(0);
		for (const fault of found) expect(types).toContain(fault.split(" ")[1]);
		expect(found.every((fault: string) => fault.startsWith("quantity "))).toBe(true);
	});

	it.each<[object]>([
		[{ $ne: 1 }],
		[{ $gt: "" }],
		[{ $regex: ".*" }],
		[{ $where: "1" }],
		[{ toString: "x" }]
	])("never become a filter: %j", async operator => {
		expect(
			await refused("POST", "/auth/login", { body: { phone: operator, password: operator } })
		).toEqual(["phone string", "password string"]);
		expect(
			await refused("POST", "/cart/items", { body: { skuId: operator, quantity: operator } })
		).toEqual(["skuId string", "quantity number"]);
	});

	it("accept null only where it removes a value", async () => {
		expect(await refused("PATCH", "/me", { token, body: { nickname: null } })).toEqual([
			"nickname required"
		]);
		expect(await refused("PATCH", "/me", { token, body: { gender: null } })).toEqual(["gender required"]);

		const reply = await shop.http("PATCH", "/me", { token, body: { email: null, birthday: null } });

		expect([reply.status, reply.body.data.email]).toEqual([200, null]);
	});

	it.each(["__proto__", "constructor", "prototype", "$where"])(
		"named %s are refused and change no object",
		async name => {
			const text = `{"phone":"1","password":"1","${name}":{"polluted":true}}`;
			const attributes = `{"code":"c","price":1,"attributes":{"${name}":"x"}}`;
			const { id } = await staff.addDraft();

			const root = await login(text);
			const deep = await shop.http("POST", `/admin/products/${id}/skus`, {
				token: staff.token,
				headers: JSON_TYPE,
				body: attributes
			});

			expect([root.status, faults(root)]).toEqual([400, [`${name} unknown`]]);
			expect([deep.status, deep.body.code]).toEqual([400, "VALIDATION_ERROR"]);
			expect({}).not.toHaveProperty("polluted");
		}
	);

	it("of the path can't be repeated in the body", async () => {
		const { id } = await staff.addDraft({ skus: [aSku()] });

		const found = await refused("PATCH", `/admin/products/${id}`, {
			token: staff.token,
			body: { id: "other", name: unique() }
		});

		expect(found).toEqual(["id unknown"]);
	});

	it("of the body can't be set in the query, which would override them", async () => {
		const found = await refused("PATCH", "/me?nickname=query", { token, body: { nickname: "body" } });

		expect(found).toEqual(["nickname unknown"]);
	});

	it.each(["\u0000", "\ud800", "a\u0000b", "\u202e"])("with odd characters do no harm: %j", async text => {
		const reply = await shop.http("PATCH", "/me", { token, body: { nickname: `x${text}` } });

		expect(reply.status).toBeLessThan(500);
	});
});

describe("query parameters", () => {
	it("become numbers and booleans where the contract has them", async () => {
		const { status, body } = await shop.http(
			"GET",
			"/products?page=1&pageSize=5&inStock=true&minPrice=100"
		);

		expect([status, body.data.pageSize]).toEqual([200, 5]);
	});

	it("that are empty, as a form sends them, count as missing", async () => {
		const empty = "categoryId=&brandId=&minPrice=&inStock=&sort=&attr.颜色=&q=&page=&pageSize=";

		const all = await shop.http("GET", "/products?pageSize=20");
		const { status, body } = await shop.http("GET", `/products?${empty}`);

		expect([status, body.data]).toEqual([200, all.body.data]);
		for (const path of ["/orders?status=&from=&to=&q=&cursor=", "/brands?letter=&categoryId="])
			expect((await shop.http("GET", path, { token })).status).toBe(200);
	});

	it.each([
		["pageSize=0", "pageSize numberMin"],
		["pageSize=101", "pageSize numberMax"],
		["page=-1", "page numberMin"],
		["page=1.5", "page numberInteger"],
		["page=x", "page number"],
		["page=1e2", "page number"],
		["page[]=1", "page[] unknown"],
		["page[$gt]=1", "page[$gt] unknown"],
		["inStock=yes", "inStock boolean"],
		["sort=cheap", "sort enumValue"],
		["page=1&page=2", "page duplicate"],
		["nonsense=1", "nonsense unknown"],
		["__proto__=1", "__proto__ unknown"],
		["__proto__[x]=1", "__proto__[x] unknown"],
		["constructor=1", "constructor unknown"],
		["$where=1", "$where unknown"]
	])("are refused where they should not: %s", async (query, fault) => {
		expect((await refused("GET", `/products?${query}`, {}))[0]).toBe(fault);
	});

	it.each([
		"2026-99-99T99:99Z",
		"2026-02-31T00:00Z",
		"2026-06-31T00:00Z",
		"2026-01-01T00:00+99:99",
		"2027-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z"
	])("are no times that there are not: %s", async text => {
		const found = await refused("GET", `/orders?from=${encodeURIComponent(text)}`, { token });

		expect(found).toEqual(["from stringPattern"]);
	});

	it("that are missing are named", async () => {
		expect(await refused("GET", "/sandbox/sms", {})).toEqual(["phone required"]);
		expect(await refused("GET", "/sandbox/sms?phone=", {})).toEqual(["phone required"]);
	});

	it("are refused where their text is no UTF-8", async () => {
		expect(await refused("GET", "/products?q=%zz%E0%A4", {})).toEqual(["q stringPattern"]);
	});
});
