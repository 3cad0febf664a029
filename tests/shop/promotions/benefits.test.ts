import type * as BackendsModule from "../../../infrastructure/backends";
import { INVARIANTS } from "../../../invariants/invariants";
import { aSku, StaffClient, unique } from "../../support/builders";
import { aBuyer, aPaymentFor, aSkuInStock, deliverFact, refusalOf, type Buyer } from "../../support/buyers";
import { aPromotion, aTemplate } from "../../support/offers";
import { startShop, type Reply, type Shop } from "../../support/shop";
import { until } from "../../support/until";

type Data = Reply["body"]["data"];
let shop: Shop;
let staff: StaffClient;
let tea: string;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 100 });
	tea = await aSkuInStock(staff, 5000, { price: 10_000 });
});
afterAll(() => shop.stop());

const issue = (type: string, more: object = {}): Promise<Data> =>
	staff.mustSend("POST", "/admin/coupon-templates", aTemplate(type, more));
const claim = (buyer: Buyer, { id }: Data): Promise<Data> => buyer.call("coupons.claim", { id });
const orderTea = (buyer: Buyer, more: object = {}) => buyer.order([{ skuId: tea, quantity: 1 }], more);
const previewTea = (buyer: Buyer, more: object = {}): Promise<Data> =>
	buyer.call("carts.preview", { items: [{ skuId: tea, quantity: 1 }], ...more });
const statusOf = async (buyer: Buyer, code: string): Promise<string> =>
	(await buyer.call("coupons.mine", {})).items.find((coupon: Data) => coupon.code === code)?.status;
const balanceOf = async (buyer: Buyer): Promise<number> => (await buyer.call("points.mine", {})).balance;
const pay = async (buyer: Buyer, order: Data) => {
	await deliverFact(shop, "orders", "payment.succeeded", aPaymentFor(order));
	await until(
		"the order to be paid",
		async () => (await buyer.call("orders.get", { id: order.id })).paidAt
	);
};
const complete = async (buyer: Buyer, order: Data) => {
	await pay(buyer, order);
	await staff.mustSend("POST", `/admin/orders/${order.id}/ship`, {
		carrier: "SF",
		trackingNo: order.orderNo
	});
	await buyer.call("orders.confirm", { id: order.id });
};
const refund = (order: Data, paymentId: string, refunded: number) =>
	deliverFact(shop, "orders", "payment.refunded", {
		paymentId,
		orderId: order.id,
		refundId: unique("r"),
		amount: refunded,
		refunded,
		paid: order.total,
		reason: "test"
	});
const paymentOf = async (order: Data): Promise<string> =>
	(shop.broker.getLocalService("orders") as Data).orders
		.get(order.id)
		.then((stored: Data) => stored.paymentId);

describe("coupons", () => {
	it("are claimed exactly as often as there are any, and by a user as often as allowed", async () => {
		const template = await issue("fixed", { value: 500, total: 20, perUser: 2 });
		const crowd = await Promise.all(Array.from({ length: 50 }, () => aBuyer(shop)));

		const outcomes = await Promise.all(
			crowd.flatMap(buyer => [1, 2, 3, 4].map(() => refusalOf(claim(buyer, template))))
		);

		expect(outcomes.filter(outcome => outcome === "not refused")).toHaveLength(20);
		expect(new Set(outcomes)).toEqual(new Set(["not refused", "COUPON_UNAVAILABLE"]));
		const owned = await Promise.all(
			crowd.map(async buyer => (await buyer.call("coupons.mine", {})).total as number)
		);
		expect(Math.max(...owned)).toBeLessThanOrEqual(2);
		expect(owned.reduce((sum, n) => sum + n)).toBe(20);
	});

	it("pay for one of twenty orders that come at once, and come back when that is cancelled", async () => {
		const buyer = await aBuyer(shop);
		const { code } = await claim(buyer, await issue("fixed", { value: 500 }));

		const orders = await Promise.all(
			Array.from({ length: 20 }, () => orderTea(buyer, { couponCode: code }).catch(() => null))
		);

		const [placed, ...more] = orders.filter(Boolean);
		expect(more).toEqual([]);
		expect(placed).toMatchObject({ total: 9500, couponCode: code, discountTotal: 500 });
		expect(placed.discounts).toMatchObject([{ step: "coupon", id: code, amount: 500, base: 10_000 }]);
		expect(await statusOf(buyer, code)).toBe("used");
		await buyer.call("orders.cancel", { id: placed.id });
		await until("the coupon to come back", async () => (await statusOf(buyer, code)) === "unused");
		expect((await orderTea(buyer, { couponCode: code })).total).toBe(9500);
	});

	it("are for their owner, their time, their goods and their threshold only", async () => {
		const [owner, thief] = await Promise.all([aBuyer(shop), aBuyer(shop)]);
		const good = await claim(owner, await issue("percent", { value: 10, threshold: 20_000 }));
		const ended = await claim(owner, await issue("fixed", { value: 1 }));
		const offered = await previewTea(owner, { couponCode: ended.code });
		await (shop.broker.getLocalService("coupons") as Data).coupons.change(
			{ _id: ended.code },
			{ $set: { validTo: new Date() } } // in this very instant
		);
		const seen = await previewTea(owner, { couponCode: good.code });

		const outcomes = await Promise.all(
			[thief, owner, owner].map((buyer, i) =>
				refusalOf(orderTea(buyer, { couponCode: i === 2 ? ended.code : good.code }))
			)
		);

		expect(offered.total).toBe(9999);
		expect(outcomes).toEqual(Array(3).fill("COUPON_UNAVAILABLE"));
		expect(seen.notApplied).toContainEqual(
			expect.objectContaining({ id: good.code, reason: "THRESHOLD", missing: 10_000 })
		);
		expect(seen.coupons).toEqual([
			{ code: good.code, name: good.name, amount: 0, applicable: false, reason: "THRESHOLD" }
		]);
		expect((await previewTea(thief, { couponCode: good.code })).notApplied).toContainEqual(
			expect.objectContaining({ reason: "NOT_FOUND" })
		);
		expect(await statusOf(owner, ended.code)).toBe("expired");
	});

	it("stay unused where the goods that they are for leave the shelf between preview and order", async () => {
		const buyer = await aBuyer(shop);
		const product = await staff.addProductOnShelf({ skus: [aSku({ price: 3000 })] });
		const cup: string = product.skus[0].id;
		await staff.addStock(cup, 5);
		const { code } = await claim(buyer, await issue("fixed", { value: 500, scope: { skuIds: [cup] } }));
		const both = [cup, tea].map(skuId => ({ skuId, quantity: 1 }));
		const { total } = await buyer.call("carts.preview", { items: both, couponCode: code });
		await staff.mustSend("POST", `/admin/products/${product.id}/off-shelf`, {});

		const outcomes = [
			await refusalOf(buyer.order(both, { couponCode: code, expectedTotal: total })),
			await refusalOf(orderTea(buyer, { couponCode: code }))
		];

		expect(outcomes).toEqual(["NOT_ON_SHELF", "COUPON_UNAVAILABLE"]);
		expect(await statusOf(buyer, code)).toBe("unused");
	});

	it("are handed out as codes, each of which one user redeems once, and nobody guesses", async () => {
		const template = await issue("fixed", { value: 500, total: 3, public: false });
		const path = `/admin/coupon-templates/${template.id}`;
		const tooMany = await staff.send("POST", `${path}/codes`, { count: 4 });
		const made = await staff.send("POST", `${path}/codes`, { count: 2 });
		const [code] = made.body.data;
		const [one, two] = await Promise.all([aBuyer(shop), aBuyer(shop)]);
		const redeem = (buyer: Buyer, text: string) =>
			refusalOf(buyer.call("coupons.redeem", { code: text }));

		const both = await Promise.all([redeem(one, code), redeem(two, code)]);
		const guesses: string[] = [];
		for (let i = 0; i < 12; i++) guesses.push(await redeem(one, unique("WRONG")));

		expect(both.toSorted()).toEqual(["COUPON_UNAVAILABLE", "not refused"]);
		expect(guesses.at(-1)).toBe("TOO_MANY_REQUESTS");
		expect([tooMany.body.code, made.status]).toEqual(["COUPON_UNAVAILABLE", 201]);
		const granted = await staff.mustSend("POST", `${path}/grant`, { userIds: [one.id, two.id] });
		expect(granted.granted).toBe(1);
		expect(await staff.mustSend("GET", `${path}/stats`)).toMatchObject({ claimed: 2, used: 0 });
		for (const change of [{ value: 1 }, { total: 2 }])
			expect((await staff.send("PATCH", path, change)).body.code).toBe("INVALID_STATE");
		const { scope, claimFrom } = template;
		const more = { value: 500, scope, claimFrom, total: 4 };
		expect(await staff.mustSend("PATCH", path, more)).toMatchObject({ total: 4, remaining: 1 });
	});
});

describe("points", () => {
	it("are earned when an order completes, used once, and given back when an order is cancelled", async () => {
		const buyer = await aBuyer(shop);
		const first = await orderTea(buyer);
		await complete(buyer, first);
		await until("the points", async () => (await balanceOf(buyer)) === 100);

		const outcomes = await Promise.all(
			Array.from({ length: 3 }, () =>
				orderTea(buyer, { usePoints: 80 }).catch((err: unknown) => (err as Data).type)
			)
		);
		const [placed] = outcomes.filter(outcome => typeof outcome !== "string");

		expect(outcomes.filter(outcome => outcome === "POINTS_UNAVAILABLE")).toHaveLength(2);
		expect(placed).toMatchObject({ total: 9920, points: { used: 80, amount: 80, earn: 99 } });
		expect(await previewTea(buyer, { usePoints: 500 })).toMatchObject({
			points: { used: 20, usable: 20 },
			total: 9980
		});
		await buyer.call("orders.cancel", { id: placed.id });
		await until("the points to come back", async () => (await balanceOf(buyer)) === 100);
		const { items } = await buyer.call("points.log", {});
		expect(items.map(({ delta, reason }: Data) => [delta, reason])).toEqual([
			[80, "returned"],
			[-80, "used"],
			[100, "earned"]
		]);
	});

	it("follow the refunds of an order in proportion, however often and late these are told", async () => {
		const buyer = await aBuyer(shop);
		await complete(buyer, await orderTea(buyer));
		await until("the points", async () => (await balanceOf(buyer)) === 100);
		const order = await orderTea(buyer, { usePoints: 100 });
		await complete(buyer, order);
		await until("the points", async () => (await balanceOf(buyer)) === 99);
		const paymentId = await paymentOf(order);

		for (const refunded of [4950, 4950, 2000]) await refund(order, paymentId, refunded);

		// Half of the 100 used points come back, and half of the 99 earned ones are taken back.
		await until("the points to follow", async () => (await balanceOf(buyer)) === 99 + 50 - 49);
		await until("what was spent to follow", async () => {
			const { spent } = await buyer.call("members.membership", {});
			return spent === 10_000 + 9900 - 4950;
		});
	});
});

describe("members", () => {
	it("buy at the prices of their level, which follows from what they spent", async () => {
		const buyer = await aBuyer(shop);
		const cup = await aSkuInStock(staff, 100, { price: 1000 });
		const minSpent = 9000;
		const level = await staff.mustSend("POST", "/admin/member-levels", { name: "银卡", minSpent });
		const list = { name: "银卡价", levelIds: [level.id], prices: [{ skuId: cup, price: 800 }] };
		await staff.mustSend("POST", "/admin/price-lists", list);
		const offer = { value: 100, audience: { newUsers: true } };
		const { id } = await staff.mustSend(
			"POST",
			"/admin/promotions",
			aPromotion("price_off", [cup], offer)
		);
		const price = () => buyer.call("carts.preview", { items: [{ skuId: cup, quantity: 1 }] });
		const template = await issue("fixed", { value: 1, audience: { levelIds: [level.id] } });
		const claimable = async () =>
			(await buyer.call("coupons.claimable", { pageSize: 100 })).items.map((shown: Data) => shown.id);
		const claimableBefore = await claimable();

		const before = await price();
		await complete(buyer, await orderTea(buyer));
		await until("the level", async () => (await buyer.call("members.membership", {})).level);

		expect(before.lines).toMatchObject([{ listPrice: 1000, price: 900 }]);
		const after = await price();
		expect(after.lines).toMatchObject([{ listPrice: 800, price: 800 }]);
		expect(after.notApplied).toContainEqual(expect.objectContaining({ id, reason: "AUDIENCE" }));
		expect(claimableBefore).not.toContain(template.id);
		expect(await claimable()).toContain(template.id);
		const guest = (await shop.http("GET", "/coupons/templates?pageSize=100")).body.data;
		expect(guest.items.map((shown: Data) => shown.id)).not.toContain(template.id);
		const twice = await staff.send("POST", "/admin/member-levels", { name: "也是", minSpent });
		expect(twice.body.code).toBe("DUPLICATE");
		const wrong = await staff.send("POST", "/admin/price-lists", { ...list, levelIds: ["nil"] });
		expect(wrong.body.data).toMatchObject([{ field: "levelIds[0]" }]);
	});
});

it("leaves the books of coupons, promotions and points whole", async () => {
	const { backends } = require("../../../infrastructure/backends") as typeof BackendsModule;
	const quiet = { info() {}, warn() {}, error() {}, debug() {} };
	const context = {
		collection: backends.collection,
		facts: backends.facts(quiet),
		outboxCollections: [],
		now: new Date(Date.now() + 61_000)
	};
	const checked = INVARIANTS.filter(({ name }) => /^I(5|7|8|9|10|11)$/.test(name));

	const found = await Promise.all(checked.map(({ violations }) => violations(context)));

	expect(found.flat()).toEqual([]);
});
