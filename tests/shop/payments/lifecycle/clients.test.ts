import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { deleteKeysWithPrefix, createRedisConnection } from "../../../../infrastructure/redis";
import type * as SettingsModule from "../../../../settings";
import { unique } from "../../../support/builders";
import { Shopper } from "../../../support/shopper";
import { PayingShop } from "../../../support/payments/paying-shop";

let payingShop: PayingShop;
let other: Shopper;
beforeAll(async () => {
	payingShop = await PayingShop.start();
	other = new Shopper(payingShop.shop, (await payingShop.shop.register("13712350101")).token);
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

const begin = (orderId: string, key: string, by = payingShop.shopper) =>
	by.send("POST", "/payments", { orderId, channel: "wechat", scene: "qr" }, key);

/** Deletes all key-value state, which is kept for speed alone. */
async function loseKeyValueState(): Promise<void> {
	const { settings } = require("../../../../settings") as typeof SettingsModule;
	if (settings.redis) {
		const redis = createRedisConnection({ ...settings.redis, onError: () => undefined });
		await redis.connect();
		await deleteKeysWithPrefix(redis, settings.namespace);
		redis.disconnect();
		return;
	}
	const db = new DatabaseSync(join(payingShop.shop.dataDir, "zjmall.db"), { timeout: 10_000 });
	db.exec("DELETE FROM key_values");
	db.close();
}

it.each(["amount", "status", "paidBy", "currency", "paidAt", "userId", "paymentNo"])(
	"takes no %s from a client [55]",
	async field => {
		const order = await payingShop.placeOrder();
		const body = { orderId: order.id, channel: "wechat", scene: "qr", [field]: 1 };

		const { status, body: answer } = await payingShop.shopper.send(
			"POST",
			"/payments",
			body,
			unique("payment-")
		);

		expect([status, answer.code]).toEqual([400, "VALIDATION_ERROR"]);
		expect(answer.data).toEqual([expect.objectContaining({ field, type: "unknown" })]);
		expect(await payingShop.listPayments(order.id)).toEqual([]);
	}
);

it("refuses a total or a status for an order as well [55]", async () => {
	const items = [{ skuId: payingShop.skuId, quantity: 1 }];
	const addressId = await payingShop.shopper.address();
	const order = (more: object) =>
		payingShop.shopper.send("POST", "/orders", { items, addressId, ...more }, unique("order-"));

	const replies = [
		await order({ total: 1 }),
		await order({ status: "paid" }),
		await order({ paidBy: "P1" })
	];

	for (const { status, body } of replies) expect([status, body.code]).toEqual([400, "VALIDATION_ERROR"]);
});

describe("a payment's Idempotency-Key", () => {
	it("belongs to one user: another user's equal key begins a payment of their own [54]", async () => {
		const mine = await payingShop.placeOrder();
		const his = await other.order(payingShop.skuId);
		const key = unique("payment-");

		const [one, two] = [await begin(mine.id, key), await begin(his.id, key, other)];
		const stolen = await begin(mine.id, unique("payment-"), other);

		expect([one.status, two.status, stolen.status]).toEqual([201, 201, 404]);
		expect(two.headers.has("idempotency-replayed")).toBe(false);
		expect(two.body.data).toMatchObject({ orderId: his.id });
	});

	it("is refused while its first request runs, and answers that one's payment afterwards [54]", async () => {
		const order = await payingShop.placeOrder();
		const key = unique("payment-");
		const wechat = payingShop.getChannel("wechat");
		const { create } = wechat;
		const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
		jest.spyOn(wechat, "create").mockImplementationOnce(async session => {
			asked.resolve();
			await answer.promise;
			return create.call(wechat, session);
		});

		const first = begin(order.id, key);
		await asked.promise;
		const second = await begin(order.id, key);
		answer.resolve();
		const { status, body } = await first;
		const third = await begin(order.id, key);

		expect([second.status, second.body.code]).toEqual([409, "IDEMPOTENCY_IN_PROGRESS"]);
		expect([status, third.status, third.body.data]).toEqual([201, 201, body.data]);
		expect(await payingShop.listPayments(order.id)).toHaveLength(1);
	});

	it("means one payment for ever, and no other one [54]", async () => {
		const [order, elsewhere] = [await payingShop.placeOrder(), await payingShop.placeOrder()];
		const key = unique("payment-");
		const { body } = await begin(order.id, key);

		const again = await begin(order.id, key);
		const misused = await begin(elsewhere.id, key);

		expect([again.status, again.headers.has("idempotency-replayed")]).toEqual([201, true]);
		expect(again.body.data.id).toBe(body.data.id);
		expect([misused.status, misused.body.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
		expect([
			await payingShop.listPayments(order.id),
			await payingShop.listPayments(elsewhere.id)
		]).toMatchObject([[{ id: body.data.id }], []]);
	});

	it("survives the loss of the key-value state [54]", async () => {
		const order = await payingShop.placeOrder();
		const key = unique("payment-");
		const { body } = await begin(order.id, key);

		await loseKeyValueState();
		const again = await begin(order.id, key);
		const misused = await payingShop.shopper.send(
			"POST",
			"/payments",
			{ orderId: order.id, channel: "alipay", scene: "qr" },
			key
		);

		expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
		expect(again.body.data).toEqual(body.data);
		expect([misused.status, misused.body.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
		expect(await payingShop.listPayments(order.id)).toHaveLength(1);
	});
});
