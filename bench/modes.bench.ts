import { startMongo, startNats, startRedis } from "../scripts/servers/local";
import { aSku, StaffClient } from "../tests/support/builders";
import { Shopper } from "../tests/support/shopper";
import { ShopProcess } from "../tests/support/shop-process";
import { sumCpuMs } from "./processes";

/**
 * Measures orders placed over HTTP, embedded and on servers with one and three processes: orders per second, and CPU time per
 * order of the shop's processes and of the servers. Run by `npm run bench:modes [-- orders]`. Compare the figures of one run
 * only: they depend on the machine's load.
 */
const ORDERS = Number(process.argv[2] ?? 600);
const BUYERS = 16;

async function measure(gateway: ShopProcess, shops: readonly ShopProcess[], servers: readonly number[]) {
	const staff = new StaffClient(gateway, await gateway.asAdmin());
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
	const skuIds: string[] = [];
	for (let n = 0; n < 5; n++) {
		const product = await staff.addProductOnShelf({ skus: [aSku({ price: 500 })] });
		skuIds.push(product.skus[0].id);
		await staff.addStock(product.skus[0].id, 100_000);
	}
	const token = await gateway.asUser();
	const buyers = Array.from({ length: BUYERS }, () => new Shopper(gateway, token));
	for (const buyer of buyers) await buyer.address();
	let left = 50;
	const trade = (buyer: Shopper) =>
		(async () => {
			for (let n = 0; left-- > 0; n++) {
				const order = await buyer.order(skuIds[n % skuIds.length] ?? "");
				await buyer.mustSend("POST", `/orders/${order.id}/cancel`, {});
			}
		})();
	await Promise.all(buyers.map(trade)); // warm-up
	const pids = shops.map(({ pid }) => pid);
	const [own, theirs, at] = [sumCpuMs(pids), sumCpuMs(servers), performance.now()];
	left = ORDERS;
	await Promise.all(buyers.map(trade));
	const seconds = (performance.now() - at) / 1000;
	return {
		perSecond: ORDERS / seconds,
		cpuMs: (sumCpuMs(pids) - own) / ORDERS,
		serversCpuMs: (sumCpuMs(servers) - theirs) / ORDERS
	};
}

async function main(): Promise<void> {
	const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};

	const embedded = await ShopProcess.start();
	results["embedded, one process"] = await measure(embedded, [embedded], []);
	await embedded.remove();

	const [nats, mongo, redis] = await Promise.all([startNats(), startMongo(), startRedis()]);
	const env = { NATS_URL: nats.url, MONGO_URL: mongo.url, REDIS_URL: redis.url };
	const servers = [nats.pid, mongo.pid, redis.pid];
	const one = await ShopProcess.start(env);
	results["real servers, one process"] = await measure(one, [one], servers);
	await one.remove();

	const first = await ShopProcess.start(env, { services: ["--except", "api"] });
	const beside = { dataDir: first.dataDir };
	const second = await ShopProcess.start(env, { services: ["--except", "api"], ...beside });
	const gateway = await ShopProcess.start(env, { services: ["api"], ...beside });
	results["real servers, three processes"] = await measure(gateway, [gateway, first, second], servers);
	for (const shop of [gateway, second, first]) await shop.remove();
	for (const server of [nats, mongo, redis]) await server.stop();

	const base = results["embedded, one process"];
	for (const [way, { perSecond, cpuMs: own, serversCpuMs }] of Object.entries(results))
		process.stdout.write(
			`${way.padEnd(30)} ${perSecond.toFixed(0).padStart(4)} placed and cancelled/s  ${own.toFixed(1).padStart(5)} ms CPU each` +
				` + ${serversCpuMs.toFixed(1).padStart(5)} ms of servers  (${(own / base.cpuMs).toFixed(2)} × embedded)\n`
		);
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
