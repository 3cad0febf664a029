import { ServiceBroker } from "moleculer";
import type { Config } from "../../infrastructure/config";
import { StreamCounts } from "../../services/api/live-events/stream-counts";
import { RateLimits } from "../../services/api/rate-limits";
import { createRedisConnection } from "../../infrastructure/redis";
import { unique } from "../support/builders";
import { startRedis, type Server } from "../support/servers";
import { until } from "../support/until";

let server: Server;
beforeAll(async () => {
	server = await startRedis();
});
afterAll(() => server.stop());

const config = { get: () => 10 } as unknown as Config;

it("gives a user five streams over all gateways, and counts none of a gateway that is gone", async () => {
	const redis = createRedisConnection({ url: server.url, onError: () => undefined });
	await redis.connect();
	const shared = { redis, prefix: unique("shop") };
	const brokers = ["one", "other"].map(
		nodeID => new ServiceBroker({ nodeID, transporter: "Fake", logger: false })
	);
	await Promise.all(brokers.map(broker => broker.start()));
	const nodes = { onlyAvailable: true, withServices: false };
	await until("the gateways to meet", () =>
		brokers.every(({ registry }) => registry.getNodeList(nodes).length === 2)
	);
	const [one, other] = brokers.map(broker => new StreamCounts(broker, shared)) as [
		StreamCounts,
		StreamCounts
	];
	const isLetIn = (gateway: StreamCounts) =>
		gateway.enter("u").then(
			() => true,
			() => false
		);

	const entered: boolean[] = [];
	for (const gateway of [one, other, one, other, one, other, one]) entered.push(await isLetIn(gateway));
	await brokers[0]?.stop();
	const again = await until("a free place", () => isLetIn(other));

	for (const gateway of [one, other]) gateway.stop();
	await brokers[1]?.stop();
	redis.disconnect();
	expect(entered).toEqual([true, true, true, true, true, false, false]);
	expect(again).toBe(true);
});

it("counts over all gateways, and in each gateway alone while Redis is gone", async () => {
	const redis = createRedisConnection({ url: server.url, onError: () => undefined });
	await redis.connect();
	const prefix = unique("shop");
	const [one, other] = [
		new RateLimits(config, { redis, prefix }),
		new RateLimits(config, { redis, prefix })
	];
	const passed = async (ip: string) => {
		const asked = Array.from({ length: 40 }, (_, n) =>
			(n % 2 ? one : other).countRequest({ method: "GET", path: "/products" }, ip)
		);
		return (await Promise.allSettled(asked)).filter(({ status }) => status === "fulfilled").length;
	};

	const together = await passed("10.0.0.1");
	await server.kill("SIGKILL");
	const apart = await passed("10.0.0.2");

	redis.disconnect();
	expect(together).toBe(10);
	expect(apart).toBe(20);
});
