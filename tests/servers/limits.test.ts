import type { Config } from "../../infrastructure/config";
import { RateLimits } from "../../services/api/rate-limits";
import { createRedisConnection } from "../../infrastructure/redis";
import { unique } from "../support/builders";
import { startRedis, type Server } from "../support/servers";

let server: Server;
beforeAll(async () => {
	server = await startRedis();
});
afterAll(() => server.stop());

const config = { get: () => 10 } as unknown as Config;

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
