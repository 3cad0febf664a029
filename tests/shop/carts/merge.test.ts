import { ulid } from "ulid";
import type * as BackendsModule from "../../../infrastructure/backends";
import { call } from "../../../schemas/registry";
import { aSku, StaffClient } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";
import { Visitor } from "../../support/visitor";

let shop: Shop;
let staff: StaffClient;
let backends: (typeof BackendsModule)["backends"];
let tea: string;
let cups: string;
beforeAll(async () => {
	shop = await startShop();
	({ backends } = require("../../../infrastructure/backends") as typeof BackendsModule);
	staff = new StaffClient(shop, await shop.asAdmin());
	const product = await staff.addProductOnShelf({ skus: [aSku(), aSku()] });
	[tea, cups] = product.skus.map((sku: { id: string }) => sku.id);
	await staff.addStock(tea, 100);
	await staff.addStock(cups, 100);
});
afterAll(() => shop.stop());
afterEach(() => staff.mustSend("PUT", "/admin/config/cart.mergeRule", { value: "max" }));

const setMergeRule = (rule: string) => staff.mustSend("PUT", "/admin/config/cart.mergeRule", { value: rule });
async function aGuest(skuId: string, quantity: number): Promise<Visitor> {
	const guest = new Visitor(shop);
	await guest.add(skuId, quantity);
	return guest;
}
async function aBuyer() {
	const { token, user } = await shop.register(Visitor.phone());
	return Object.assign(new Visitor(shop, token), { userId: user.id });
}

describe("merging a guest's cart", () => {
	it("needs a user", async () => {
		const guest = await aGuest(tea, 1);

		const { status } = await guest.merge(guest.cartId);

		expect(status).toBe(401);
		expect((await guest.cart()).count).toBe(1);
	});

	it("takes the larger quantity, adds what is new, and closes the guest's cart", async () => {
		const [guest, buyer] = [await aGuest(tea, 5), await aBuyer()];
		await guest.add(cups, 2);
		await buyer.add(tea, 3);

		const first = await buyer.merge(guest.cartId);
		const second = await buyer.merge(guest.cartId);

		expect(first.body.data.merged).toEqual([
			{ skuId: tea, from: 3, to: 5, reason: "MAX" },
			{ skuId: cups, from: 0, to: 2, reason: "ADDED" }
		]);
		expect(first.body.data).toMatchObject({ count: 7, totals: { total: 7000 } });
		expect(second.body.data).toMatchObject({ merged: [], count: 7 });
		expect((await guest.cart()).items).toEqual([]);
	});

	it("caps at the stock", async () => {
		const [guest, buyer] = [await aGuest(tea, 60), await aBuyer()];
		await buyer.add(tea, 60);
		await setMergeRule("sum");

		const { body } = await buyer.merge(guest.cartId);

		expect(body.data.merged).toEqual([{ skuId: tea, from: 60, to: 100, reason: "CAPPED" }]);
	});

	it("replaces when the config says so", async () => {
		const [guest, buyer] = [await aGuest(tea, 2), await aBuyer()];
		await buyer.add(tea, 3);
		await setMergeRule("replace");

		const { body } = await buyer.merge(guest.cartId);

		expect(body.data.items).toMatchObject([{ skuId: tea, quantity: 2 }]);
	});

	it("happens once when it is requested 20 times at once, also by sum", async () => {
		const [guest, buyer] = [await aGuest(tea, 4), await aBuyer()];
		await buyer.add(tea, 3);
		await setMergeRule("sum");

		const replies = await Promise.all(Array.from({ length: 20 }, () => buyer.merge(guest.cartId)));

		expect(replies.every(({ status }) => status === 200)).toBe(true);
		expect(replies.filter(({ body }) => body.data.merged.length)).toHaveLength(1);
		expect((await buyer.cart()).items[0].quantity).toBe(7);
	});

	it("gives the cart to one of several users who ask at once", async () => {
		const guest = await aGuest(tea, 4);
		const buyers = await Promise.all([aBuyer(), aBuyer(), aBuyer()]);

		const replies = await Promise.all(buyers.map(buyer => buyer.merge(guest.cartId)));

		expect(replies.map(({ body }) => body.data.count).sort()).toEqual([0, 0, 4]);
	});

	it("changes nothing for an unknown cart", async () => {
		const buyer = await aBuyer();
		await buyer.add(tea, 1);

		const { status, body } = await buyer.merge("A".repeat(43));

		expect(status).toBe(200);
		expect(body.data).toMatchObject({ merged: [], count: 1 });
	});
});

describe("a merge that a crash cut off", () => {
	const keyOf = (visitor: Visitor) => `carts:guest:${visitor.cartId}`;

	it("after closing the guest's cart is finished by the same user only", async () => {
		const [guest, buyer, other] = [await aGuest(tea, 4), await aBuyer(), await aBuyer()];
		await backends
			.keyValue()
			.update<object>(keyOf(guest), cart => ({ ...cart, closedFor: buyer.userId }), 60_000);

		const foreign = await other.merge(guest.cartId);
		const again = await buyer.merge(guest.cartId);

		expect(foreign.body.data.count).toBe(0);
		expect(again.body.data.count).toBe(4);
	});

	it("before removing the guest's cart is not done twice, and the guest's cart is removed", async () => {
		const [guest, buyer] = [await aGuest(tea, 4), await aBuyer()];
		const left = await backends.keyValue().get(keyOf(guest));
		await setMergeRule("sum");
		await buyer.merge(guest.cartId);
		await backends.keyValue().update(keyOf(guest), () => left, 60_000);

		const again = await buyer.merge(guest.cartId);

		expect(again.body.data).toMatchObject({ merged: [], count: 4 });
		expect(await backends.keyValue().get(keyOf(guest))).toBeNull();
	});

	it("leaves a closed cart that accepts no more lines: the guest gets a new one", async () => {
		const guest = await aGuest(tea, 1);
		const former = guest.cartId;
		await backends.keyValue().update<object>(keyOf(guest), cart => ({ ...cart, closedFor: "u" }), 60_000);

		await guest.add(cups, 2);

		expect(guest.cartId).not.toBe(former);
		expect((await guest.cart()).items).toMatchObject([{ skuId: cups, quantity: 2 }]);
	});
});

describe("an order", () => {
	it("from the cart removes its lines, once, and leaves lines that were added since", async () => {
		const buyer = await aBuyer();
		await buyer.add(tea, 2);
		await buyer.add(cups, 1);
		const orderId = ulid();
		const lines = [{ skuId: tea, productId: "p", quantity: 2 }];
		const orderCreated = {
			orderId,
			orderNo: "1",
			userId: buyer.userId,
			total: 2000,
			lines,
			fromCart: true
		};
		const publish = (payload: object) =>
			backends.facts(shop.broker.logger).publish([
				{
					id: ulid(),
					event: "order.created",
					payload: { ...orderCreated, expiresAt: new Date().toISOString(), ...payload },
					at: new Date()
				}
			]);

		await publish({ orderId: ulid(), fromCart: false });
		await publish({});
		await until("the tea is gone", async () => (await buyer.cart()).items.length === 1);
		await buyer.add(tea, 1);
		await publish({});
		await call(shop.broker, "carts.drop", { userId: buyer.userId, orderId, skuIds: [tea] });
		await publish({ orderId: ulid(), lines: [{ skuId: cups, productId: "p", quantity: 1 }] });

		const cart = await until("the cups are gone", async () => {
			const seen = await buyer.cart();
			return seen.items.length === 1 ? seen : null;
		});
		expect(cart.items).toMatchObject([{ skuId: tea, quantity: 1 }]);
	});

	it("takes the selected lines only", async () => {
		const buyer = await aBuyer();
		await buyer.add(tea, 2);
		await buyer.add(cups, 1);
		await buyer.send("PATCH", `/cart/items/${cups}`, { selected: false });

		const selected = await call(shop.broker, "carts.selected", { userId: buyer.userId });

		expect(selected).toEqual([{ skuId: tea, quantity: 2 }]);
	});
});
