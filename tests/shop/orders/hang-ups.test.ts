import { startShop, type Shop } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";
import { getOrderStore } from "../../support/buyers";

/** Requests to `POST /orders` that the gateway runs at once. */
const MAX_RUNNING = 64;
let shop: Shop;
let shopper: Shopper;
beforeAll(async () => {
	shop = await startShop();
	shopper = new Shopper(shop, await shop.asUser());
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => shop.stop());

it("frees the permits of clients that hang up, whether their request runs or waits", async () => {
	const body = { items: [{ skuId: "x-1", quantity: 1 }], addressId: "x" };
	const orders = getOrderStore(shop);
	const { findOne } = orders;
	let gate = Promise.withResolvers<void>();
	let begun = 0;
	jest.spyOn(orders, "findOne").mockImplementation(async where => {
		begun++;
		await gate.promise;
		return findOne.call(orders, where);
	});
	const abort = new AbortController();
	const leaving = Array.from({ length: MAX_RUNNING + 20 }, (_, n) =>
		fetch(`${shop.url}/api/v1/orders`, {
			method: "POST",
			headers: {
				"Content-Type": "application/json",
				"Idempotency-Key": `leaving-${n}`,
				Authorization: `Bearer ${shopper.token}`
			},
			body: JSON.stringify(body),
			signal: abort.signal
		}).catch(() => null)
	);
	await until("all permits to be taken", () => begun === MAX_RUNNING);

	abort.abort();
	const former = gate;
	gate = Promise.withResolvers();
	former.resolve();
	const staying = Array.from({ length: MAX_RUNNING }, (_, n) =>
		shopper.send("POST", "/orders", body, `staying-${n}`)
	);

	await until("all permits to be taken again", () => begun === 2 * MAX_RUNNING);
	gate.resolve();
	expect((await Promise.all(staying)).map(({ status }) => status)).toEqual(Array(MAX_RUNNING).fill(409));
	expect(await Promise.all(leaving)).toEqual(Array(MAX_RUNNING + 20).fill(null));
});
