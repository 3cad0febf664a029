import { readBlocks, type StreamBlock } from "../../sdk/src/event-stream";
import {
	createIdempotencyKey,
	hasCode,
	createShopClient,
	createMemoryStore,
	NoAnswerError,
	ShopError
} from "../../sdk/src/index";

type Handler = (request: Request, n: number) => Response | Promise<Response>;
const answer = (status: number, code: string, data: unknown = null, headers: Record<string, string> = {}) =>
	Response.json({ code, message: code, data, requestId: "r1" }, { status, headers });
const SESSION = (n: number) => ({ accessToken: `a${n}`, refreshToken: `r${n}`, expiresIn: 900, user: {} });

/** A client whose shop is the handler, and the requests that it was sent. */
function aClient(handler: Handler, expiresAt = Date.now() + 900_000) {
	const requests: Request[] = [];
	const client = createShopClient({
		baseUrl: "http://shop.example",
		tokens: createMemoryStore({ accessToken: "a0", refreshToken: "r0", expiresAt }),
		retries: { attempts: 3, maxPauseMs: 50 },
		fetch: async request => {
			requests.push(request);
			return handler(request, requests.length);
		}
	});
	return { client, requests };
}
const order = (client: ReturnType<typeof aClient>["client"]) =>
	client.POST("/api/v1/orders", {
		params: { header: { "Idempotency-Key": "order-0001" } },
		body: { addressId: "1", items: [] }
	});
const cancel = (client: ReturnType<typeof aClient>["client"]) =>
	client.POST("/api/v1/orders/{id}/cancel", { params: { path: { id: "1" } } });
const again = { "Retry-After": "0" };

it("repeats a read and a request with a key after outages, with the same key and body", async () => {
	const { client, requests } = aClient((_, n) =>
		n === 1
			? Promise.reject(new TypeError("fetch failed"))
			: n === 2
				? answer(409, "IDEMPOTENCY_IN_PROGRESS", null, again)
				: answer(201, "OK", { id: "1" })
	);

	expect(await order(client)).toEqual({ id: "1" });
	expect(requests.map(({ headers }) => headers.get("Idempotency-Key"))).toEqual(
		Array(3).fill("order-0001")
	);
	expect(await requests[2]?.json()).toEqual({ addressId: "1", items: [] });
});

it("repeats a request without a key only where the shop has not begun it", async () => {
	const outage = aClient(() => answer(503, "SERVICE_UNAVAILABLE", null, again));
	const limited = aClient((_, n) =>
		n === 1 ? answer(429, "TOO_MANY_REQUESTS", null, again) : answer(200, "OK", { id: "1" })
	);

	await expect(cancel(outage.client)).rejects.toMatchObject({ status: 503, code: "SERVICE_UNAVAILABLE" });
	expect(outage.requests).toHaveLength(1);
	expect(await cancel(limited.client)).toEqual({ id: "1" });
});

it("gives the answer at once where the shop asks for a longer pause than it may make", async () => {
	const { client, requests } = aClient(() =>
		answer(429, "TOO_MANY_REQUESTS", null, { "Retry-After": "60" })
	);

	await expect(order(client)).rejects.toMatchObject({ code: "TOO_MANY_REQUESTS", retryAfter: 60 });
	expect(requests).toHaveLength(1);
});

it("renews its token once for all requests that need it, and ends with the session", async () => {
	let isOver = false;
	const { client, requests } = aClient(request => {
		if (request.url.endsWith("/auth/refresh"))
			return isOver ? answer(401, "UNAUTHORIZED") : answer(200, "OK", SESSION(1));
		const isGood = !isOver && request.headers.get("Authorization") === "Bearer a1";
		return isGood ? answer(200, "OK", {}) : answer(401, "TOKEN_EXPIRED");
	});
	const read = () => client.GET("/api/v1/me");

	await Promise.all([read(), read(), read()]);
	expect(requests.filter(({ url }) => url.endsWith("/auth/refresh"))).toHaveLength(1);
	isOver = true;
	await expect(read()).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
	await expect(read()).rejects.toBeInstanceOf(ShopError);
	expect(requests.at(-1)?.headers.has("Authorization")).toBe(false); // signed out
});

it("tells refusals of the shop from answers of others", async () => {
	const refused = await order(
		aClient(() => answer(409, "OUT_OF_STOCK", { items: [{ skuId: "s", requested: 2, available: 1 }] }))
			.client
	).catch((err: unknown) => err);
	const proxy = cancel(aClient(() => new Response("<h1>Bad gateway</h1>", { status: 502 })).client);

	if (!hasCode(refused, "OUT_OF_STOCK")) throw refused;
	expect(refused.data.items[0]?.available).toBe(1); // typed by the code
	expect(refused).toMatchObject({ status: 409, requestId: "r1" });
	await expect(proxy).rejects.toBeInstanceOf(NoAnswerError);
	expect(createIdempotencyKey()).not.toBe(createIdempotencyKey());
});

const streamOf = (...pieces: string[]) =>
	new ReadableStream<Uint8Array>({
		start(controller) {
			for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
			controller.close();
		}
	});

it("reads events wherever the network cuts them, and drops one without its end", async () => {
	const text =
		': hi\nretry: 5\nid: 1\n\nid: 2\r\nevent: order.paid\r\ndata: {"a":"茶:"}\r\n\r\nid: 3\ndata: {}';
	const bytes = new TextEncoder().encode(text);
	const pieces = Array.from(bytes, byte => new Uint8Array([byte]));
	const blocks: StreamBlock[] = [];
	const body = new ReadableStream<Uint8Array>({
		start(controller) {
			for (const piece of pieces) controller.enqueue(piece);
			controller.close();
		}
	});
	for await (const block of readBlocks(body)) blocks.push(block);

	expect(blocks).toEqual([
		{ id: "1", event: "message", retry: 5 },
		{ id: "2", event: "order.paid", data: '{"a":"茶:"}' }
	]);
});

it("resumes a broken stream after the last event, and ends where the shop refuses it", async () => {
	const { client, requests } = aClient((_, n) => {
		if (n === 1)
			return new Response(streamOf("retry: 1\nid: 0\n\n", 'id: 1\nevent: a\ndata: {"n":1}\n\n'));
		if (n === 2) return answer(503, "SERVICE_UNAVAILABLE");
		if (n === 3) return new Response(streamOf('id: 2\nevent: b\ndata: {"n":2}\n\n'));
		return answer(403, "ACCOUNT_DISABLED");
	});
	const seen: unknown[] = [];

	await expect(
		(async () => {
			for await (const { id, event, data } of client.followEvents()) seen.push([id, event, data["n"]]);
		})()
	).rejects.toMatchObject({ code: "ACCOUNT_DISABLED" });

	expect(seen).toEqual([
		["1", "a", 1],
		["2", "b", 2]
	]);
	expect(requests.map(({ headers }) => headers.get("Last-Event-ID"))).toEqual([null, "1", "1", "2"]);
});

export async function wrong({ client }: ReturnType<typeof aClient>) {
	// @ts-expect-error no such path
	await client.GET("/api/v1/product");
	// @ts-expect-error a key is needed
	await client.POST("/api/v1/orders", { body: { addressId: "1" } });
	// @ts-expect-error a number for a text
	await client.signIn({ phone: 1, password: "1" });
	// @ts-expect-error a word outside the list
	await client.GET("/api/v1/products", { params: { query: { sort: "cheapest" } } });
	for await (const { event, data } of client.followEvents()) {
		if (event === "order.paid") data.lines satisfies readonly { readonly quantity: number }[];
		// @ts-expect-error a number, by the event's name
		if (event === "order.paid") data.total satisfies string;
		// @ts-expect-error no fact that concerns a user
		if (event === "stock.level_changed") return;
	}
	for await (const { event, data } of client.followEvents({ topics: ["stock.*"] }))
		if (event === "stock.level_changed") data.skuId satisfies string;
}
