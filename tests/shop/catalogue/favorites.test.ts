import { StaffClient } from "../../support/builders";
import { aBuyer, deliverFact, refusalOf, type Buyer } from "../../support/buyers";
import { Shopper } from "../../support/shopper";
import { startShop, type Reply, type Shop } from "../../support/shop";
import { until } from "../../support/until";

type Data = Reply["body"]["data"];
let shop: Shop;
let staff: StaffClient;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
});
afterAll(() => shop.stop());

const addProduct = (more: object = {}): Promise<Data> => staff.addProductOnShelf(more);
const idsOf = async (buyer: Buyer, action: string): Promise<string[]> =>
	(await buyer.call(action, {})).items.map(({ id }: Data) => id);

it("keeps favourites with their price then, once each and the latest first", async () => {
	const buyer = await aBuyer(shop);
	const [tea, cup] = [await addProduct(), await addProduct()];
	const add = (productId: string): Promise<Data> => buyer.call("favorites.add", { productId });
	for (const { id } of [tea, cup, tea]) await add(id);
	await staff.mustSend("PATCH", `/admin/products/${tea.id}/skus/${tea.skus[0].id}`, { price: 900 });

	const { items, total } = await buyer.call("favorites.list", {});
	await staff.mustSend("POST", `/admin/products/${cup.id}/off-shelf`, {});
	const afterwards = await idsOf(buyer, "favorites.list");
	await buyer.call("favorites.remove", { productId: tea.id });

	expect(total).toBe(2);
	expect(items.map(({ id }: Data) => id)).toEqual([cup.id, tea.id]);
	expect(items[1]).toMatchObject({ price: 900, priceThen: 1000, addedAt: expect.any(String) });
	expect(afterwards).toEqual([tea.id]);
	expect(await idsOf(buyer, "favorites.list")).toEqual([]);
	expect(await refusalOf(add("nothing"))).toBe("NOT_FOUND");
});

it("keeps at most 500 favourites, also of requests at the same time", async () => {
	const buyer = await aBuyer(shop);
	const products = [await addProduct(), await addProduct(), await addProduct()];
	const entries = Array.from({ length: 499 }, (_, n) => ({
		...{ productId: `p${n}`, addedAt: new Date(), priceThen: 1 }
	}));
	const store = (shop.broker.getLocalService("favorites") as Data).favorites;
	await store.insert({ _id: buyer.id, entries, version: 1 });

	const outcomes = await Promise.all(
		products.map(({ id }) => refusalOf(buyer.call("favorites.add", { productId: id })))
	);

	expect(outcomes.filter(outcome => outcome === "not refused")).toHaveLength(1);
	expect((await buyer.call("favorites.list", {})).total).toBe(500);
});

it("notes what a signed-in shopper looks at, and forgets it when asked or when the account closes", async () => {
	const { token, user } = await shop.register("13577770001");
	const shopper = new Shopper(shop, token);
	const [tea, cup] = [await addProduct(), await addProduct()];
	const history = async (): Promise<string[]> =>
		(await shopper.mustSend("GET", "/me/history")).items.map(({ id }: Data) => id);
	const seen = (...ids: string[]) =>
		until("the views to be noted", async () => (await history()).join() === ids.join());

	await shop.http("GET", `/products/${cup.id}`); // the answer is kept for guests
	await shopper.mustSend("GET", `/products/${tea.id}`);
	await seen(tea.id);
	await shopper.mustSend("GET", `/products/${cup.id}`);
	await seen(cup.id, tea.id);
	await shopper.mustSend("PUT", `/me/favorites/${tea.id}`);
	const exported = await shopper.mustSend("GET", "/me/export");
	await shopper.mustSend("DELETE", "/me/history");
	const cleared = await history();
	await deliverFact(shop, "favorites", "user.closed", { userId: user.id });

	expect(exported.services.favorites).toMatchObject({
		favorites: [{ productId: tea.id }],
		history: [{ productId: cup.id }, { productId: tea.id }]
	});
	expect(cleared).toEqual([]);
	expect((await shopper.mustSend("GET", "/me/favorites")).items).toEqual([]);
});

it("relates what is bought together, then the category's best, never itself or what is off the shelf", async () => {
	const categoryId = await staff.addCategory();
	const [tea, cup, pot, other, gone] = [
		await addProduct({ categoryId }),
		await addProduct(),
		await addProduct(),
		await addProduct({ categoryId }),
		await addProduct({ categoryId })
	];
	const complete = (orderId: string, ...products: Data[]) =>
		deliverFact(shop, "related", "order.completed", {
			...{ orderId, userId: "u" },
			lines: products.map(({ id, skus }) => ({ productId: id, skuId: skus[0].id, quantity: 1 }))
		});
	await complete("o1", tea, cup, gone);
	for (const orderId of ["o2", "o3", "o3"]) await complete(orderId, pot, tea);
	await staff.mustSend("POST", `/admin/products/${gone.id}/off-shelf`, {});

	const { status, body } = await shop.http("GET", `/products/${tea.id}/related`);
	const ofNothing = await shop.http("GET", `/products/${gone.id}/related`);

	expect(status).toBe(200);
	expect(body.data.map(({ id }: Data) => id)).toEqual([pot.id, cup.id, other.id]);
	expect(ofNothing.status).toBe(404);
});
