import { aSku, StaffClient, unique } from "../../support/builders";
import { SharedShop } from "../../support/shared-shop/shared-shop";
import type { Reply } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";
import { PUBLISHED_ROUTES } from "../../support/published-routes";

let shop: SharedShop;
let staff: StaffClient;
let shopper: Shopper;
let skuId: string;
beforeAll(async () => {
	shop = await SharedShop.open();
	staff = new StaffClient(shop, await shop.asAdmin());
	shopper = new Shopper(shop, await shop.asUser());
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 1000 })] });
	skuId = product.skus[0].id;
	await staff.addStock(skuId, 1000);
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
});

type Send = (key?: string, change?: object) => Promise<Reply>;
type Case = {
	/** Prepares the command and returns how to send it. */
	prepare(): Promise<Send>;
	/** The number of the command's effects so far. */
	effects(): Promise<number>;
	readonly change: object;
};

async function paid(): Promise<{ paymentId: string; orderId: string }> {
	const order = await shopper.order(skuId);
	const payment = await shopper.createPayment(order.id);
	await shopper.payAtChannel(payment.paymentNo);
	await until(
		"the order is paid",
		async () => (await shopper.mustSend("GET", `/orders/${order.id}`)).status === "paid"
	);
	return { paymentId: payment.id, orderId: order.id };
}
const total = async (path: string) => (await staff.mustSend("GET", path)).total as number;

let orderId: string;
let paymentId: string;
const commands: Record<string, Case> = {
	"POST /orders": {
		async prepare() {
			const addressId = await shopper.address();
			return (key, change = {}) =>
				shopper.send(
					"POST",
					"/orders",
					{ items: [{ skuId, quantity: 1 }], addressId, ...change },
					key
				);
		},
		effects: () => total("/admin/orders"),
		change: { remark: "another" }
	},
	"POST /payments": {
		async prepare() {
			orderId = (await shopper.order(skuId)).id;
			return (key, change = {}) =>
				shopper.send(
					"POST",
					"/payments",
					{ orderId, channel: "alipay", scene: "page", ...change },
					key
				);
		},
		effects: () => total(`/admin/payments?orderId=${orderId}`),
		change: { channel: "wechat" }
	},
	"POST /admin/inventory/:skuId/adjust": {
		async prepare() {
			return (key, change = {}) =>
				shop.http("POST", `/admin/inventory/${skuId}/adjust`, {
					token: staff.token,
					body: { delta: 1, reason: "count", ...change },
					...(key && { key })
				});
		},
		effects: async () =>
			(await staff.mustSend("GET", `/admin/inventory/${skuId}/log?pageSize=100`)).items.filter(
				({ reason }: { reason: string }) => reason === "count"
			).length,
		change: { delta: 2 }
	},
	"POST /admin/payments/:id/refund": {
		async prepare() {
			({ paymentId, orderId } = await paid());
			return (key, change = {}) =>
				shop.http("POST", `/admin/payments/${paymentId}/refund`, {
					token: staff.token,
					body: { amount: 10, reason: "kindness", ...change },
					...(key && { key })
				});
		},
		effects: async () =>
			(await staff.mustSend("GET", `/admin/payments?orderId=${orderId}`)).items[0].refunds.length,
		change: { amount: 20 }
	},
	"POST /after-sales": {
		async prepare() {
			({ orderId } = await paid());
			const wanted = { orderId, type: "refund", items: [{ skuId, quantity: 1 }], reason: "不想要了" };
			return (key, change = {}) => shopper.send("POST", "/after-sales", { ...wanted, ...change }, key);
		},
		effects: async () =>
			(await shopper.mustSend("GET", "/after-sales?pageSize=100")).items.filter(
				(one: { orderId: string }) => one.orderId === orderId
			).length,
		change: { reason: "买错了" }
	}
};

it("is required by these routes and no others", () => {
	const keyed = PUBLISHED_ROUTES.filter(({ http }) => http.keyed).map(({ route }) => route);

	expect(keyed.toSorted()).toEqual(Object.keys(commands).toSorted());
});

describe.each(Object.entries(commands))("%s", (_, { prepare, effects, change }) => {
	let send: Send;
	let before: number;
	beforeEach(async () => {
		send = await prepare();
		before = await effects();
	});
	const done = async () => (await effects()) - before;

	it("needs a key", async () => {
		const { status, body } = await send();

		expect([status, body.code]).toEqual([400, "IDEMPOTENCY_KEY_REQUIRED"]);
		expect(await done()).toBe(0);
	});

	it.each(["short", "x".repeat(129), "with space", "schlüssel-zum-glück"])(
		"does not take the key %j",
		async key => {
			const { status, body } = await send(
				encodeURI(key) === key ? key : Buffer.from(key).toString("latin1")
			);

			expect([status, body.code]).toEqual([400, "IDEMPOTENCY_KEY_REQUIRED"]);
			expect(await done()).toBe(0);
		}
	);

	it("answers the same again for the same key and body, marked, and does nothing more [54]", async () => {
		const key = unique("key-");

		const first = await send(key);
		const again = await send(key);

		expect(first.status).toBeLessThan(300);
		expect(first.headers.get("idempotency-replayed")).toBeNull();
		expect(again.headers.get("idempotency-replayed")).toBe("true");
		expect([again.status, again.body.code, again.body.data]).toEqual([
			first.status,
			first.body.code,
			first.body.data
		]);
		expect(again.body.requestId).not.toBe(first.body.requestId);
		expect(await done()).toBe(1);
	});

	it("refuses the same key with another body [54]", async () => {
		const key = unique("key-");
		await send(key);

		const { status, body } = await send(key, change);

		expect([status, body.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
		expect(await done()).toBe(1);
	});

	it("has one effect for 20 requests at once with one key [54]", async () => {
		const key = unique("key-");

		const replies = await Promise.all(Array.from({ length: 20 }, () => send(key)));
		const late = await send(key);

		const fresh = replies.filter(
			({ status, headers }) => status < 300 && !headers.has("idempotency-replayed")
		);
		const others = replies.filter(reply => !fresh.includes(reply));
		expect(fresh).toHaveLength(1);
		for (const { status, body } of others)
			expect([`${status}`, "409 IDEMPOTENCY_IN_PROGRESS"]).toContain(
				status < 300 ? `${status}` : `${status} ${body.code}`
			);
		expect([late.status, late.body.data]).toEqual([fresh[0]?.status, fresh[0]?.body.data]);
		expect(await done()).toBe(1);
	});

	it("releases the key of an invalid request, so that the corrected one can use it", async () => {
		const key = unique("key-");

		const wrong = await send(key, { nonsense: 1 });
		const right = await send(key);

		expect(wrong.status).toBe(400);
		expect(right.status).toBeLessThan(300);
		expect(await done()).toBe(1);
	});
});

it("keeps the keys of users apart", async () => {
	const other = new Shopper(shop, (await shop.register("13712350001")).token);
	const key = unique("key-");

	const [one, two] = [await shopper.tryOrder(skuId, 1, key), await other.tryOrder(skuId, 1, key)];

	expect([one.status, two.status]).toEqual([201, 201]);
	expect(one.body.data.id).not.toBe(two.body.data.id);
});

it("replays a refusal by the shop's rules too, in the language of the repetition", async () => {
	const key = unique("key-");
	const order = { items: [{ skuId, quantity: 9999 }], addressId: await shopper.address() };
	const first = await shopper.send("POST", "/orders", order, key);
	await staff.addStock(skuId, 10_000);

	const again = await shop.http("POST", "/orders", {
		token: shopper.token,
		body: order,
		key,
		headers: { "Accept-Language": "en" }
	});

	expect([first.status, first.body.message]).toEqual([409, "库存不足"]);
	expect([again.status, again.body.message]).toEqual([409, "Out of stock"]);
	expect(again.body.data).toEqual(first.body.data);
	expect(again.headers.get("idempotency-replayed")).toBe("true");
});

it("ignores the order of fields", async () => {
	const key = unique("key-");
	const addressId = await shopper.address();
	const items = [{ skuId, quantity: 1 }];

	await shopper.send("POST", "/orders", { addressId, items }, key);
	const again = await shopper.send("POST", "/orders", { items: [{ quantity: 1, skuId }], addressId }, key);

	expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
});
