import { buildCorsHeaders, EXPOSED_HEADERS } from "./cors";

const policy = {
	publicUrl: "https://API.shop.example:443/mall",
	corsOrigins: ["https://shop.example"],
	production: true
};
const ask = (origin: string | undefined, host = "gateway.internal:3000", isPreflight = false) =>
	buildCorsHeaders({ ...(origin !== undefined && { origin }), host }, { isPreflight }, policy);

it("lets a page of an origin that may call read the answer, and that origin only", () => {
	expect(ask("https://shop.example")).toEqual({
		"Access-Control-Allow-Origin": "https://shop.example",
		"Access-Control-Expose-Headers": EXPOSED_HEADERS.join(", ")
	});
});

it("tells a browser that asks beforehand which methods and headers may be sent", () => {
	expect(ask("https://shop.example", "gateway.internal", true)).toMatchObject({
		"Access-Control-Allow-Origin": "https://shop.example",
		"Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
		"Access-Control-Max-Age": "600"
	});
});

it.each(["https://elsewhere.example", "http://shop.example", "https://shop.example:8443", "null", ""])(
	"refuses the origin %p",
	origin => {
		expect(ask(origin)).toBeNull();
	}
);

it("has nothing to allow for a client that is no browser, nor for the gateway's own pages", () => {
	expect([
		ask(undefined),
		ask("https://gateway.internal:3000"), // known by its Host
		ask("https://api.shop.example") // known by PUBLIC_URL
	]).toEqual([{}, {}, {}]);
	expect(ask("http://api.shop.example")).toBeNull();
});

it("leaves it to the browser where no other origin may call", () => {
	const closed = { publicUrl: "", corsOrigins: [], production: true };

	expect(buildCorsHeaders({ origin: "https://a.example" }, { isPreflight: true }, closed)).toEqual({});
});

it.each(["http://localhost:5173", "http://127.0.0.1:8080", "https://localhost"])(
	"lets a page at %s call outside production only",
	origin => {
		const askAs = (production: boolean) =>
			buildCorsHeaders(
				{ origin, host: "127.0.0.1:3000" },
				{ isPreflight: false },
				{ publicUrl: "", corsOrigins: [], production }
			);

		expect(askAs(false)).toMatchObject({ "Access-Control-Allow-Origin": origin });
		expect(askAs(true)).toEqual({});
	}
);

it("lets no page whose address only begins like localhost call", () => {
	const local = { publicUrl: "", corsOrigins: [], production: false };
	const headers = { origin: "http://localhost.evil.example" };

	expect(buildCorsHeaders(headers, { isPreflight: false }, local)).toEqual({});
});

it("keeps to the origins that are named, where some are", () => {
	const named = { publicUrl: "", corsOrigins: ["https://shop.example"], production: false };

	expect(buildCorsHeaders({ origin: "http://localhost" }, { isPreflight: false }, named)).toBeNull();
});
