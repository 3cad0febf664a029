import { sendUntilClosed } from "../support/keep-alive-client";
import { ShopProcess } from "../support/shop-process";
import { until } from "../support/until";

const CLIENTS = 20;

it("resets no connection of a client that keeps it, and tells balancers first", async () => {
	const shop = await ShopProcess.start({ NATS_URL: "", MONGO_URL: "", REDIS_URL: "", STOP_GRACE: "5" });
	const clients = Array.from({ length: CLIENTS }, () =>
		sendUntilClosed(`${shop.url}/api/v1/products?pageSize=1`, 20)
	);
	const idle = sendUntilClosed(`${shop.url}/health/live`, 0);
	const readiness = async () => (await shop.http("GET", "//health/ready")).status;
	const before = await readiness();

	const ended = shop.end("SIGTERM");
	await until("readiness to be refused", async () => (await readiness()) === 503);
	const results = await Promise.all([...clients, idle]);
	const code = await ended;
	await shop.remove();

	expect([before, code]).toEqual([200, 0]);
	expect(results.flatMap(({ failures }) => failures)).toEqual([]);
	expect(Math.min(...results.map(({ answered }) => answered))).toBeGreaterThan(0);
});
