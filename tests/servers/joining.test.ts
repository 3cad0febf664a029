import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { loyalty } from "../support/loyalty";
import { ROOT } from "../support/root";
import { startMongo, startNats, startRedis, type Server } from "../support/servers";
import { newPhone } from "../support/people";
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
});
afterAll(async () => {
	await shop.remove();
	for (const server of servers) await server.stop();
	rmSync(elsewhere, { recursive: true });
});

/** An order that a new shopper has paid: the shopper's token and the order's id. */
async function payOrder(staff: StaffClient) {
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 500 })] });
	await staff.addStock(product.skus[0].id, 10);
	const { token } = await shop.register(newPhone());
	const buyer = new Shopper(shop, token);
	const pay = async () => {
		const order = await buyer.order(product.skus[0].id);
		await buyer.payAtChannel((await buyer.createPayment(order.id)).paymentNo);
		await until(
			"it is paid",
			async () => (await buyer.mustSend("GET", `/orders/${order.id}`)).status === "paid"
		);
		return order.id as string;
	};
	return { token, pay };
}

it("lets a service in another process join, and deliver to it the facts that it missed while it was away", async () => {
	const staff = new StaffClient(shop, await shop.asAdmin());
	const { pay: paid } = await payOrder(staff);
	const handledBy = async (orderId: string) => {
		const trace = await staff.mustSend("GET", `/admin/orders/${orderId}/trace`);
		return JSON.stringify(trace).includes("loyalty");
	};
	const missed = await paid();

	const service = loyalty(elsewhere, { ...env, MALL_NAMESPACE: basename(shop.dataDir) });
	await until("it to catch up", () => handledBy(missed));
	const live = await paid();
	await until("it to hear the next one", () => handledBy(live));

	service.kill("SIGTERM");
	expect(await once(service, "exit")).toEqual([0, null]);
});

it("serves the route of a service that `npm run new -- --standalone` wrote, and tells the service of the past", async () => {
	const staff = new StaffClient(shop, await shop.asAdmin());
	const { token, pay } = await payOrder(staff);
	await pay();
	const folder = join(elsewhere, "my-loyalty");
	const script = join(ROOT, "scripts/new-service.ts");
	const load = ["-r", join(ROOT, "tests/support/register.js")];
	execFileSync(process.execPath, [...load, script, "--standalone", folder]);
	// What `npm install` does with the package.
	mkdirSync(join(folder, "node_modules"));
	symlinkSync(ROOT, join(folder, "node_modules/zjmall"), "dir");
	const isServed = async () => (await shop.http("GET", "/me/my-loyalty", { token })).status === 200;
	expect((await shop.http("GET", "/me/my-loyalty", { token })).status).toBe(404);

	const service = spawn(
		process.execPath,
		["node_modules/zjmall/standalone/run.js", "my-loyalty.service.ts"],
		{
			cwd: folder,
			stdio: "ignore",
			env: { ...process.env, ...env, NODE_ENV: "test", MALL_NAMESPACE: basename(shop.dataDir) }
		}
	);
	await until("the gateway serves it", isServed);
	await until(
		"it has heard of the order",
		async () => (await shop.http("GET", "/me/my-loyalty", { token })).body.data?.orders === 1
	);
	expect((await shop.http("GET", "/me/my-loyalty")).status).toBe(401);
	const document = await fetch(`${shop.url}/openapi.json`).then(
		reply => reply.json() as Promise<{ paths: object }>
	);
	expect(Object.keys(document.paths)).toContain("/api/v1/me/my-loyalty");

	service.kill("SIGTERM");
	expect(await once(service, "exit")).toEqual([0, null]);
});
