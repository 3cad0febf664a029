import type * as BackendsModule from "../../../infrastructure/backends";
import { findReviewViolations } from "../../../invariants/review.invariants";
import { DAY_MS } from "../../../schemas/values/durations";
import type { Order } from "../../../services/orders/order.domain";
import type { ReviewsContext } from "../../../services/reviews/reviews.context";
import { aSku, StaffClient, unique } from "../../support/builders";
import { aBuyer, deliverFact, getOrderStore, refusalOf, type Buyer } from "../../support/buyers";
import { startShop, type Reply, type Shop } from "../../support/shop";
import { until } from "../../support/until";

type Data = Reply["body"]["data"];
let shop: Shop;
let staff: StaffClient;
let buyer: Buyer;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	buyer = await aBuyer(shop);
});
afterAll(() => shop.stop());

const addProduct = async (): Promise<{ id: string; skuId: string; categoryId: string }> => {
	const { id, skus, categoryId } = await staff.addProductOnShelf({ skus: [aSku()] });
	return { id, skuId: skus[0].id, categoryId };
};
type Bought = { readonly id: string; readonly skuId: string };
/** An order of one line as it is once it is completed, stored without its life up to then. */
async function addOrder({ id, skuId }: Bought, more: Partial<Order> = {}, by = buyer): Promise<string> {
	const _id = unique("order");
	const item = { skuId, productId: id, name: "茶", image: null, attributes: { 颜色: "青" }, quantity: 1 };
	await getOrderStore(shop).insert({
		...{ _id, orderNo: _id, userId: by.id, items: [item], hidden: false, createdAt: new Date() },
		...{ status: "completed", completedAt: new Date(), ...more }
	} as unknown as Order);
	return _id;
}
const write = (orderId: string, { skuId }: Bought, more: object = {}, by = buyer): Promise<Data> =>
	by.call("reviews.create", { orderId, skuId, rating: 5, content: "好喝", ...more });
const addReview = async (product: Bought, more: object = {}, by = buyer): Promise<Data> =>
	write(await addOrder(product, {}, by), product, more, by);
const listOf = async ({ id }: Bought, query = ""): Promise<Data> =>
	(await shop.http("GET", `/products/${id}/reviews${query}`)).body.data;
const stores = () => shop.broker.getLocalService("reviews") as unknown as ReviewsContext;
async function findViolations(): Promise<string[]> {
	const { backends } = require("../../../infrastructure/backends") as typeof BackendsModule;
	const { collection } = backends;
	const context = { collection, facts: backends.facts(shop.broker.logger), outboxCollections: [] };
	return findReviewViolations({ ...context, now: new Date() });
}

it("counts 200 reviews of one product that come at once exactly, and rates the product by them", async () => {
	const product = await addProduct();
	const orders = await Promise.all(Array.from({ length: 200 }, () => addOrder(product)));
	const rated = orders.map((_, n) => 1 + ((n * 7) % 5));

	const written = await Promise.all(
		orders.map((orderId, n) =>
			write(orderId, product, { rating: rated[n], images: n % 4 === 0 ? ["/pictures/a.svg"] : [] })
		)
	);

	expect(new Set(written.map(({ id }) => id)).size).toBe(200);
	const { summary, total } = await listOf(product);
	const histogram = { 1: 40, 2: 40, 3: 40, 4: 40, 5: 40 };
	expect({ summary, total }).toEqual({
		summary: { count: 200, average: 3, withImages: 50, histogram },
		total: 200
	});
	expect(await findViolations()).toEqual([]);
	const card = await until("the product to be rated", async () => {
		const { data } = (await shop.http("GET", `/products/${product.id}`)).body;
		return data.reviews === 200 && data;
	});
	expect(card.rating).toBe(3);
});

it("takes one review of a line of an own completed order, within its time", async () => {
	const product = await addProduct();
	const early = await addOrder(product, { status: "shipped" });
	const late = await addOrder(product, { completedAt: new Date(Date.now() - 91 * DAY_MS) });
	const order = await addOrder(product);
	const other = await aBuyer(shop);

	const twice = await Promise.allSettled([write(order, product), write(order, product)]);
	expect(twice.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
	expect(twice.find(({ status }) => status === "rejected")).toMatchObject({
		reason: { type: "DUPLICATE" }
	});
	expect(
		await Promise.all([
			refusalOf(write(early, product)),
			refusalOf(write(late, product)),
			refusalOf(write(order, product, {}, other)),
			refusalOf(write(order, { id: product.id, skuId: "other" })),
			refusalOf(write(order, product, { rating: 6 })),
			refusalOf(write(order, product, { images: ["https://elsewhere.example/a.jpg"] })),
			refusalOf(write(await addOrder(product), product, { images: ["/uploads/0.webp"] }))
		])
	).toEqual([
		"INVALID_STATE",
		"INVALID_STATE",
		"NOT_FOUND",
		"NOT_FOUND",
		"VALIDATION_ERROR",
		"VALIDATION_ERROR",
		"VALIDATION_ERROR"
	]);
});

it("lists the lines that wait for a review until they have one, or were sent back", async () => {
	const [tea, cup] = [await addProduct(), await addProduct()];
	const person = await aBuyer(shop);
	const [order, returned] = [await addOrder(tea, {}, person), await addOrder(cup, {}, person)];
	const linesOf = (orderId: string, { id, skuId }: Bought) => ({
		...{ orderId, userId: person.id, lines: [{ skuId, productId: id, quantity: 1 }] }
	});
	const pending = async (): Promise<string[]> =>
		(await person.call("reviews.pending", {})).items.map((line: Data) => line.orderId);

	await deliverFact(shop, "reviews", "order.completed", linesOf(order, tea));
	await deliverFact(shop, "reviews", "order.completed", linesOf(returned, cup));
	const before = await pending();
	await deliverFact(shop, "reviews", "order.refunded", {
		...linesOf(returned, cup),
		...{ amount: 1, restock: false }
	});
	const afterReturn = await pending();
	const part = { skuId: tea.skuId, productId: tea.id, quantity: 1, unsent: 0, amount: 1, left: 1 };
	await deliverFact(shop, "reviews", "order.units_refunded", {
		...{ orderId: order, userId: person.id, lines: [part] },
		...{ claimId: "c", attempt: 1, completed: true, amount: 1 }
	});
	expect(await pending()).toEqual([order]);
	await write(order, tea, {}, person);
	await deliverFact(shop, "reviews", "order.completed", linesOf(order, tea)); // comes again

	expect(before.sort()).toEqual([order, returned].sort());
	expect(afterReturn).toEqual([order]);
	expect(await pending()).toEqual([]);
});

it("shows others what is approved only, and sums what is shown", async () => {
	const product = await addProduct();
	const words = { value: ["加微信"] };
	await staff.mustSend("PUT", "/admin/config/reviews.words", words);
	await until("the words to be known", () => stores().config.get("reviews.words").includes("加微信"));
	const admin = (id: string, step: string, body: object = {}) =>
		staff.mustSend("POST", `/admin/reviews/${id}/${step}`, body);
	const seen = async () => {
		const { items, summary } = await listOf(product);
		return [items.map((review: Data) => review.id), summary.count];
	};

	const plain = await addReview(product, { rating: 4 });
	const waiting = await addReview(product, { rating: 1, content: "加 微信 领券" });
	const atFirst = await seen();
	const queue = await staff.mustSend("GET", "/admin/reviews?status=waiting");
	await admin(waiting.id, "approve");
	const approved = await seen();
	await admin(plain.id, "hide", { reason: "广告" });
	const hidden = await seen();
	const again = await staff.send("POST", `/admin/reviews/${plain.id}/hide`, { reason: "广告" });
	await admin(plain.id, "show");
	await admin(plain.id, "reply", { content: "谢谢" });

	expect(waiting.status).toBe("waiting");
	expect(atFirst).toEqual([[plain.id], 1]);
	expect(queue.items.map((review: Data) => review.id)).toContain(waiting.id);
	expect(approved).toEqual([[waiting.id, plain.id], 2]);
	expect(hidden).toEqual([[waiting.id], 1]);
	expect(again.status).toBe(409);
	expect(await seen()).toEqual([[waiting.id, plain.id], 2]);
	expect((await listOf(product)).items[1].reply.content).toBe("谢谢");
	expect(await findViolations()).toEqual([]);
});

it("takes one addition, filters, and sorts by votes that count once a user", async () => {
	const product = await addProduct();
	const [first, second] = [
		await addReview(product, { rating: 3, images: ["/pictures/a.svg"], anonymous: true }),
		await addReview(product, { rating: 5 })
	];
	const voters = await Promise.all([1, 2, 3].map(() => aBuyer(shop)));
	const append = () => buyer.call("reviews.append", { id: first.id, content: "一个月后还是好喝" });

	await append();
	const secondAppend = await refusalOf(append());
	const strangers = voters.map(voter => voter.call("reviews.append", { id: second.id, content: "我也" }));
	expect(await Promise.all(strangers.map(refusalOf))).toEqual(Array(3).fill("NOT_FOUND"));
	await Promise.all([...voters, ...voters].map(voter => voter.call("reviews.vote", { id: first.id })));
	const { helpful } = await voters[0]?.call("reviews.unvote", { id: first.id });

	expect(secondAppend).toBe("INVALID_STATE");
	expect(helpful).toBe(2);
	const ids = async (query: string): Promise<string[]> =>
		(await listOf(product, query)).items.map((review: Data) => review.id);
	expect(await ids("?sort=helpful")).toEqual([first.id, second.id]);
	expect(await ids("?sort=newest")).toEqual([second.id, first.id]);
	expect(await ids("?rating=3")).toEqual([first.id]);
	expect(await ids("?withImages=true&sort=helpful")).toEqual([first.id]);
	expect(await ids(`?skuId=${product.skuId}&rating=5`)).toEqual([second.id]);
	const newest = await listOf(product, "?pageSize=1");
	expect(await ids(`?pageSize=1&cursor=${newest.nextCursor}`)).toEqual([first.id]);
	const byVotes = await listOf(product, "?sort=helpful&pageSize=1");
	expect([byVotes.items[0].id, byVotes.nextCursor]).toEqual([first.id, `2:${first.id}`]);
	const [shown] = (await listOf(product, "?rating=3")).items;
	expect(shown).toMatchObject({ author: null, append: { content: "一个月后还是好喝" }, helpful: 2 });
});

it("goes on by cursor in the order of votes, past equal numbers of them, and refuses other cursors", async () => {
	const product = await addProduct();
	const written = await Promise.all(Array.from({ length: 7 }, () => addReview(product)));
	const votes = [0, 3, 0, 1, 1, 0, 1];
	for (const [n, { id }] of written.entries())
		await stores().reviews.change({ _id: id }, { $set: { helpful: votes[n] } });

	const whole = (await listOf(product, "?sort=helpful")).items.map((review: Data) => review.id);
	const pieces: string[] = [];
	let cursor: string | null = "";
	while (cursor !== null) {
		const page: Data = await listOf(product, `?sort=helpful&pageSize=2&cursor=${cursor}`);
		expect(page.total).toBe(7);
		pieces.push(...page.items.map((review: Data) => review.id));
		cursor = page.nextCursor;
	}
	const refused = await Promise.all(
		[`sort=helpful&cursor=${written[0].id}`, "sort=helpful&cursor=x:y", "sort=newest&cursor=1:y"].map(
			async query => (await shop.http("GET", `/products/${product.id}/reviews?${query}`)).body
		)
	);

	expect(new Set(whole)).toEqual(new Set(written.map(({ id }) => id)));
	expect(pieces).toEqual(whole);
	expect(refused.map(({ code, data }) => [code, data[0].field])).toEqual(
		Array(3).fill(["VALIDATION_ERROR", "cursor"])
	);
});

it("counts by its sweep what a crash left uncounted, once", async () => {
	const product = await addProduct();
	const { id } = await addReview(product, { rating: 2 });
	const { reviews, summaries } = stores();
	const past = new Date(0);
	// The process died after the review was stored, and another one after the summary had been written.
	const { counted, countSeq, ...uncounted } = await reviews.get(id);
	const fresh = { ...uncounted, _id: unique("review"), orderId: unique("order"), countDue: past };
	await reviews.insert({ ...fresh, counted: null, countSeq: 0 });
	const key = `${id}:${countSeq - 1}`;
	const note = { key, reviewId: id, seq: countSeq - 1, revision: 1, contribution: counted };
	await reviews.change({ _id: id }, { $set: { counted: null, countSeq: countSeq - 1, countDue: past } });
	await summaries.change({ _id: product.id }, { $push: { inFlight: note } });

	await until("both to be counted", async () => (await reviews.count({ countDue: past })) === 0);

	expect((await listOf(product)).summary).toMatchObject({ count: 2, histogram: { 2: 2 } });
	expect((await summaries.get(product.id)).inFlight).toEqual([]);
	expect(await findViolations()).toEqual([]);
});

it("sorts products by a mean that takes their number into account", async () => {
	const categoryId = await staff.addCategory();
	const addRated = async (ratings: readonly number[]): Promise<string> => {
		const { id, skus } = await staff.addProductOnShelf({ categoryId, skus: [aSku()] });
		for (const rating of ratings) await addReview({ id, skuId: skus[0].id }, { rating });
		return id;
	};
	const good = await addRated([5, 5, 5, 5, 4]);
	const once = await addRated([5]);
	const bad = await addRated([1, 2]);

	const sorted = await until("the ratings to arrive", async () => {
		const path = `/products?categoryId=${categoryId}&sort=rating`;
		const { items } = (await shop.http("GET", path)).body.data;
		return items.every((card: Data) => card.reviews > 0) && items;
	});

	expect(sorted.map((card: Data) => [card.id, card.rating, card.reviews])).toEqual([
		[good, 4.8, 5],
		[once, 5, 1],
		[bad, 1.5, 2]
	]);
});

it("gives a user all own reviews, and erases who wrote them when the account closes", async () => {
	const product = await addProduct();
	const person = await aBuyer(shop);
	const { id } = await addReview(product, { images: ["/pictures/a.svg"] }, person);
	const other = await addReview(product);
	await person.call("reviews.vote", { id: other.id });

	const exported: Data = await shop.broker.call("reviews.exportPersonalData", { userId: person.id });
	await deliverFact(shop, "reviews", "user.closed", { userId: person.id });

	expect(exported).toMatchObject({ reviews: [{ id }], helpful: [other.id] });
	const { items, summary } = await listOf(product);
	const [mine] = items.filter((review: Data) => review.id === id);
	expect(mine).toMatchObject({ author: null, images: [], content: "好喝" });
	expect(summary).toMatchObject({ count: 2, withImages: 0 });
	expect(items.map((review: Data) => review.helpful)).toEqual([0, 0]);
	expect(await stores().reviews.find({ userId: person.id })).toEqual([]);
});
