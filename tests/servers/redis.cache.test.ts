import fc from "fast-check";
import type Redis from "ioredis";
import { KeyedCache } from "../../infrastructure/cache/keyed-cache";
import { SharedCache } from "../../infrastructure/cache/shared-cache";
import { createRedisConnection } from "../../infrastructure/redis";
import { unique } from "../support/builders";
import { startRedis, type Server } from "../support/servers";
import { until } from "../support/until";

let server: Server;
let prefix: string;
let connections: Redis[];
beforeAll(async () => {
	server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(() => {
	prefix = unique("shop");
	connections = [];
});
afterEach(() => connections.forEach(redis => redis.disconnect()));

async function connect(commandMs = 5_000): Promise<Redis> {
	const redis = createRedisConnection({ url: server.url, commandMs, onError: () => undefined });
	await redis.connect();
	connections.push(redis);
	return redis;
}
/** The cache of one process. Its cleans are broadcast to no other, as if every hint were lost. */
const ofProcess = async (ttlMs = 2000, commandMs?: number) =>
	new KeyedCache({ ttlMs, max: 100 }, undefined, new SharedCache(await connect(commandMs), `${prefix}:`));
const processes = (count: number, ttlMs?: number) =>
	Promise.all(Array.from({ length: count }, () => ofProcess(ttlMs)));

/** A document that counts its loads. */
class Source {
	value: unknown = "old";
	loads = 0;
	load = async () => {
		this.loads++;
		return this.value;
	};
}
/** A load that ends when `end` is called. */
function startSlowLoad(value: string) {
	let end = () => undefined as void;
	const load = () => new Promise<string>(resolve => (end = () => resolve(value)));
	return { load, end: () => end() };
}
const inRedis = async () => connections[0]?.get(`${prefix}:key`);
/** Resolves when every command sent before has reached Redis. */
const waitUntilSent = () => Promise.all(connections.map(redis => redis.ping()));

it("loads once when many processes miss at the same time", async () => {
	const source = new Source();
	const caches = await processes(8);
	const slow = async () => {
		await until("all have asked", () => asked === 400);
		return source.load();
	};
	let asked = 0;

	const reads = caches.flatMap(cache =>
		Array.from({ length: 50 }, () => (asked++, cache.get("key", slow)))
	);
	const values = await Promise.all(reads);

	expect(new Set(values)).toEqual(new Set(["old"]));
	expect(source.loads).toBe(1);
});

it("returns values as they were stored, Dates and null included", async () => {
	const documents: unknown[] = [
		{ at: new Date(0), lines: [{ until: new Date(5), n: 1 }] },
		null,
		[],
		"?",
		0
	];

	for (const [i, document] of documents.entries()) {
		const [one, other] = await processes(2);
		await one?.get(`document ${i}`, async () => document);
		await until("the value is there", async () =>
			Boolean(
				await connections[0]
					?.get(`${prefix}:document ${i}`)
					.then(text => text?.startsWith("?") === false)
			)
		);
		const read = await other?.get(`document ${i}`, () => Promise.reject(new Error("loaded again")));
		expect(read).toEqual(document);
	}
});

it("does not find in another process what was cleaned", async () => {
	const source = new Source();
	const [one, other] = await processes(2, 0);
	await one?.get("key", source.load);
	await until("the value is there", async () => (await inRedis()) === '"old"');

	source.value = "new";
	await one?.clean("key");

	expect(await other?.get("key", source.load)).toBe("new");
});

it("serves a cleaned value in another process for two seconds at most if the hint is lost", async () => {
	const source = new Source();
	const [one, other] = await processes(2);
	await other?.get("key", source.load);
	source.value = "new";
	await one?.clean("key");

	await until("the other sees it", async () => (await other?.get("key", source.load)) === "new");
});

it("never stores a load that began before a clean", async () => {
	const [one, other, third] = await processes(3, 0);
	const reading = startSlowLoad("old");
	const begun = one?.get("key", reading.load);
	await until("it is being loaded", async () => (await inRedis())?.startsWith("?") === true);

	await other?.clean("key");
	reading.end();
	const seen = await begun;
	await waitUntilSent();

	expect(seen).toBe("old");
	expect(await third?.get("key", async () => "new")).toBe("new");
});

it("never stores a load that began before Redis lost its data", async () => {
	const [one, other, third] = await processes(3, 0);
	const reading = startSlowLoad("old");
	const begun = one?.get("key", reading.load);
	await until("it is being loaded", async () => (await inRedis())?.startsWith("?") === true);

	await other?.clean("key");
	await connections[0]?.flushall();
	reading.end();
	const seen = await begun;
	await waitUntilSent();

	expect(seen).toBe("old");
	expect(await third?.get("key", async () => "new")).toBe("new");
});

it("lets another process load when the loading one failed or died", async () => {
	const [one, other, third] = await processes(3);
	const failed = one?.get("key", () => Promise.reject(new Error("away")));
	await expect(failed).rejects.toThrow("away");
	await waitUntilSent();

	const left = await connections[0]?.exists(`${prefix}:key`);
	const after = await other?.get("key", async () => "loaded");
	void third?.get("orphan", () => new Promise(() => undefined));
	await until(
		"the orphan is being loaded",
		async () => (await connections[0]?.exists(`${prefix}:orphan`)) === 1
	);
	const orphan = await one?.get("orphan", async () => "loaded as well");

	expect([left, after, orphan]).toEqual([0, "loaded", "loaded as well"]);
});

it("loads without an error while Redis hangs or is gone, and shares values again when it is back", async () => {
	const [one, other] = await Promise.all([ofProcess(0, 100), ofProcess(0, 100)]);
	const source = new Source();

	await server.kill("SIGSTOP");
	const begun = performance.now();
	const hung = await Promise.all([
		one.get("key", source.load),
		one.clean("key"),
		other.get("key", source.load)
	]);
	const waitedMs = performance.now() - begun;
	await server.kill("SIGKILL");
	const gone = await one.get("key", source.load);
	await server.start();
	await until("both are connected", () => connections.every(redis => redis.status === "ready"));
	await until("it is shared", async () => {
		const { loads } = source;
		await one.get("key", source.load);
		await other.get("key", source.load);
		return source.loads === loads;
	});

	expect([hung[0], hung[2], gone]).toEqual(["old", "old", "old"]);
	expect(waitedMs).toBeLessThan(5_000);
});

it("repeats a clean that did not reach Redis, and never reads the old value itself meanwhile", async () => {
	const source = new Source();
	const one = await ofProcess(0);
	const other = await ofProcess(0);
	await one.get("key", source.load);
	await until("the value is there", async () => (await inRedis()) === '"old"');
	const [redis] = connections;
	const failingDel = redis && jest.spyOn(redis, "del").mockRejectedValue(new Error("Command timed out"));

	source.value = "new";
	await one.clean("key");
	const [own, others] = [await one.get("key", source.load), await other.get("key", source.load)];
	failingDel?.mockRestore();

	expect([own, others]).toEqual(["new", "old"]);
	await until("the other sees it", async () => (await other.get("key", source.load)) === "new");
});

it("serves no value older than the last clean, whatever the order of reads, writes and cleans", async () => {
	const step = fc.record({ by: fc.nat(2), does: fc.constantFrom("read", "read", "read", "write") });
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
			const caches = await processes(3, 0);
			const key = unique("key");
			let version = 0;
			let cleaned = 0;
			const reads: Promise<{ since: number; seen: number }>[] = [];
			for (const { by, does } of steps) {
				const cache = caches[by];
				if (!cache) continue;
				if (does === "write") {
					const written = ++version;
					await cache.clean(key);
					cleaned = written;
				} else {
					const since = cleaned;
					reads.push(cache.get(key, async () => version).then(seen => ({ since, seen })));
				}
			}
			for (const { since, seen } of await Promise.all(reads))
				expect(seen).toBeGreaterThanOrEqual(since);
			connections.splice(0).forEach(redis => redis.disconnect());
		}),
		{ numRuns: 50 }
	);
});

it("avoids nearly every read of the documents", async () => {
	const source = new Source();
	const caches = await processes(8, 0);
	let reads = 0;

	for (let round = 0; round < 50; round++) {
		if (round % 10 === 0) await caches[0]?.clean("key");
		reads += caches.length;
		await Promise.all(caches.map(cache => cache.get("key", source.load)));
	}

	process.stderr.write(`shared cache: ${reads} reads past the own cache, ${source.loads} loads\n`);
	expect(source.loads).toBe(5);
});
