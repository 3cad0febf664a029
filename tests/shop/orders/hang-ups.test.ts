import { startShop, type Shop } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";
import { getOrderStore } from "../../support/buyers";

const PLACES = 64;
let shop: Shop;
let shopper: Shopper;
beforeAll(async () => {
	shop = await startShop({ REQUEST_TIMEOUT_MS: "60000" }); // as long as a crowd takes on a busy machine
	shopper = new Shopper(shop, await shop.asUser());
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => shop.stop());

it("has all its places again when clients hang up, inside or while they wait", async () => {
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
	const away = new AbortController();
	const leaving = Array.from({ length: PLACES + 20 }, (_, n) =>
		fetch(`${shop.url}/api/v1/orders`, {
			method: "POST",
			headers: {
				"Content-Type": "application/json",
				"Idempotency-Key": `leaving-${n}`,
				Authorization: `Bearer ${shopper.token}`
			},
			body: JSON.stringify(body),
			signal: away.signal
		}).catch(() => null)
	);
	await until("a full house", () => begun === PLACES, 30_000);

	away.abort();
	const former = gate;
	gate = Promise.withResolvers();
	former.resolve();
	const staying = Array.from({ length: PLACES }, (_, n) =>
		shopper.send("POST", "/orders", body, `staying-${n}`)
	);

	await until("a full house again", () => begun === 2 * PLACES, 30_000);
	gate.resolve();
	expect((await Promise.all(staying)).map(({ status }) => status)).toEqual(Array(PLACES).fill(409));
	expect(await Promise.all(leaving)).toEqual(Array(PLACES + 20).fill(null));
}, 90_000);
