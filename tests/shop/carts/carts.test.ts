import { aSku, StaffClient, unique } from "../../support/builders";
import { SharedShop } from "../../support/shared-shop/shared-shop";
import type { Reply } from "../../support/shop";
import { until } from "../../support/until";
import { Visitor } from "../../support/visitor";

let shop: SharedShop;
let staff: StaffClient;
let tea: string;
let cups: string;
let scarce: string;
let product: Reply["body"]["data"];
beforeAll(async () => {
	shop = await SharedShop.open();
	staff = new StaffClient(shop, await shop.asAdmin());
	product = await staff.addProductOnShelf({
		skus: [aSku({ price: 1000, attributes: { 颜色: "白" } }), aSku({ price: 250 }), aSku({ price: 99 })]
	});
	[tea, cups, scarce] = product.skus.map((sku: { id: string }) => sku.id);
	await staff.addStock(tea, 10_000);
	await staff.addStock(cups, 500);
	await staff.addStock(scarce, 3);
});

const aGuest = () => new Visitor(shop);
const aBuyer = async () => new Visitor(shop, (await shop.register(Visitor.phone())).token);

describe("a guest's cart", () => {
	it("is empty at first, and reading stores none", async () => {
		const { status, body, headers } = await aGuest().send("GET", "/cart");

		expect(status).toBe(200);
		expect(body.data).toEqual({
			items: [],
			totals: { itemsTotal: 0, discountTotal: 0, total: 0, currency: "CNY" },
			count: 0
		});
		expect(headers.get("X-Cart-Id")).toBeNull();
	});

	it("is found by the unguessable id that the first write returns", async () => {
		const guest = aGuest();

		const added = await guest.add(tea, 2);

		expect(added.status).toBe(200);
		expect(guest.cartId).toMatch(/^[\w-]{43}$/);
		expect((await guest.cart()).items).toEqual([
			expect.objectContaining({
				skuId: tea,
				productId: product.id,
				attributes: { 颜色: "白" },
				quantity: 2,
				selected: true,
				price: 1000,
				addedPrice: 1000,
				amount: 2000,
				available: 10_000,
				problem: null
			})
		]);
		expect((await aGuest().cart()).count).toBe(0);
	});

	it.each(["A".repeat(43), "x", "../user:1", "A".repeat(5000)])(
		"is not created under a forged id (%.12s): reading shows nothing, writing gets another id",
		async forged => {
			const guest = aGuest();
			guest.cartId = forged;

			expect((await guest.cart()).items).toEqual([]);
			await guest.add(tea, 1);

			expect(guest.cartId).not.toBe(forged);
			expect((await guest.cart()).count).toBe(1);
		}
	);

	it("can't be read by the id of a user", async () => {
		const { token, user } = await shop.register(Visitor.phone());
		await new Visitor(shop, token).add(tea, 1);
		const guest = aGuest();
		guest.cartId = user.id;

		expect((await guest.cart()).items).toEqual([]);
	});
});

describe("a user's cart", () => {
	it("belongs to that user only, with or without a cart id in the request", async () => {
		const [mine, other] = [await aBuyer(), await aBuyer()];
		const guest = aGuest();
		await guest.add(cups, 3);
		mine.cartId = guest.cartId;

		await mine.add(tea, 1);

		expect((await mine.cart()).items.map((item: { skuId: string }) => item.skuId)).toEqual([tea]);
		expect((await other.cart()).items).toEqual([]);
		expect((await guest.cart()).count).toBe(3);
	});

	it("refuses a bad token instead of treating its bearer as a guest", async () => {
		const { status } = await new Visitor(shop, "nonsense").send("GET", "/cart");

		expect(status).toBe(401);
	});
});

describe("lines", () => {
	it("add up, and the totals cover the selected ones", async () => {
		const guest = aGuest();
		await guest.add(tea, 2);
		await guest.add(cups, 4);
		await guest.add(tea, 1);

		const { body } = await guest.send("POST", "/cart/select", { skuIds: [cups], selected: false });

		expect(body.data).toMatchObject({
			items: [
				{ skuId: tea, quantity: 3, selected: true, amount: 3000 },
				{ skuId: cups, quantity: 4, selected: false, amount: 1000 }
			],
			totals: { itemsTotal: 3000, discountTotal: 0, total: 3000, currency: "CNY" },
			count: 7
		});
		const none = await guest.send("POST", "/cart/select", { skuIds: [], selected: true });
		expect(none.body.data).toMatchObject(body.data);
		const all = await guest.send("POST", "/cart/select", { all: true, selected: true });
		expect(all.body.data.totals.total).toBe(4000);
	});

	it("hold no more than the stock", async () => {
		const guest = aGuest();
		await guest.add(scarce, 2);

		const { status, body } = await guest.add(scarce, 2);

		expect([status, body.code]).toEqual([409, "OUT_OF_STOCK"]);
		expect(body.data).toEqual({ items: [{ skuId: scarce, requested: 4, available: 3 }] });
		expect((await guest.send("PATCH", `/cart/items/${scarce}`, { quantity: 4 })).body.code).toBe(
			"OUT_OF_STOCK"
		);
		expect((await guest.cart()).items[0].quantity).toBe(2);
	});

	it("are changed, removed and cleared", async () => {
		const buyer = await aBuyer();
		await buyer.add(tea, 1);
		await buyer.add(cups, 1);

		const patched = await buyer.send("PATCH", `/cart/items/${tea}`, { quantity: 5, selected: false });
		const removed = await buyer.send("DELETE", `/cart/items/${cups}`);
		const cleared = await buyer.send("DELETE", "/cart");

		expect(patched.body.data.items[0]).toMatchObject({ quantity: 5, selected: false });
		expect(removed.body.data.items).toHaveLength(1);
		expect(cleared.body.data.items).toEqual([]);
	});

	it("that are not there can't be changed", async () => {
		const guest = aGuest();
		const replies = await Promise.all([
			guest.send("PATCH", `/cart/items/${tea}`, { quantity: 1 }),
			guest.send("DELETE", `/cart/items/${tea}`),
			guest.send("POST", "/cart/select", { skuIds: [tea], selected: true })
		]);

		expect(replies.map(({ body }) => body.code)).toEqual(["NOT_FOUND", "NOT_FOUND", "NOT_FOUND"]);
	});

	it.each([
		["POST", "/cart/items", { skuId: "x", quantity: 0 }],
		["POST", "/cart/items", { skuId: "x", quantity: 1.5 }],
		["POST", "/cart/items", { skuId: "x", quantity: "2" }],
		["POST", "/cart/items", { skuId: "x", quantity: 10_000 }],
		["POST", "/cart/items", { skuId: { $gt: "" }, quantity: 1 }],
		["POST", "/cart/items", { skuId: "x", quantity: 1, price: 1 }],
		["PATCH", "/cart/items/x", { quantity: null }],
		["POST", "/cart/select", { selected: true }],
		["POST", "/cart/preview", { items: [] }]
	])("refuse %s %s %j", async (method, path, body) => {
		const reply = await aGuest().send(method, path, body);

		expect([reply.status, reply.body.code]).toEqual([400, "VALIDATION_ERROR"]);
	});

	it("refuse an unknown SKU and one that is not on sale", async () => {
		const draft = await staff.addDraft();

		const unknown = await aGuest().add("nothing-1", 1);
		const off = await aGuest().add(draft.skus[0].id, 1);

		expect([unknown.status, unknown.body.code]).toEqual([404, "NOT_FOUND"]);
		expect([off.status, off.body.code]).toEqual([409, "NOT_ON_SHELF"]);
	});

	it("end at the exact quantity after 50 adds at once", async () => {
		const buyer = await aBuyer();

		const replies = await Promise.all(Array.from({ length: 50 }, () => buyer.add(tea, 3)));

		expect(replies.every(({ status }) => status === 200)).toBe(true);
		expect((await buyer.cart()).items[0].quantity).toBe(150);
	});
});

it("shows present prices and stock, and the problem of each line", async () => {
	const goods = await staff.addProductOnShelf({ skus: [aSku({ price: 500 }), aSku({ price: 100 })] });
	const [first, second] = goods.skus.map((sku: { id: string }) => sku.id);
	await staff.addStock(first, 5);
	await staff.addStock(second, 5);
	const guest = aGuest();
	await guest.add(first, 5);
	await guest.add(second, 2);

	await staff.mustSend("PATCH", `/admin/products/${goods.id}/skus/${first}`, { price: 400 });
	await staff.addStock(second, -4);

	const cart = await until("the change shows", async () => {
		const seen = await guest.cart();
		return seen.items[0].problem && seen.items[1].problem ? seen : null;
	});
	expect(cart.items).toMatchObject([
		{ price: 400, addedPrice: 500, amount: 2000, problem: "PRICE_CHANGED" },
		{ available: 1, problem: "OUT_OF_STOCK" }
	]);
	expect(cart.totals.total).toBe(2000);

	await staff.mustSend("POST", `/admin/products/${goods.id}/off-shelf`, {});
	const later = await until("it is off the shelf", async () => {
		const seen = await guest.cart();
		return seen.items[0].problem === "NOT_ON_SHELF" ? seen : null;
	});
	expect(later.totals.total).toBe(0);
});

it("refuses the SKU of a deleted product as not on the shelf, in cart, preview and order alike", async () => {
	const goods = await staff.addProductOnShelf();
	const skuId = goods.skus[0].id;
	await staff.addStock(skuId, 5);
	const { token } = await shop.register(Visitor.phone());
	const buyer = new Visitor(shop, token);
	const addressId = await buyer.address();
	await buyer.add(skuId, 2);
	await staff.mustSend("POST", `/admin/products/${goods.id}/off-shelf`, {});
	await staff.mustSend("DELETE", `/admin/products/${goods.id}`);

	const refused = [
		await buyer.send("POST", "/cart/preview", {}),
		await shop.http("POST", "/orders", { token, body: { addressId }, key: unique("order-") }),
		await buyer.send("PATCH", `/cart/items/${skuId}`, { quantity: 1 }),
		await buyer.add(skuId, 1)
	];
	const [line] = (await buyer.cart()).items;
	const patched = await buyer.send("PATCH", `/cart/items/${skuId}`, { selected: false });
	const removed = await buyer.send("DELETE", `/cart/items/${skuId}`);

	expect(refused.map(({ status, body }) => [status, body.code, body.data])).toEqual(
		Array(4).fill([409, "NOT_ON_SHELF", { skuIds: [skuId] }])
	);
	expect(line).toMatchObject({ skuId, quantity: 2, available: 0, problem: "NOT_ON_SHELF" });
	expect([patched.status, patched.body.data.items[0].selected]).toEqual([200, false]);
	expect([removed.status, removed.body.data.items]).toEqual([200, []]);
});

describe("a preview", () => {
	it("quotes given lines, summed per SKU, without a cart", async () => {
		const items = [
			{ skuId: tea, quantity: 1 },
			{ skuId: tea, quantity: 2 }
		];

		const { status, body } = await aGuest().send("POST", "/cart/preview", { items });

		expect(status).toBe(200);
		const prices = { listPrice: 1000, price: 1000, quantity: 3, amount: 3000, discount: 0 };
		expect(body.data).toMatchObject({
			lines: [{ skuId: tea, productId: product.id, ...prices }],
			itemsTotal: 3000,
			discounts: [],
			discountTotal: 0,
			gifts: [],
			shippingFee: 0,
			total: 3000,
			currency: "CNY"
		});
	});

	it("quotes the selected lines of the cart, with the present shipping fee", async () => {
		const buyer = await aBuyer();
		await buyer.add(tea, 1);
		await buyer.add(cups, 1);
		await buyer.send("PATCH", `/cart/items/${tea}`, { selected: false });
		await staff.mustSend("PUT", "/admin/config/shipping.fee", { value: 800 });

		const { body } = await buyer.send("POST", "/cart/preview", {});

		await staff.mustSend("PUT", "/admin/config/shipping.fee", { value: 0 });
		expect(body.data).toMatchObject({ itemsTotal: 250, shippingFee: 800, total: 1050 });
	});

	it("names an unknown coupon as not applied", async () => {
		const items = [{ skuId: tea, quantity: 1 }];

		const { body } = await aGuest().send("POST", "/cart/preview", { items, couponCode: "WELCOME" });

		expect(body.data.notApplied).toEqual([{ id: "WELCOME", name: "WELCOME", reason: "NOT_FOUND" }]);
	});

	it("refuses what an order would refuse, with the same answer", async () => {
		const limited = (await staff.addProductOnShelf({ skus: [aSku({ limitPerUser: 1 })] })).skus[0].id;
		await staff.addStock(limited, 9);
		const draft = (await staff.addDraft()).skus[0].id;
		const { token } = await shop.register(Visitor.phone());
		const addressId = await new Visitor(shop, token).address();
		const units = (skuId: string, ...quantities: number[]) => ({
			items: [{ skuId: tea, quantity: 1 }, ...quantities.map(quantity => ({ skuId, quantity }))],
			addressId
		});
		const answers = async (body: object) => {
			const replies = [
				await new Visitor(shop, token).send("POST", "/cart/preview", body),
				await shop.http("POST", "/orders", { token, body, key: unique("order-") })
			];
			return replies.map(({ status, body: { code, data } }) => ({ status, code, data }));
		};

		const cases: readonly (readonly [object, number, string])[] = [
			[units(scarce, 4), 409, "OUT_OF_STOCK"],
			[units("nothing-1", 1), 409, "NOT_ON_SHELF"],
			[units(draft, 1), 409, "NOT_ON_SHELF"],
			[units(limited, 1, 1), 409, "PURCHASE_LIMIT"],
			[units(tea, 9999), 400, "VALIDATION_ERROR"],
			[{ addressId }, 400, "VALIDATION_ERROR"],
			[{ ...units(tea, 1), addressId: "nowhere" }, 404, "NOT_FOUND"],
			[{ ...units(draft, 1), addressId: "nowhere" }, 409, "NOT_ON_SHELF"]
		];

		for (const [body, status, code] of cases) {
			const [previewed, ordered] = await answers(body);
			expect(previewed).toMatchObject({ status, code });
			expect(ordered).toEqual(previewed);
		}
	});

	it("accepts only the caller's own addresses", async () => {
		const items = [{ skuId: tea, quantity: 1 }];
		const [owner, other] = [await aBuyer(), await aBuyer()];
		const addressId = await owner.address();
		const preview = async (visitor: Visitor) =>
			(await visitor.send("POST", "/cart/preview", { items, addressId })).status;

		expect(await preview(owner)).toBe(200);
		expect(await preview(other)).toBe(404);
		expect(await preview(aGuest())).toBe(401);
	});
});
