import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";
import { sendRaw } from "../../support/raw-http";

let shop: Shop;
let admin: string;
beforeAll(async () => {
	shop = await startShop({ LIMITS_PER_IP: "on", TRUSTED_PROXIES: "1" });
	admin = await shop.asAdmin();
});
afterAll(() => shop.stop());

/** Sets a limit and waits until the gateway applies it. */
async function limit(key: string, value: number, from: string): Promise<void> {
	const headers = { "X-Forwarded-For": from };
	const { status } = await shop.http("PUT", `/admin/config/${key}`, {
		token: admin,
		body: { value },
		headers
	});
	expect(status).toBe(200);
}
/** Statuses of consecutive requests from one address. */
async function knock(
	times: number,
	from: string,
	method = "GET",
	path = "/api/v1/categories"
): Promise<number[]> {
	const seen = [];
	for (let i = 0; i < times; i++)
		seen.push((await sendRaw(shop.url, method, path, { "X-Forwarded-For": from })).status);
	return seen;
}
const passed = (statuses: number[]) => statuses.filter(status => status !== 429).length;

it("refuses an address that asks too often, says until when, and lets others pass", async () => {
	await limit("limits.perMinute", 5, "10.9.0.1");
	await until("the limit is known", async () => passed(await knock(8, `10.0.${Date.now() % 250}.1`)) === 5);

	const statuses = await knock(7, "10.1.0.1");
	const { status, headers, text } = await sendRaw(shop.url, "GET", "/api/v1/categories", {
		"X-Forwarded-For": "10.1.0.1"
	});

	expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
	expect([status, JSON.parse(text).code]).toEqual([429, "TOO_MANY_REQUESTS"]);
	expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
	expect(Number(headers["retry-after"])).toBeLessThanOrEqual(60);
	expect(headers).toMatchObject({ "ratelimit-limit": "5", "ratelimit-remaining": "0" });
	expect(headers["ratelimit-policy"]).toBe("5;w=60");
	expect(JSON.parse(text).data.retryAfter).toBe(Number(headers["retry-after"]));
	const other = await sendRaw(shop.url, "GET", "/api/v1/categories", { "X-Forwarded-For": "10.1.0.2" });
	expect([other.status, other.headers["ratelimit-remaining"]]).toEqual([200, "4"]);
	await limit("limits.perMinute", 600, "10.9.0.2");
	await until("the limit is gone", async () => passed(await knock(7, `10.2.${Date.now() % 250}.1`)) === 7);
});

it("counts writes and sign-ins separately", async () => {
	await limit("limits.authPerMinute", 3, "10.9.0.3");
	await until(
		"the limit is known",
		async () => passed(await knock(4, `10.3.${Date.now() % 250}.1`, "POST", "/api/v1/auth/login")) === 3
	);

	expect(await knock(5, "10.4.0.1", "POST", "/api/v1/auth/login")).toEqual([400, 400, 400, 429, 429]);
	expect(await knock(1, "10.4.0.1")).toEqual([200]);
});

it("trusts the address that its own proxy added, not those that the client sent", async () => {
	const statuses = [];
	for (let i = 0; i < 5; i++)
		statuses.push(...(await knock(1, `192.0.2.${i}, 10.5.0.1`, "POST", "/api/v1/auth/login")));

	expect(statuses).toEqual([400, 400, 400, 429, 429]);
});

it("counts an IPv6 network as one address", async () => {
	const statuses = [];
	for (let i = 1; i < 6; i++)
		statuses.push(...(await knock(1, `2001:db8:1:2::${i}`, "POST", "/api/v1/auth/login")));

	expect(statuses).toEqual([400, 400, 400, 429, 429]);
});

it("never limits health checks and the notifications of payment channels", async () => {
	await limit("limits.perMinute", 1, "10.9.0.4");
	await until("the limit is known", async () => passed(await knock(3, `10.6.${Date.now() % 250}.1`)) === 1);

	expect(await knock(5, "10.7.0.1", "GET", "/health/live")).toEqual([200, 200, 200, 200, 200]);
	expect(await knock(5, "10.7.0.2", "POST", "/api/v1/payments/notify/alipay")).not.toContain(429);
});
