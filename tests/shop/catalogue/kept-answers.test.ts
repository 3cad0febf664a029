import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { sendRaw } from "../../support/raw-http";
import { aSku, StaffClient, unique } from "../../support/builders";
import { SharedShop } from "../../support/shared-shop/shared-shop";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";

let shop: SharedShop;
let staff: StaffClient;
beforeAll(async () => {
	shop = await SharedShop.open();
	staff = new StaffClient(shop, await shop.asAdmin());
});

const detail = async (id: string) => (await shop.http("GET", `/products/${id}`)).body.data;
const listed = async (name: string) =>
	(await shop.http("GET", `/products?q=${encodeURIComponent(name)}`)).body.data.items[0];
/** A list with words waits a moment for the index, no longer. */
const waitForPrice = (name: string, price: number | undefined) =>
	until("the list", async () => (await listed(name))?.price === price);

it("shows a new price in the next answer, of the product and of a list", async () => {
	const name = unique("茶");
	const product = await staff.addProductOnShelf({ name, skus: [aSku({ price: 1000 })] });
	await waitForPrice(name, 1000);
	const before = await detail(product.id);

	const skuId: string = product.skus[0].id;
	await staff.mustSend("PATCH", `/admin/products/${product.id}/skus/${skuId}`, { price: 900 });

	expect([before.price, (await detail(product.id)).price]).toEqual([1000, 900]);
	await waitForPrice(name, 900);
});

it("shows a product that was taken off the shelf no more", async () => {
	const name = unique("茶");
	const { id } = await staff.addProductOnShelf({ name });
	await Promise.all([detail(id), waitForPrice(name, 1000)]);

	await staff.mustSend("POST", `/admin/products/${id}/off-shelf`, {});

	expect((await shop.http("GET", `/products/${id}`)).status).toBe(404);
	await waitForPrice(name, undefined);
});

it("shows that the last unit was ordered, and that it came back", async () => {
	const product = await staff.addProductOnShelf();
	const skuId: string = product.skus[0].id;
	const level = async () => (await detail(product.id)).skus[0].stock;
	const levels = [await level()];
	await staff.addStock(skuId, 1);
	levels.push(await level());
	const buyer = new Shopper(shop, (await shop.register(`137${String(Date.now()).slice(-8)}`)).token);
	const order = await buyer.order(skuId);
	levels.push(await level());
	await buyer.mustSend("POST", `/orders/${order.id}/cancel`, {});

	expect(levels).toEqual(["out", "low", "out"]);
	await until("the unit to be for sale again", async () => (await level()) === "low");
});

describe("a kept answer", () => {
	let path: string;
	beforeAll(async () => {
		const { id } = await staff.addProductOnShelf({ description: "好茶 good tea ".repeat(200) });
		path = `/api/v1/products/${id}`;
		await fetch(shop.url + path);
	});
	const bodyOf = async (response: Response): Promise<any> => response.json();
	const get = (headers: Record<string, string> = {}, method = "GET") =>
		fetch(shop.url + path, { method, headers });

	it("has the request's own id, and the same headers as a new one", async () => {
		const [one, two] = [await get(), await get({ "X-Request-Id": "my-request-1" })];
		const names = ({ headers }: Response) => [...headers.keys()].sort();

		expect((await bodyOf(two)).requestId).toBe("my-request-1");
		expect(two.headers.get("x-request-id")).toBe("my-request-1");
		expect((await bodyOf(one)).requestId).toBe(one.headers.get("x-request-id"));
		const fresh = await fetch(`${shop.url + path}?page=2`); // another URL, so another answer
		expect(names(one)).toEqual(names(fresh));
	});

	it("is in the language of the request", async () => {
		const messages = await Promise.all(
			["en", "zh-CN", "en"].map(
				async lang => (await bodyOf(await get({ "Accept-Language": lang }))).message
			)
		);

		expect(messages[0]).toBe(messages[2]);
		expect(messages[0]).not.toBe(messages[1]);
	});

	it.each([
		["gzip", gunzipSync],
		["br", brotliDecompressSync]
	])("can be asked for as %s", async (encoding, decode) => {
		const plain = await bodyOf(await get({ "Accept-Encoding": "identity" }));

		const { headers, bytes } = await sendRaw(shop.url, "GET", path, { "Accept-Encoding": encoding });

		expect(headers["content-encoding"]).toBe(encoding);
		expect(headers.vary).toContain("Accept-Encoding");
		expect(bytes.length).toBeLessThan(2000);
		expect(JSON.parse(decode(bytes).toString()).data).toEqual(plain.data);
	});

	it("is not sent again to a client that has it, and has no body for HEAD", async () => {
		const etag = (await get()).headers.get("etag") ?? "";

		const [again, head] = [await get({ "If-None-Match": etag }), await get({}, "HEAD")];

		expect([again.status, await again.text()]).toEqual([304, ""]);
		expect([head.status, await head.text()]).toEqual([200, ""]);
		expect(Number(head.headers.get("content-length") ?? 1)).toBeGreaterThan(0);
	});
});
