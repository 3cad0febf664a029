import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { loyalty } from "../support/loyalty";
import { startMongo, startNats, startRedis, type Server } from "../support/servers";
import { Shopper } from "../support/shopper";
import { ShopProcess } from "../support/shop-process";
import { aSku, StaffClient } from "../support/builders";
import { until } from "../support/until";

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

it("lets a service in another process join, and deliver to it the facts that it missed while it was away", async () => {
	const staff = new StaffClient(shop, await shop.asAdmin());
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 500 })] });
	await staff.addStock(product.skus[0].id, 10);
	const buyer = new Shopper(shop, await shop.asUser());
	const paid = async () => {
		const order = await buyer.order(product.skus[0].id);
		await buyer.payAtChannel((await buyer.createPayment(order.id)).paymentNo);
		await until(
			"it is paid",
			async () => (await buyer.mustSend("GET", `/orders/${order.id}`)).status === "paid"
		);
		return order.id as string;
	};
	const handledBy = async (orderId: string) => {
		const trace = await staff.mustSend("GET", `/admin/orders/${orderId}/trace`);
		return JSON.stringify(trace).includes("loyalty");
	};
	const missed = await paid();

	const service = loyalty(elsewhere, { ...env, MALL_NAMESPACE: basename(shop.dataDir) });
	await until("it to catch up", () => handledBy(missed), 60_000);
	const live = await paid();
	await until("it to hear the next one", () => handledBy(live), 30_000);

	service.kill("SIGTERM");
	expect(await once(service, "exit")).toEqual([0, null]);
}, 180_000);
