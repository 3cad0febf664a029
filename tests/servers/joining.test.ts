import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { startMongo, startNats, startRedis, type Server } from "../harness/servers";
import { Shopper } from "../harness/shopper";
import { ShopProcess } from "../harness/shop-process";
import { aSku, Catalogue } from "../catalogue/builders";
import { until } from "../harness/until";

const ROOT = join(__dirname, "../..");
let servers: Server[];
let env: Record<string, string>;
let shop: ShopProcess;
const elsewhere = mkdtempSync(join(tmpdir(), "zjmall-elsewhere-"));
beforeAll(async () => {
	const [nats, mongo, redis] = await Promise.all([startNats(), startMongo(), startRedis()]);
	servers = [nats, mongo, redis];
	env = { NATS_URL: nats.url, MONGO_URL: mongo.url, REDIS_URL: redis.url };
	shop = await ShopProcess.start(env);
}, 120_000);
afterAll(async () => {
	await shop.remove();
	for (const server of servers) await server.stop();
	rmSync(elsewhere, { recursive: true });
});

/** A process in another folder, with one service that reacts to facts, started by Moleculer's own runner. */
function loyalty(): ChildProcess {
	const runner = join(ROOT, "node_modules/moleculer/bin/moleculer-runner.js");
	const config = join(ROOT, "moleculer.config.ts");
	return spawn(
		process.execPath,
		[
			"-r",
			join(ROOT, "node_modules/ts-node/register"),
			runner,
			"--config",
			config,
			join(ROOT, "examples/loyalty.service.ts")
		],
		{
			cwd: elsewhere,
			stdio: "ignore",
			env: {
				...process.env,
				...env,
				TS_NODE_PROJECT: join(ROOT, "tsconfig.json"),
				NODE_ENV: "test",
				DATA_DIR: elsewhere,
				MALL_NAMESPACE: basename(shop.dataDir),
				NODE_ID: `loyalty-${process.pid}-${Date.now()}`,
				LOG_LEVEL: "warn"
			}
		}
	);
}

it("lets a service elsewhere join, and catch up on what it missed while it was away", async () => {
	const staff = new Catalogue(shop, await shop.asAdmin());
	const product = await staff.onShelf({ skus: [aSku({ price: 500 })] });
	await staff.stock(product.skus[0].id, 10);
	const buyer = new Shopper(shop, await shop.asUser());
	const paid = async () => {
		const order = await buyer.order(product.skus[0].id);
		await buyer.settle((await buyer.pay(order.id)).paymentNo);
		await until(
			"it is paid",
			async () => (await buyer.must("GET", `/orders/${order.id}`)).status === "paid"
		);
		return order.id as string;
	};
	const handledBy = async (orderId: string) => {
		const trace = await staff.must("GET", `/admin/orders/${orderId}/trace`);
		return JSON.stringify(trace).includes("loyalty");
	};
	const missed = await paid();

	const service = loyalty();
	await until("it to catch up", () => handledBy(missed), 60_000);
	const live = await paid();
	await until("it to hear the next one", () => handledBy(live), 30_000);

	service.kill("SIGKILL");
	await once(service, "exit");
}, 180_000);
