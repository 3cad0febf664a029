import { connect, type Socket } from "node:net";
import { StaffClient } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { aSkuInStock } from "../../support/buyers";

const PLACES = 64;
let shop: Shop;
let staff: StaffClient;
let shopper: Shopper;
beforeAll(async () => {
	shop = await startShop({ REQUEST_TIMEOUT_MS: "3000" });
	staff = new StaffClient(shop, await shop.asAdmin());
	shopper = new Shopper(shop, await shop.asUser());
});
afterAll(() => shop.stop());

/** Begins to send an order, and never goes on. */
function hesitant(n: number): Promise<Socket> {
	const { hostname, port } = new URL(shop.url);
	const head = [
		"POST /api/v1/orders HTTP/1.1",
		`Host: ${hostname}`,
		`Authorization: Bearer ${shopper.token}`,
		"Content-Type: application/json",
		`Idempotency-Key: hesitant-${n}`,
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

it("keeps no place for clients that are slow to say what they want", async () => {
	const skuId = await aSkuInStock(staff, 5);
	const slow = await Promise.all(Array.from({ length: 2 * PLACES }, (_, n) => hesitant(n)));

	const { status } = await shopper.tryOrder(skuId);
	for (const socket of slow) socket.destroy();

	expect(status).toBe(201);
});

it("answers everybody in time when the shop stands still: the first that it is unknown, the others when to come again", async () => {
	const skuId = await aSkuInStock(staff, 5);
	const addressId = await shopper.address();
	const still = Promise.withResolvers<[]>();
	await shop.broker.destroyService(shop.broker.getLocalService("inventory"));
	shop.broker.createService({ name: "inventory", actions: { query: () => still.promise } });
	await shop.broker.waitForServices("inventory");
	const body = { items: [{ skuId, quantity: 1 }], addressId };

	const replies = await Promise.all(
		Array.from({ length: PLACES + 6 }, (_, n) => shopper.send("POST", "/orders", body, `still-key-${n}`))
	);
	const product = await shop.http("GET", "/products?pageSize=1");
	still.resolve([]);

	const late = replies.filter(({ status }) => status === 504);
	const turnedAway = replies.filter(({ status }) => status === 503);
	expect([late.length, turnedAway.length]).toEqual([PLACES, 6]);
	for (const { body: answer, headers } of turnedAway)
		expect([answer.code, Number(headers.get("retry-after"))]).toEqual(["SERVICE_UNAVAILABLE", 1]);
	expect(product.status).toBe(200);
}, 60_000);

it("answers in time who can't be authenticated, and that nothing was begun", async () => {
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
}, 60_000);
