import { startShop, type Shop } from "../support/shop";
import { sendRaw } from "../support/raw-http";

const OURS = "https://shop.example";
let shop: Shop;
beforeAll(async () => {
	shop = await startShop({
		CORS_ORIGINS: `${OURS}, https://m.shop.example`,
		PUBLIC_URL: "https://API.shop.example:443/mall/"
	});
});
afterAll(() => shop.stop());

const ask = (method: string, path: string, headers: Record<string, string>) =>
	sendRaw(shop.url, method, path, headers);
const allowed = (headers: NodeJS.Dict<string | string[]>) => headers["access-control-allow-origin"];

it.each([OURS, "https://m.shop.example"])(
	"lets a page of %s read answers and their headers",
	async origin => {
		const { status, headers } = await ask("GET", "/api/v1/products", { Origin: origin });

		expect([status, allowed(headers)]).toEqual([200, origin]);
		expect(headers["access-control-expose-headers"]).toMatch(/X-Request-Id.*X-Cart-Id.*Retry-After/);
		expect(headers["access-control-allow-credentials"]).toBeUndefined();
		expect(headers.vary).toMatch(/Origin/);
	}
);

it("lets an allowed origin read refusals as well", async () => {
	const unknown = await ask("GET", "/api/v1/nowhere", { Origin: OURS });
	const refused = await ask("GET", "/api/v1/products?x=1", { Origin: OURS });

	expect([unknown.status, allowed(unknown.headers)]).toEqual([404, OURS]);
	expect([refused.status, allowed(refused.headers)]).toEqual([400, OURS]);
});

it.each([
	"https://elsewhere.example",
	"http://shop.example",
	"https://shop.example:8443",
	"https://shop.example.evil.example",
	"https://evil-shop.example",
	"shop.example",
	"https://",
	"null"
])("lets a page of %s read nothing", async origin => {
	const { headers, status, text } = await ask("GET", "/api/v1/products", { Origin: origin });

	expect([status, JSON.parse(text).code, allowed(headers)]).toEqual([403, "FORBIDDEN", undefined]);
});

it("accepts writes of the gateway's own pages, which send their origin", async () => {
	const { status, headers } = await ask("GET", "/api/v1/products", { Origin: shop.url });

	expect([status, allowed(headers)]).toEqual([200, undefined]);
});

it("accepts a page under PUBLIC_URL as its own, whatever Host header a proxy sets", async () => {
	const fromPage = { Origin: "https://api.shop.example", Host: "gateway.internal:3000" };

	const replies = [
		await ask("GET", "/api/v1/products", fromPage),
		await ask("POST", "/api/v1/auth/logout", { ...fromPage, "Content-Type": "application/json" }),
		await ask("GET", "/health/live", fromPage)
	];
	const http = await ask("GET", "/api/v1/products", { ...fromPage, Origin: "http://api.shop.example" });
	const port = await ask("GET", "/api/v1/products", {
		...fromPage,
		Origin: "https://api.shop.example:8443"
	});

	expect(replies.map(({ status, headers }) => [status, allowed(headers)])).toEqual([
		[200, undefined],
		[400, undefined],
		[200, undefined]
	]);
	expect([http.status, port.status]).toEqual([403, 403]);
});

it("answers a preflight request and runs no action", async () => {
	const asked = { Origin: OURS, "Access-Control-Request-Method": "DELETE" };

	const { status, text, headers } = await ask("OPTIONS", "/api/v1/admin/tags/1", asked);

	expect([status, text, allowed(headers)]).toEqual([204, "", OURS]);
	expect(headers["access-control-allow-methods"]).toMatch(/DELETE/);
	expect(headers["access-control-allow-headers"]).toMatch(/Authorization.*Idempotency-Key/);
	expect(headers["access-control-max-age"]).toBe("600");
});

it("grants nothing to preflights of other origins", async () => {
	const asked = { Origin: "https://elsewhere.example", "Access-Control-Request-Method": "DELETE" };

	const { status, headers } = await ask("OPTIONS", "/api/v1/admin/tags/1", asked);

	expect([status, allowed(headers)]).toEqual([403, undefined]);
});

it("does not take a bare OPTIONS for a preflight", async () => {
	const { status, headers } = await ask("OPTIONS", "/api/v1/admin/tags/1", { Origin: OURS });

	expect(status).toBe(204);
	expect(headers["access-control-allow-methods"]).toBeUndefined();
});

const PICTURE = "/pictures/kettle-1-x.svg";

it("lets a page of ours read the answer even if the address can't be decoded", async () => {
	const { status, headers } = await ask("GET", "/api/v1/products/%zz", { Origin: OURS });

	expect([status, allowed(headers)]).toEqual([400, OURS]);
});

it.each<[string, string, Record<string, string>]>([
	["GET", "/api/v1/products", {}],
	["GET", "/api/v1/products", { Origin: OURS }],
	["GET", "/api/v1/products", { Origin: "https://elsewhere.example" }],
	["GET", "/api/v1/products/%zz", {}],
	["GET", "/api/v1/nowhere", {}],
	["GET", "/health/live", {}],
	["GET", "/openapi.json", {}],
	["GET", "/docs", {}],
	["GET", PICTURE, {}],
	["GET", PICTURE, { Origin: OURS }],
	["GET", "/avatars/nobody", {}],
	["POST", "/api/v1/auth/logout", {}],
	["OPTIONS", "/api/v1/products", { Origin: OURS, "Access-Control-Request-Method": "GET" }]
])("tells caches that %s %s with %j is an answer to that origin only", async (method, path, headers) => {
	const { headers: answered } = await ask(method, path, headers);

	expect(answered.vary?.split(", ")).toContain("Origin");
});

it("lets pages of any origin show pictures, and nothing else", async () => {
	const policyOf = async (path: string) =>
		(await ask("GET", path, {})).headers["cross-origin-resource-policy"];

	expect(await policyOf(PICTURE)).toBe("cross-origin");
	expect(await policyOf("/api/v1/products")).toBe("same-origin");
	expect(await policyOf("/openapi.json")).toBe("same-origin");
});

it("exposes every header that a client may need", async () => {
	const Origin = OURS;
	const token = await shop.asUser();
	const signedIn = { Origin, Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
	const code = JSON.stringify({ phone: "13712340001", purpose: "register" });
	const json = { Origin, "Content-Type": "application/json" };
	const send = (method: string, path: string, headers: Record<string, string>, body?: string) =>
		sendRaw(shop.url, method, path, headers, body);

	const answers = [
		await send("GET", "/api/v1/products", { Origin }),
		await send("GET", "/api/v1/me", { Origin }),
		await send("GET", "/api/v1/me", signedIn),
		await send("POST", "/api/v1/auth/sms-codes", json, code),
		await send("POST", "/api/v1/auth/sms-codes", json, code),
		await send("GET", PICTURE, { Origin }),
		await send("GET", "/health/live", { Origin })
	];

	expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 200, 429, 200, 200]);
	const unreadable = answers.flatMap(({ headers }) => {
		const exposed = String(headers["access-control-expose-headers"]).toLowerCase().split(", ");
		return Object.keys(headers).filter(
			name => ![...exposed, ...SAFELISTED, ...FOR_BROWSERS].includes(name)
		);
	});
	expect([...new Set(unreadable)]).toEqual([]);
});

/** Response headers that browsers show to every page (https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name). */
const SAFELISTED = ["cache-control", "content-length", "content-type"];
/** Response headers for browsers, caches and connections, which no client of the contract needs. */
const FOR_BROWSERS = [
	"access-control-allow-origin",
	"access-control-expose-headers",
	"connection",
	"content-security-policy",
	"cross-origin-opener-policy",
	"cross-origin-resource-policy",
	"keep-alive",
	"origin-agent-cluster",
	"referrer-policy",
	"transfer-encoding",
	"vary",
	"x-content-type-options",
	"x-dns-prefetch-control",
	"x-download-options",
	"x-frame-options",
	"x-permitted-cross-domain-policies",
	"x-xss-protection"
];
