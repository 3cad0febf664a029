import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { MongoClient, type Db } from "mongodb";
import { aSku, StaffClient, unique } from "../support/builders";
import { Trade } from "../support/trade-through-faults";
import { FactRepublisher } from "../support/fact-republisher";
import { loyalty } from "../support/loyalty";
import { startMongo, startNats, startRedis } from "../support/servers";
import { Shopper } from "../support/shopper";
import { ShopProcess } from "../support/shop-process";
import { until } from "../support/until";
import { Random } from "../../proofs/prove/random";
import { buildServerEnv, type Servers } from "../../proofs/prove/target";

/** Collections that record deliveries, requests and processes, and nothing of the shop's business. */
const UNRELATED =
	/^(fact_journal|traces|idempotency_claims|audit_log|migrations|auth_sessions|running_processes|.*leases?)$/;

/**
 * Fields that change without a fact: the `version` of some counts every write, also those that only make a concurrent decision
 * on older data fail, and parcels are asked for at the tracking service again and again.
 */
const CHANGING: Readonly<Record<string, object>> = {
	members: { version: 0 },
	points_accounts: { version: 0 },
	parcels: { version: 0, nextPollAt: 0, pollCount: 0 }
};

const random = new Random(7);
const folder = mkdtempSync(join(tmpdir(), "zjmall-elsewhere-"));

let servers: Servers;
let shop: ShopProcess;
let facts: FactRepublisher;
let client: MongoClient;
let documents: Db;
let staff: StaffClient;
let buyer: Shopper;
let elsewhere: ChildProcess;
let productId: string;
let skuId: string;
beforeAll(async () => {
	servers = { nats: await startNats(), mongo: await startMongo(), redis: await startRedis() };
	shop = await ShopProcess.start(buildServerEnv(servers));
	facts = await FactRepublisher.connect(servers.nats.url, basename(shop.dataDir));
	client = await MongoClient.connect(servers.mongo.url);
	documents = client.db(basename(shop.dataDir));
	elsewhere = loyalty(folder, { ...buildServerEnv(servers), MALL_NAMESPACE: basename(shop.dataDir) });
	staff = new StaffClient(shop, await shop.asAdmin());
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 500 })] });
	productId = product.id;
	skuId = product.skus[0].id;
	await staff.addStock(skuId, 200);
	buyer = new Shopper(shop, await shop.asUser());
});
afterAll(async () => {
	elsewhere.kill("SIGKILL");
	await once(elsewhere, "exit");
	rmSync(folder, { recursive: true });
	await facts.close();
	await client.close();
	await shop.remove();
	for (const server of Object.values(servers)) await server.stop();
});

const statusIs = (id: string, status: string) =>
	until(
		`the order to be ${status}`,
		async () => (await buyer.mustSend("GET", `/orders/${id}`)).status === status
	);

/** Places an order for each final status: paid, cancelled, refunded and completed. */
async function orderEveryOutcome(): Promise<void> {
	const paid = async () => {
		const { id } = await buyer.order(skuId);
		await buyer.payAtChannel((await buyer.createPayment(id)).paymentNo, "twice");
		await statusIs(id, "paid");
		return id as string;
	};
	await paid();
	const { id: cancelled } = await buyer.order(skuId, 2);
	await buyer.mustSend("POST", `/orders/${cancelled}/cancel`, {});
	const calledOff = await paid();
	await staff.mustSend("POST", `/admin/orders/${calledOff}/cancel`, { reason: "test" });
	await statusIs(calledOff, "refunded");
	const received = await paid();
	await staff.mustSend("POST", `/admin/orders/${received}/ship`, {
		carrier: "SF",
		trackingNo: unique("SF")
	});
	await buyer.mustSend("POST", `/orders/${received}/confirm`);
	await statusIs(received, "completed");
	await buyer.mustSend("POST", "/reviews", { orderId: received, skuId, rating: 4, content: "好茶" });
}

/** What the read models answer, as text. */
async function readAnswers(): Promise<string> {
	const { body: found } = await shop.http("GET", "/products?facets=true&sort=sales");
	const { body: reviews } = await shop.http("GET", `/products/${productId}/reviews`);
	const dashboard = await staff.mustSend("GET", "/admin/dashboard");
	return JSON.stringify([found.data, dashboard, reviews.data.summary], null, 1);
}

/** Empties what is counted from facts: the dashboard, and sales and ratings of products. */
async function forgetCounts(): Promise<void> {
	for (const { name } of await documents.listCollections().toArray())
		if (/^(statistics_|products_counted)/.test(name)) await documents.collection(name).deleteMany({});
	await documents.collection("products").updateMany(
		{},
		{
			$set: { sales: 0, countedOrders: [] },
			$unset: { rating: "", reviews: "", ratingVersion: "", ratingScore: "" }
		}
	);
}

async function rebuildSearch(): Promise<void> {
	const { builtAt } = await staff.mustSend("GET", "/admin/search");
	await staff.mustSend("POST", "/admin/search/rebuild");
	await until("a new search index", async () => {
		const now = await staff.mustSend("GET", "/admin/search");
		return now.builtAt !== builtAt && !now.rebuilding && now.behind === 0;
	});
}

async function readDocuments(): Promise<Record<string, unknown[]>> {
	const found: Record<string, unknown[]> = {};
	for (const { name } of await documents.listCollections().toArray())
		if (!UNRELATED.test(name))
			found[name] = await documents
				.collection(name)
				.find({}, { projection: CHANGING[name] ?? {} })
				.sort({ _id: 1 })
				.toArray();
	return found;
}

/** Reads all documents when the consumers have no backlog, the dashboard has counted, and two reads in a row find the same. */
async function readDocumentsAtRest(names: readonly string[]): Promise<Record<string, unknown[]>> {
	let before = "";
	return until("the shop to be at rest", async () => {
		const consumers = await facts.consumers();
		if (names.some(name => consumers.get(name) !== 0)) return null;
		const now = await readDocuments();
		const text = JSON.stringify(now);
		const same = text === before;
		before = text;
		const isCounted = now["statistics_rows"]?.every(row => (row as { batch: number }).batch > 0) ?? true;
		return same && isCounted && !text.includes("outboxAt") ? now : null;
	});
}

it("has the same documents after all facts were delivered again, shuffled, and to new consumers too", async () => {
	await until("the service elsewhere", async () =>
		[...(await facts.consumers()).keys()].some(name => name.startsWith("loyalty"))
	);
	for (let n = 0; n < 3; n++) await orderEveryOutcome();
	const names = [...(await facts.consumers()).keys()];
	const before = await readDocumentsAtRest(names);

	const republished = await facts.republishAll(() => random.next());
	const shuffled = await readDocumentsAtRest(names);
	for (const name of names) await facts.deleteConsumer(name);
	const anew = await readDocumentsAtRest(names);

	expect(republished).toBeGreaterThan(60);
	expect(before["loyalty_credits"]).toHaveLength(9);
	expect(before["products"]).toMatchObject([{ _id: productId, sales: 3 }]);
	expect(shuffled).toEqual(before);
	expect(anew).toEqual(before);
});

it("answers lists, dashboard and ratings to the byte as before when all facts are counted from zero", async () => {
	const names = [...(await facts.consumers()).keys()];
	await readDocumentsAtRest(names);
	await rebuildSearch();
	const before = await readAnswers();

	await forgetCounts();
	for (const name of names) await facts.deleteConsumer(name);
	await rebuildSearch();
	let after = "";
	const isAsBefore = async () => (after = await readAnswers()) === before;
	await until("the answers of before", isAsBefore).catch(() => undefined);

	expect(before).toMatch(/"sales": 3,[^]*"rating": 4,/);
	expect(after).toBe(before);
});

it("breaks no invariant while facts are republished and consumers deleted in the middle of trade", async () => {
	const trade = await Trade.open(shop);
	const names = [...(await facts.consumers()).keys()];

	await trade.during(async () => {
		for (let n = 0; n < 3; n++) {
			await trade.goesOn(10);
			await facts.republishAll(() => random.next());
			await facts.deleteConsumer(random.pick(names));
			await trade.goesOn(10);
		}
	});

	await trade.isKept(buildServerEnv(servers));
});
