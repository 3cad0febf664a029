import type * as OpenApiModule from "../../services/api/openapi/openapi";
import { startShop, type Shop } from "../support/shop";
import { sendRaw } from "../support/raw-http";
import { until } from "../support/until";

let shop: Shop;
beforeAll(async () => {
	shop = await startShop();
});
afterAll(() => shop.stop());

it("is alive and ready with every service there", async () => {
	const live = await shop.http("GET", "//health/live");
	const ready = await shop.http("GET", "//health/ready");

	expect(live).toMatchObject({ status: 200, body: { code: "OK", data: { status: "live" } } });
	expect(ready).toMatchObject({
		status: 200,
		body: { code: "OK", data: { status: "ready", mode: expect.any(String) } }
	});
	expect(ready.headers.get("cache-control")).toBe("no-store");
});

it("keeps idle connections longer than a load balancer does", async () => {
	const { headers } = await sendRaw(shop.url, "GET", "/health/live", { Connection: "keep-alive" });

	expect(headers["keep-alive"]).toBe("timeout=65");
});

it("shows metrics in the text format of Prometheus", async () => {
	await shop.http("GET", "/products");

	const { status, body, headers } = await shop.http("GET", "//metrics");

	expect(status).toBe(200);
	expect(headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
	expect(body.data).toMatch(/^moleculer_request_total\{.*action="products\.list".*\} [1-9]/m);
	expect(
		body.data
			.split("\n")
			.filter((line: string) => !/^(#.*|\w+(\{.*\})? (-?[\d.eE+-]+|NaN|[+-]Inf)( \d+)?|)$/.test(line))
	).toEqual([]);
});

it("measures the delays of its event loop since the last scrape", async () => {
	const { body } = await shop.http("GET", "//metrics");

	for (const figure of ["mean", "p50", "p90", "p99", "max"])
		expect(body.data).toMatch(new RegExp(`^nodejs_eventloop_lag_${figure}_seconds\\{.*\\} \\d`, "m"));
});

it("counts the requests that it answered from its cache", async () => {
	const read = async () => {
		const { body } = await shop.http("GET", "//metrics");
		return Number(/^mall_answers_from_cache_total\{.*\} (\d+)/m.exec(body.data)?.[1]);
	};
	const before = await read();
	for (let n = 0; n < 3; n++) await shop.http("GET", "/categories");

	expect(await read()).toBeGreaterThan(before);
});

it("counts answers by route and status, those of its cache and refusals too", async () => {
	const read = async (route: string, status: number) => {
		const { body } = await shop.http("GET", "//metrics");
		const line = new RegExp(
			`^mall_http_responses_total\\{route="${route}",status="${status}",.*\\} (\\d+)$`,
			"m"
		);
		return Number(line.exec(body.data)?.[1] ?? 0);
	};
	const before = await read("GET /api/v1/categories", 200);
	for (let n = 0; n < 3; n++) await shop.http("GET", "/categories");
	await shop.http("GET", "/orders");
	await shop.http("GET", "/nothing-here");

	// An answer is counted when it has left, which its client may see first.
	await until("three more", async () => (await read("GET /api/v1/categories", 200)) >= before + 3);
	await until("a refusal", async () => (await read("GET /api/v1/orders", 401)) > 0);
	await until("no route", async () => (await read("\\(no route\\)", 404)) > 0);
});

it("serves its OpenAPI document in Chinese, or in English to who prefers it", async () => {
	const { buildOpenApi: openApi } = require("../../services/api/openapi/openapi") as typeof OpenApiModule;

	const { status, body, headers } = await shop.http("GET", "//openapi.json");
	const asked = await shop.http("GET", "//openapi.json?lang=en");
	const preferred = await shop.http("GET", "//openapi.json", { headers: { "Accept-Language": "en" } });

	expect([status, headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
	expect(headers.get("vary")).toContain("Accept-Language");
	expect(body).toEqual(JSON.parse(JSON.stringify(openApi("zh"))));
	for (const english of [asked, preferred])
		expect(english.body).toEqual(JSON.parse(JSON.stringify(openApi("en"))));
});

it("serves its AsyncAPI document, and the event catalogue as a page without scripts", async () => {
	const document = await shop.http("GET", "//asyncapi.json");
	const page = await shop.http("GET", "//docs/events");

	expect(document).toMatchObject({ status: 200, body: { asyncapi: "3.0.0" } });
	expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
	expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
	expect(page.body.data).toContain('id="order.paid"');
	expect(page.body.data).not.toContain("<script");
});

it("is not ready while a required service is missing, names it, and answers 503 for its routes only", async () => {
	const tags = shop.broker.getLocalService("tags");
	const token = await shop.asAdmin();
	await shop.broker.destroyService(tags);

	const ready = await shop.http("GET", "//health/ready");
	const route = await shop.http("GET", "/admin/tags", { token });

	expect(ready).toMatchObject({
		status: 503,
		body: { code: "SERVICE_UNAVAILABLE", data: { missing: ["tags"] } }
	});
	expect(ready.headers.get("retry-after")).toBe("1");
	expect(route).toMatchObject({ status: 503, body: { code: "SERVICE_UNAVAILABLE", data: null } });
	expect(route.headers.get("retry-after")).toBe("1");
	expect((await shop.http("GET", "//health/live")).status).toBe(200);
	expect((await shop.http("GET", "/products")).status).toBe(200);
});
