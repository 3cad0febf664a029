import { aSku, StaffClient, unique } from "../support/builders";
import { findFreePort } from "../../scripts/servers/local";
import { Shopper } from "../support/shopper";
import { ShopProcess } from "../support/shop-process";
import { until } from "../support/until";

const WORKERS = 3;
const BUYERS = 12;
const WORKER = ["--except", "api"];
const HTML = { "Content-Type": "text/html" };

/** The results of the clients' requests: placed orders by their key, failures, and times. */
type Seen = { orders: Map<string, string>; failures: string[]; longestMs: number; requests: number };

let gateway: ShopProcess;
let workers: ShopProcess[];
/** The METRICS_PORT of each worker. */
const metricsPorts: number[] = [];
let staff: StaffClient;
let skuId: string;
let buyers: Shopper[];
beforeAll(async () => {
	for (let n = 0; n < WORKERS; n++) metricsPorts.push(await findFreePort());
	const [firstPort, ...otherPorts] = metricsPorts.map(port => ({ METRICS_PORT: String(port) }));
	const first = await ShopProcess.start(firstPort, { services: WORKER });
	const { dataDir } = first;
	const others = otherPorts.map(port => ShopProcess.start(port, { services: WORKER, dataDir }));
	workers = [first, ...(await Promise.all(others))];
	gateway = await ShopProcess.start({}, { services: ["api"], dataDir });
	await until(
		"the gateway to see every service",
		async () => (await gateway.http("GET", "//health/ready")).status === 200
	);
	staff = new StaffClient(gateway, await gateway.asAdmin());
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 500 })] });
	skuId = product.skus[0].id;
	await staff.addStock(skuId, 1_000_000);
	const token = await gateway.asUser();
	buyers = Array.from({ length: BUYERS }, () => new Shopper(gateway, token));
	await Promise.all(buyers.map(buyer => buyer.address()));
});
afterAll(async () => {
	for (const shop of [gateway, ...workers]) await shop.remove();
});

/** Browses and orders until `going` ends. An order that failed is sent again with its key. */
async function trade(buyer: Shopper, seen: Seen, going: () => boolean): Promise<void> {
	while (going()) {
		const key = unique("order-");
		for (const send of [() => buyer.send("GET", "/products"), () => buyer.tryOrder(skuId, 1, key)]) {
			const at = performance.now();
			const reply = await send();
			seen.requests++;
			seen.longestMs = Math.max(seen.longestMs, performance.now() - at);
			if (reply.status >= 400) seen.failures.push(`${reply.status} ${reply.body.code}`);
			else if (reply.status === 201) seen.orders.set(key, reply.body.data.id);
		}
	}
}

/** Trades before, during and after the work, and resolves with the results of the clients' requests. */
async function underLoad(disturb: () => Promise<void>): Promise<Seen> {
	const seen: Seen = { orders: new Map(), failures: [], longestMs: 0, requests: 0 };
	let going = true;
	const trading = Promise.all(buyers.map(buyer => trade(buyer, seen, () => going)));
	await until("trade", () => seen.orders.size >= 40);
	await disturb();
	const { size } = seen.orders;
	await until("trade to go on", () => seen.orders.size >= size + 40);
	going = false;
	await trading;
	return seen;
}

const ordersNow = async () => (await staff.mustSend("GET", "/admin/orders")).total as number;

it("doubles no order and leaves no request hanging when one of three workers is killed", async () => {
	const before = await ordersNow();

	const seen = await underLoad(async () => {
		await workers[0]?.end("SIGKILL");
	});
	const after = await ordersNow();
	await workers[0]?.start();

	const placed = seen.orders.size;
	const unknown = seen.failures.length;
	process.stderr.write(
		`kill -9: ${seen.requests} requests, ${unknown} failed (${[...new Set(seen.failures)].join(", ")}), longest ${Math.round(seen.longestMs)} ms\n`
	);
	expect(new Set(seen.orders.values()).size).toBe(placed);
	expect(after - before).toBeGreaterThanOrEqual(placed);
	expect(after - before).toBeLessThanOrEqual(placed + unknown);
	expect(seen.failures.filter(failure => !/^50[34] |^409 IDEMPOTENCY_IN_PROGRESS/.test(failure))).toEqual(
		[]
	);
});

it("fails no request while every worker is restarted in turn", async () => {
	const before = await ordersNow();

	const seen = await underLoad(async () => {
		for (const worker of workers) {
			expect(await worker.end("SIGTERM")).toBe(0);
			await worker.start();
		}
	});

	process.stderr.write(`rolling: ${seen.requests} requests, longest ${Math.round(seen.longestMs)} ms\n`);
	expect(seen.failures).toEqual([]);
	expect((await ordersNow()) - before).toBe(seen.orders.size);
});

it("counts a rejected notification on the metrics port of the worker that handled it", async () => {
	const read = async (port: number) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
	const countOf = async (port: number) => {
		const line =
			/^mall_payment_notifications_unmatched_total\{.*channel="wechat".*reason="malformed".*\} (\d+)$/m;
		return Number(line.exec(await read(port))?.[1]);
	};
	const counted = async () => {
		const counts = await Promise.all(metricsPorts.map(countOf));
		return counts.reduce((sum, n) => sum + n, 0);
	};
	const before = await counted();

	const { status } = await gateway.http("POST", "/payments/notify/wechat", { body: "?", headers: HTML });

	expect(status).toBe(401);
	expect([before, await counted()]).toEqual([0, 1]);
	for (const port of metricsPorts) {
		const text = await read(port);
		expect(text).toMatch(/^mall_mongodb_pool_wait_seconds_count\{.*\} [1-9]/m);
		expect(text).toMatch(/^mall_facts_pending\{.*consumer="inventory".*\} \d/m);
	}
});
