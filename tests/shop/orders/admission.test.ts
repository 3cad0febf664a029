import { connect, type Socket } from "node:net";
import { StaffClient, unique } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
import { sendUntilKnown } from "../../support/send-until-known";
import { Shopper } from "../../support/shopper";
import { aSkuInStock } from "../../support/buyers";
import { until } from "../../support/until";

/** Requests to `POST /orders` that the gateway runs at once. */
const MAX_RUNNING = 64;
let shop: Shop;
let staff: StaffClient;
let shopper: Shopper;
beforeAll(async () => {
	shop = await startShop({ REQUEST_TIMEOUT_MS: "3000" });
	staff = new StaffClient(shop, await shop.asAdmin());
	shopper = new Shopper(shop, await shop.asUser());
});
afterAll(() => shop.stop());

/** Opens a request that places an order, and never sends the rest of its body. */
function openStalledRequest(n: number): Promise<Socket> {
	const { hostname, port } = new URL(shop.url);
	const head = [
		"POST /api/v1/orders HTTP/1.1",
		`Host: ${hostname}`,
		`Authorization: Bearer ${shopper.token}`,
		"Content-Type: application/json",
		`Idempotency-Key: stalled-${n}`,
		"Content-Length: 1000",
		"",
		"{"
	];
	return new Promise((sent, failed) => {
		const socket = connect(Number(port), hostname, () =>
			socket.write(head.join("\r\n"), () => sent(socket))
		);
		socket.once("error", failed);
	});
}

it("admits no request whose body has not arrived", async () => {
	const skuId = await aSkuInStock(staff, 5);
	const stalled = await Promise.all(
		Array.from({ length: 2 * MAX_RUNNING }, (_, n) => openStalledRequest(n))
	);

	const key = unique("order-");
	const { status } = await sendUntilKnown(() => shopper.tryOrder(skuId, 1, key));
	for (const socket of stalled) socket.destroy();

	expect(status).toBe(201);
});

it("answers in time while a service hangs: 504 to the admitted requests, 503 with Retry-After to the others", async () => {
	const skuId = await aSkuInStock(staff, 5);
	const addressId = await shopper.address();
	const hanging = Promise.withResolvers<[]>();
	await shop.broker.destroyService(shop.broker.getLocalService("inventory"));
	shop.broker.createService({ name: "inventory", actions: { query: () => hanging.promise } });
	await shop.broker.waitForServices("inventory");
	const body = { items: [{ skuId, quantity: 1 }], addressId };

	// On a stalled machine the first requests end before the last ones arrive, which are then admitted as well.
	const replies = await until("requests to be rejected", async () => {
		const round = await Promise.all(
			Array.from({ length: MAX_RUNNING + 6 }, () =>
				shopper.send("POST", "/orders", body, unique("hanging-"))
			)
		);
		const late = round.filter(({ status }) => status === 504).length;
		return late >= MAX_RUNNING && late < round.length ? round : null;
	});
	const product = await shop.http("GET", "/products?pageSize=1");
	hanging.resolve([]);

	const rejected = replies.filter(({ status }) => status !== 504);
	for (const { status, body: answer, headers } of rejected)
		expect([status, answer.code, Number(headers.get("retry-after"))]).toEqual([
			503,
			"SERVICE_UNAVAILABLE",
			1
		]);
	expect(product.status).toBe(200);
});

it("answers 503 in time while authentication hangs, since nothing was begun", async () => {
	const forever = Promise.withResolvers<never>();
	await shop.broker.destroyService(shop.broker.getLocalService("auth"));
	shop.broker.createService({ name: "auth", actions: { authenticate: () => forever.promise } });
	await shop.broker.waitForServices("auth");

	const replies = await Promise.all(
		["one", "two"].map(n =>
			shopper.send("POST", "/orders", { items: [], addressId: "x" }, `kept-key-${n}`)
		)
	);

	for (const { body, headers } of replies)
		expect([body.code, headers.get("retry-after")]).toEqual(["SERVICE_UNAVAILABLE", "1"]);
});
