import { aSku, StaffClient, unique } from "../support/builders";
import { SharedShop } from "../support/shared-shop/shared-shop";
import { sendRaw } from "../support/raw-http";

let shop: SharedShop;
beforeAll(async () => {
	shop = await SharedShop.open();
});

const get = (path: string, headers: Record<string, string> = {}) => sendRaw(shop.url, "GET", path, headers);

describe("the request id", () => {
	it("is generated if none was sent, and differs each time", async () => {
		const [one, two] = await Promise.all([shop.http("GET", "/products"), shop.http("GET", "/products")]);

		expect(one.body.requestId).toMatch(/^[\w.-]{8,64}$/);
		expect(one.headers.get("x-request-id")).toBe(one.body.requestId);
		expect(two.body.requestId).not.toBe(one.body.requestId);
	});

	it.each(["a", "01J.trace_id-7:1", "x".repeat(128)])(
		"is the caller's own where it is fit: %s",
		async id => {
			const reply = await shop.http("GET", "/products", { headers: { "X-Request-Id": id } });

			expect(reply.body.requestId).toBe(id);
			expect(reply.headers.get("x-request-id")).toBe(id);
		}
	);

	it.each(["x".repeat(129), "with space in it", 'quote"quote"', "{jndi:ldap://x}"])(
		"is replaced where it is not: %s",
		async id => {
			const { headers, body } = await shop.http("GET", "/nowhere", { headers: { "X-Request-Id": id } });

			expect(body.requestId).not.toBe(id);
			expect(headers.get("x-request-id")).toBe(body.requestId);
		}
	);

	it("is not taken from another header", async () => {
		const { body } = await shop.http("GET", "/products", {
			headers: { "X-Correlation-Id": "correlated-1" }
		});

		expect(body.requestId).not.toBe("correlated-1");
	});
});

describe("the envelope", () => {
	it.each([
		["an answer", "GET", "/products", 200, "OK"],
		["a refusal", "GET", "/products/none", 404, "NOT_FOUND"],
		["an unknown path", "GET", "/nowhere", 404, "NOT_FOUND"],
		["a path outside the base", "GET", "//nowhere/at/all", 404, "NOT_FOUND"],
		["an unknown method on a known path", "DELETE", "/products", 404, "NOT_FOUND"],
		["a missing token", "GET", "/me", 401, "UNAUTHORIZED"],
		["an action that is not published", "POST", "/products/skus", 404, "NOT_FOUND"],
		["Moleculer's own actions", "GET", "//~node/options", 404, "NOT_FOUND"]
	])("holds %s", async (_, method, path, status, code) => {
		const reply = await shop.http(method, path);

		expect(reply.status).toBe(status);
		expect(Object.keys(reply.body)).toEqual(["code", "message", "data", "requestId"]);
		expect(reply.body).toMatchObject({ code, requestId: reply.headers.get("x-request-id") });
		expect(reply.headers.get("content-type")).toBe("application/json; charset=utf-8");
	});

	it.each([
		[{}, "成功", "未找到商品"],
		[{ "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8" }, "成功", "未找到商品"],
		[{ "Accept-Language": "en-US,en;q=0.9" }, "OK", "No such product"],
		[{ "Accept-Language": "fr" }, "成功", "未找到商品"]
	])("speaks the caller's language: %j", async (headers, ok, notFound) => {
		const done = await shop.http("GET", "/products", { headers });
		const refused = await shop.http("GET", "/products/none", { headers });

		expect([done.body.message, refused.body.message]).toEqual([ok, notFound]);
		expect([done.body.code, refused.body.code]).toEqual(["OK", "NOT_FOUND"]);
	});

	it("describes faults of fields in the caller's language", async () => {
		const ask = (lang: string) =>
			shop.http("POST", "/auth/login", { body: { phone: 5 }, headers: { "Accept-Language": lang } });
		const fault = (message: string) => ({ field: "phone", type: "string", message });

		expect((await ask("en")).body.data[0]).toEqual(fault("must be a string"));
		expect((await ask("zh-CN")).body.data[0]).toEqual(fault("应为字符串"));
	});

	it("says in the caller's language that null is no value, and which values an attribute has", async () => {
		const staff = new StaffClient(shop, await shop.asAdmin());
		const categoryId = await staff.addCategory();
		const attribute = { name: "产地", categoryId, kind: "spec", input: "select", values: ["甲", "乙"] };
		await staff.mustSend("POST", "/admin/attributes", attribute);
		const messages = async (lang: string, method: string, path: string, body: object) => {
			const headers = { "Accept-Language": lang };
			const { status, body: answer } = await shop.http(method, path, {
				token: staff.token,
				body,
				headers
			});
			return [status, ...answer.data.map(({ message }: { message: string }) => message)];
		};
		const product = { name: unique(), categoryId, attributes: { 产地: "丙" }, skus: [aSku()] };

		expect(await messages("zh-CN", "PATCH", "/me", { nickname: null })).toEqual([400, "不能为 null"]);
		expect(await messages("en", "PATCH", "/me", { nickname: null })).toEqual([400, "must not be null"]);
		expect(await messages("zh-CN", "POST", "/auth/login", {})).toEqual([400, "必填", "必填"]);
		expect(await messages("zh-CN", "POST", "/admin/products", product)).toEqual([
			400,
			"应为其中之一：甲, 乙"
		]);
		expect(await messages("en", "POST", "/admin/products", product)).toEqual([
			400,
			"must be one of: 甲, 乙"
		]);
	});
});

describe("paths", () => {
	it.each(["/api/v1/products/%zz", "/api/v1/products/%", "/api/v1/products/%c3%28", "/api/v1/avatars/%ff"])(
		"with the bad escape of %s are refused",
		async path => {
			const { status, text } = await get(path);

			expect([400, 404]).toContain(status);
			expect(JSON.parse(text).code).toMatch(/^(VALIDATION_ERROR|NOT_FOUND)$/);
		}
	);

	it("are refused for invalid percent-encoding", async () => {
		const { text } = await get("/api/v1/products/%zz", { "Accept-Language": "en" });

		expect(JSON.parse(text).data).toEqual([
			{ field: "path", type: "encoding", message: "has invalid percent-encoding" }
		]);
	});

	it.each([
		"//",
		"//[",
		"///api/v1/products",
		"/api/v1/products/..%2f..%2fadmin",
		"/%00",
		"/api/v1//products",
		"*"
	])("as odd as %s are answered without a failure", async path => {
		expect((await get(path)).status).toBeLessThan(500);
	});

	it("have one spelling", async () => {
		const staff = new StaffClient(shop, await shop.asAdmin());
		const { id } = await staff.addProductOnShelf();
		const others = [
			"/products/",
			"/products/?page=1",
			"/Products",
			"//products",
			"/%70roducts",
			`/products/${id}/`,
			`/PRODUCTS/${id}`,
			`/products/${id.toLowerCase()}`
		];

		const statuses = await Promise.all(
			others.map(async path => (await sendRaw(shop.url, "GET", `/api/v1${path}`)).status)
		);

		expect(new Set(statuses)).toEqual(new Set([404]));
	});
});

describe("a read", () => {
	it("answers 304 while its data has not changed", async () => {
		const first = await get("/api/v1/categories");
		const etag = String(first.headers.etag);

		for (const known of [etag, `"other", ${etag}`, etag.replace("W/", ""), "*"]) {
			const again = await get("/api/v1/categories", { "If-None-Match": known });
			expect([again.status, again.text]).toEqual([304, ""]);
			expect(again.headers.etag).toBe(etag);
		}
		expect((await get("/api/v1/categories", { "If-None-Match": '"other"' })).status).toBe(200);
	});

	it("is sent in full after a change", async () => {
		const staff = new StaffClient(shop, await shop.asAdmin());
		const { id } = await staff.addProductOnShelf();
		const etag = String((await get(`/api/v1/products/${id}`)).headers.etag);

		await staff.mustSend("PATCH", `/admin/products/${id}`, { name: unique("新名 ") });

		expect((await get(`/api/v1/products/${id}`, { "If-None-Match": etag })).status).toBe(200);
	});

	it("is not kept by shared caches, and differs by language", async () => {
		const { headers } = await get("/api/v1/products");

		expect(headers["cache-control"]).toBe("private, no-cache");
		expect(headers.vary).toMatch(/Accept-Language/);
	});

	it("is stored nowhere where the caller is signed in", async () => {
		const { headers } = await shop.http("GET", "/me", { token: await shop.asUser() });

		expect(headers.get("cache-control")).toBe("no-store");
	});

	it("can be asked for by HEAD, which answers the same without the body", async () => {
		const full = await get("/api/v1/products");

		const head = await sendRaw(shop.url, "HEAD", "/api/v1/products");

		expect([head.status, head.text]).toEqual([200, ""]);
		expect(head.headers.etag).toBe(full.headers.etag);
		expect((await sendRaw(shop.url, "HEAD", "/api/v1/me")).status).toBe(401);
		expect((await sendRaw(shop.url, "HEAD", "/api/v1/orders/1/cancel")).status).toBe(404);
	});
});

describe("OPTIONS without allowed origins", () => {
	it.each(["GET", "POST", "PATCH", "DELETE"])("runs nothing, whatever %s it asks about", async method => {
		const staff = new StaffClient(shop, await shop.asAdmin());
		const { id } = await staff.addDraft({ skus: [aSku()] });
		const headers = {
			Authorization: `Bearer ${staff.token}`,
			Origin: "https://elsewhere.example",
			"Access-Control-Request-Method": method
		};

		const reply = await sendRaw(shop.url, "OPTIONS", `/api/v1/admin/products/${id}`, headers);

		expect([reply.status, reply.text]).toEqual([204, ""]);
		expect(Object.keys(reply.headers).filter(name => name.startsWith("access-control"))).toEqual([]);
		expect(await staff.mustSend("GET", `/admin/products/${id}`)).toMatchObject({ id, status: "draft" });
	});
});

it.each(["/api/v1/products", "/api/v1/nowhere", "/health/live", "/docs", "/", "/openapi.json"])(
	"guards %s against sniffing, framing and scripts of others",
	async path => {
		const { headers } = await get(path);

		expect(headers["x-content-type-options"]).toBe("nosniff");
		expect(headers["content-security-policy"]).toMatch(/default-src 'self'.*frame-ancestors 'self'/);
		expect(headers["x-frame-options"]).toBe("SAMEORIGIN");
		expect(headers["referrer-policy"]).toBe("no-referrer");
		expect(headers["x-powered-by"]).toBeUndefined();
	}
);

it.each([
	["/", "text/html"],
	["/docs", "text/html"],
	["/docs/swagger-ui-bundle.js", "text/javascript"],
	["/docs/swagger-ui.css", "text/css"]
])("serves the page %s from this host", async (path, type) => {
	const { status, headers, text } = await get(path);

	expect(status).toBe(200);
	expect(headers["content-type"]).toMatch(type);
	if (type === "text/html") expect(text).not.toMatch(/<script[^>]*(src="(https?:|\/\/)|>[^<])/);
});

it.each([
	"/../package.json",
	"/docs/../../package.json",
	"/docs/..%2f..%2fpackage.json",
	"/toString",
	"/__proto__"
])("serves nothing else of the disk: %s", async path => {
	expect((await get(path)).status).toBe(404);
});
