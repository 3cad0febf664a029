import type Redis from "ioredis";
import { createRedisKeyValueStore } from "../../infrastructure/key-value/redis";
import { createRedisConnection } from "../../infrastructure/redis";
import { startRedis, type Server } from "../support/servers";
import { keyValueContract } from "../contracts/key-value.contract";
import { unique } from "../support/builders";

let server: Server;
beforeAll(async () => {
	server = await startRedis();
});
afterAll(() => server.stop());

const connect = async (): Promise<Redis> => {
	const redis = createRedisConnection({ url: server.url, onError: () => undefined });
	await redis.connect();
	return redis;
};

keyValueContract("Redis", async () => {
	const prefix = unique("shop");
	const connections: Redis[] = [];
	const open = async () => {
		const redis = await connect();
		connections.push(redis);
		return createRedisKeyValueStore(redis, { prefix });
	};
	/** Shortens all times-to-live, since Redis goes by its own clock. */
	const pass = async (ms: number) => {
		const [redis] = connections;
		for (const key of (await redis?.keys(`${prefix}:*`)) ?? []) {
			const left = (await redis?.pttl(key)) ?? -1;
			if (left >= 0) await redis?.pexpire(key, left - ms);
		}
	};
	return { open, pass, stop: async () => connections.forEach(redis => redis.disconnect()) };
});

it("rejects with SERVICE_UNAVAILABLE while Redis hangs or is gone, and works again when it is back", async () => {
	const redis = await connect();
	const store = createRedisKeyValueStore(redis, { prefix: unique("shop") });
	await store.update("cart", () => 1);

	await server.kill("SIGSTOP");
	const hung = await store.get("cart").catch((err: unknown) => err);
	await server.kill("SIGCONT");
	await server.kill("SIGKILL");
	const gone = await store.update("cart", () => 2).catch((err: unknown) => err);
	await server.start();
	while (redis.status !== "ready") await new Promise(resolve => redis.once("ready", resolve));

	expect(hung).toMatchObject({ type: "SERVICE_UNAVAILABLE", code: 503 });
	expect(gone).toMatchObject({ type: "SERVICE_UNAVAILABLE", code: 503 });
	expect(await store.get("cart")).toBe(1);
	redis.disconnect();
});

it("rejects at once after Redis has hung for a while", async () => {
	const redis = await connect();
	const store = createRedisKeyValueStore(redis, { prefix: unique("shop") });
	await server.kill("SIGSTOP");
	const lost = new Promise(resolve => redis.once("close", resolve));
	await store.get("cart").catch(() => undefined);
	await lost;

	const waits: number[] = [];
	let refusal: unknown;
	while (waits.length < 5) {
		const begun = performance.now();
		refusal = await store.get("cart").catch((err: unknown) => err);
		waits.push(performance.now() - begun);
	}
	await server.kill("SIGCONT");
	while (redis.status !== "ready") await new Promise(resolve => redis.once("ready", resolve));

	expect(refusal).toMatchObject({ type: "SERVICE_UNAVAILABLE" });
	expect(Math.min(...waits)).toBeLessThan(500);
	expect(await store.get("cart")).toBeNull();
	redis.disconnect();
});
