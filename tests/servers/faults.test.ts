import { Trade } from "../support/trade-through-faults";
import { ShopProcess } from "../support/shop-process";
import { startMongo, startNats, startRedis, type Server } from "../support/servers";

const OUTAGE_MS = 8_000;

let nats: Server;
let mongo: Server;
let redis: Server;
let shop: ShopProcess;
let env: Record<string, string>;
beforeAll(async () => {
	[nats, mongo, redis] = await Promise.all([startNats(), startMongo({ durable: true }), startRedis()]);
	env = { NATS_URL: nats.url, MONGO_URL: mongo.url, REDIS_URL: redis.url };
	shop = await ShopProcess.start(env);
});
afterAll(async () => {
	await shop.remove();
	for (const server of [nats, mongo, redis]) await server.stop();
});

/** The time until the next order is placed. */
async function timeToOrder(trade: Trade): Promise<number> {
	const at = performance.now();
	await trade.goesOn(1);
	return Math.round(performance.now() - at);
}

it("breaks no invariant while servers die, lose their data and come back in the middle of trade", async () => {
	const trade = await Trade.open(shop);
	const said: Record<string, number> = {};

	await trade.during(async () => {
		await trade.goesOn(10);
		await nats.kill("SIGKILL");
		await new Promise(resolve => setTimeout(resolve, OUTAGE_MS)); // the length of the outage
		await nats.start();
		said["NATS dead 8 s"] = await timeToOrder(trade);

		await nats.kill("SIGKILL");
		await nats.start({ wiped: true });
		said["NATS wiped"] = await timeToOrder(trade);

		await redis.kill("SIGKILL");
		await redis.start({ wiped: true });
		said["Redis dead and empty"] = await timeToOrder(trade);

		await mongo.kill("SIGKILL");
		await mongo.start();
		said["documents restarted"] = await timeToOrder(trade);
		await trade.goesOn(10);
	});

	process.stderr.write(`ms to the next order after: ${JSON.stringify(said)}\n`);
	await trade.isKept(env);
});
