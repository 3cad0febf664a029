import { randomBytes } from "node:crypto";
import { networkInterfaces } from "node:os";
import { sendRaw } from "../support/raw-http";
import { Client, startShop, type Shop } from "../support/shop";

let shop: Shop;
beforeAll(async () => {
	shop = await startShop({
		NODE_ENV: "production",
		MIGRATIONS: "run",
		JWT_SECRET: randomBytes(32).toString("hex"),
		HOST: "0.0.0.0",
		TRUSTED_PROXIES: "1",
		PUBLIC_URL: "https://shop.example"
	});
});
afterAll(() => shop.stop());

const statusOf = async (path: string, headers: Record<string, string> = {}, client: Client = shop) =>
	(await client.http("GET", path, { headers })).status;

it("shows its metrics to its own machine only, also behind a local proxy", async () => {
	const itself = await statusOf("//metrics");
	const proxied = await statusOf("//metrics", { "X-Forwarded-For": "203.0.113.9" });
	const posing = await statusOf("//metrics", { "X-Forwarded-For": "127.0.0.1, 203.0.113.9" });

	expect([itself, proxied, posing]).toEqual([200, 404, 404]);
});

const outside = Object.values(networkInterfaces())
	.flat()
	.find(address => address && !address.internal && address.family === "IPv4")?.address;
const withNetwork = outside ? it : it.skip;
withNetwork("hides its metrics from the network, and nothing else", async () => {
	const neighbour = new Client(shop.url.replace(/\/\/[^:]+/, `//${outside}`));

	expect(await statusOf("//metrics", {}, neighbour)).toBe(404);
	expect(await statusOf("//metrics", { "X-Forwarded-For": "127.0.0.1" }, neighbour)).toBe(404);
	expect(await statusOf("//health/live", {}, neighbour)).toBe(200);
});

it("answers requests for its own host only, but health checks by any address", async () => {
	const statusFor = async (host: string, path: string) =>
		(await sendRaw(shop.url, "GET", path, { Host: host })).status;

	expect(await statusFor("shop.example", "/api/v1/categories")).toBe(200);
	expect(await statusFor("evil.example", "/api/v1/categories")).toBe(403);
	expect(await statusFor("evil.example", "/health/live")).toBe(200);
});

it("refuses a code by SMS with a lasting error while no provider is set up", async () => {
	const { status, body, headers } = await shop.http("POST", "/auth/sms-codes", {
		body: { phone: "13600000001", purpose: "register" }
	});

	expect([status, body.code, body.data]).toEqual([501, "NOT_CONFIGURED", { missing: "sms" }]);
	expect(headers.get("retry-after")).toBeNull();
});

it("is not ready while no payment channel is set up, and says who lacks it", async () => {
	const { status, body } = await shop.http("GET", "//health/ready");

	expect(status).toBe(503);
	expect(body.data.missing).toContain("payments: a payment channel (ALIPAY_* or WECHAT_*)");
});
