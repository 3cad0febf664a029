import type { Server } from "node:http";
import { aSku, StaffClient, unique } from "../support/builders";
import {
	Browser,
	describeWithBrowser,
	startStorefront,
	type Storefront,
	type StorefrontPage
} from "../support/browser";
import { startShop, type Shop } from "../support/shop";
import { Visitor } from "../support/visitor";

const PICTURE = "/pictures/kettle-1-水壶.svg";

describeWithBrowser("a storefront on another origin, in a real browser", () => {
	let shop: Shop;
	let browser: Browser;
	let storefronts: readonly Storefront[];
	let page: StorefrontPage;
	let sisterPage: StorefrontPage;
	let strangersPage: StorefrontPage;
	let skuId: string;
	beforeAll(async () => {
		storefronts = await Promise.all([startStorefront(), startStorefront(), startStorefront()]);
		const [own, sister, stranger] = storefronts as [Storefront, Storefront, Storefront];
		shop = await startShop({ CORS_ORIGINS: `${own.origin},${sister.origin}` });
		const staff = new StaffClient(shop, await shop.asAdmin());
		const product = await staff.addProductOnShelf({ images: [PICTURE], skus: [aSku()] });
		skuId = product.skus[0].id;
		await staff.addStock(skuId, 9);
		browser = await Browser.launch();
		page = await browser.open(own);
		sisterPage = await browser.open(sister);
		strangersPage = await browser.open(stranger);
	});
	afterAll(async () => {
		await browser.close();
		for (const storefront of storefronts) storefront.close();
		await shop.stop();
	});

	const api = (path: string) => `${shop.url}/api/v1${path}`;
	const aBuyer = async () => {
		const { token } = await shop.register(Visitor.phone());
		return { Authorization: `Bearer ${token}` };
	};

	it("reads answers, their request id and their ETag", async () => {
		const listed = await page.ask(api("/products"));
		const again = await page.ask(api("/products"), {
			headers: { "If-None-Match": listed.headers["etag"] ?? "" }
		});
		const refused = await page.ask(api("/me"));

		expect([listed.status, again.status, refused.status]).toEqual([200, 304, 401]);
		expect(listed.body.data.items).toHaveLength(1);
		expect(listed.headers).toMatchObject({
			"x-request-id": listed.body.requestId,
			etag: expect.any(String),
			date: expect.any(String)
		});
		expect(refused.headers).toMatchObject({
			"x-request-id": refused.body.requestId,
			"www-authenticate": "Bearer"
		});
	});

	it("keeps a guest's cart by the id that the first write gives back", async () => {
		const added = await page.ask(api("/cart/items"), { method: "POST", body: { skuId, quantity: 2 } });

		const cart = await page.ask(api("/cart"), {
			headers: { "X-Cart-Id": added.headers["x-cart-id"] ?? "" }
		});

		expect([added.status, cart.body.data.count]).toEqual([200, 2]);
	});

	it("places an order once for its key, and sees that the second answer is a replay", async () => {
		const buyer = await aBuyer();
		const place = { receiver: "李雷", phone: "13900000000", province: "浙江省", city: "杭州市" };
		const address = await page.ask(api("/me/addresses"), {
			method: "POST",
			headers: buyer,
			body: { ...place, district: "西湖区", detail: "文三路 1 号" }
		});
		const order = {
			method: "POST",
			headers: { ...buyer, "Idempotency-Key": unique("order-") },
			body: { items: [{ skuId, quantity: 1 }], addressId: address.body.data.id }
		};

		const [placed, repeated] = [
			await page.ask(api("/orders"), order),
			await page.ask(api("/orders"), order)
		];

		expect([placed.status, repeated.status]).toEqual([201, 201]);
		expect(repeated.body.data.id).toBe(placed.body.data.id);
		expect(placed.headers["idempotency-replayed"]).toBeUndefined();
		expect(repeated.headers["idempotency-replayed"]).toBe("true");
	});

	it("reads the Retry-After header", async () => {
		const code = { method: "POST", body: { phone: Visitor.phone(), purpose: "login" } };
		await page.ask(api("/auth/sms-codes"), code);

		const { status, headers } = await page.ask(api("/auth/sms-codes"), code);

		expect(status).toBe(429);
		expect(Number(headers["retry-after"])).toBeGreaterThan(0);
	});

	it("shows the pictures of products, and the avatar that it sends", async () => {
		const sent = await page.sendPicture(api("/me/avatar"), await aBuyer());

		const widths = [
			await page.show(shop.url + PICTURE),
			await page.show(shop.url + sent.body.data.avatarUrl)
		];

		expect(sent.status).toBe(200);
		expect(widths).toEqual([expect.any(Number), 40]);
		expect(widths[0]).toBeGreaterThan(0);
	});

	it("reads pictures from the cache, whichever page fetched them and how", async () => {
		const picture = `${shop.url}/pictures/kettle-2-${unique()}.svg`;

		const shown = await page.show(picture); // sent without an origin, and cached for a year
		const read = [await page.show(picture, "crossOrigin"), await sisterPage.show(picture, "crossOrigin")];
		const fetched = [await page.ask(picture), await sisterPage.ask(picture)];

		expect(shown).toBeGreaterThan(0);
		expect(read).toEqual([shown, shown]);
		expect(fetched.map(({ status }) => status)).toEqual([200, 200]);
	});

	it("sends one preflight, not one before each request", async () => {
		const seen: string[] = [];
		const note = ({ method = "" }: { method?: string }) => seen.push(method);
		const { server } = shop.broker.getLocalService("api") as unknown as { server: Server };
		const headers = await aBuyer();
		server.on("request", note);

		for (let n = 0; n < 3; n++) await page.ask(api("/me"), { headers });

		server.off("request", note);
		expect(seen).toEqual(["OPTIONS", "GET", "GET", "GET"]);
	});

	it("differs from a page of any other origin, which may show pictures and read nothing", async () => {
		const readings = [api("/products"), `${shop.url}/health/live`, shop.url + PICTURE];

		const outcomes = await Promise.all(
			readings.map(url => strangersPage.ask(url).then(({ status }) => status, String))
		);

		expect(outcomes).toEqual(Array(3).fill(expect.stringContaining("Failed to fetch")));
		expect(await strangersPage.show(shop.url + PICTURE)).toBeGreaterThan(0);
		expect(await strangersPage.show(shop.url + PICTURE, "crossOrigin")).toBe(0);
	});
});
