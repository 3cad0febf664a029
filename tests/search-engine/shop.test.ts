import { StaffClient, unique } from "../support/builders";
import { Link } from "../support/link";
import { startShop, type Shop } from "../support/shop";
import { until } from "../support/until";

const word = `q${unique("").replace(/\d/g, "x")}`;
let link: Link;
let shop: Shop;
let staff: StaffClient;
beforeAll(async () => {
	link = await Link.to(Number(new URL(process.env["SEARCH_URL"] ?? "").port));
	shop = await startShop({ SEARCH_URL: `http://127.0.0.1:${link.port}` });
	staff = new StaffClient(shop, await shop.asAdmin());
});
afterAll(async () => {
	await shop.stop();
	await link.close();
});

const ask = async (path: string) => {
	const { status, body } = await shop.http("GET", path);
	return { status, code: body.code, items: (body.data?.items ?? []) as { id: string }[] };
};
const isFound = async (id: string) => (await ask(`/products?q=${word}`)).items.some(item => item.id === id);

it("answers without the engine what the documents know, and finds afterwards what changed meanwhile", async () => {
	const first = await staff.addProductOnShelf({ name: `茶 ${word}` });
	await until("the product to be found", () => isFound(first.id));

	link.turn("half-open");
	const second = await staff.addProductOnShelf({ name: `新茶 ${word}` });
	const away = await Promise.all(
		[`/products?q=${word}`, "/products?facets=true", `/products/suggest?q=${word}`].map(ask)
	);
	const lists = await Promise.all(["/products", "/products?minPrice=1&sort=price_asc"].map(ask));
	link.turn("good");

	expect(away.map(({ status, code }) => [status, code])).toEqual(
		Array(3).fill([503, "SERVICE_UNAVAILABLE"])
	);
	for (const { status, items } of lists)
		expect([status, items.map(({ id }) => id)]).toEqual([
			200,
			expect.arrayContaining([first.id, second.id])
		]);
	await until("the new product to be found", () => isFound(second.id));
	await until("no fact to wait", async () => (await staff.mustSend("GET", "/admin/search")).behind === 0);
});

it("builds the index again after somebody has deleted it", async () => {
	const product = await staff.addProductOnShelf({ name: `红茶 ${word}` });
	await until("the product to be found", () => isFound(product.id));

	await fetch(`${process.env["SEARCH_URL"]}/shop-${process.env["MALL_NAMESPACE"]}~*`, { method: "DELETE" });
	await staff.addProductOnShelf({ name: `绿茶 ${word}` });

	await until("the product to be found again", () => isFound(product.id));
});
