import { KeyedCache } from "./keyed-cache";

const aCache = (broadcast: string[][] = []) =>
	new KeyedCache({ ttlMs: 60_000, max: 2 }, keys => void broadcast.push([...keys]));

it("loads once for many concurrent reads", async () => {
	const cache = aCache();
	let reads = 0;
	const load = async () => ++reads;

	const values = await Promise.all([cache.get("a", load), cache.get("a", load)]);

	expect(values).toEqual([1, 1]);
});

it("never serves a load that began before a clean to reads after it", async () => {
	const cache = aCache();
	let finish = (_value: string) => undefined as void;
	const begun = cache.get("a", () => new Promise<string>(resolve => (finish = resolve)));

	void cache.clean("a");
	const after = await cache.get("a", async () => "new");
	finish("old");

	expect(await begun).toBe("old");
	expect(after).toBe("new");
	expect(await cache.get("a", async () => "newer")).toBe("new");
});

it("does not keep a failed load", async () => {
	const cache = aCache();

	await expect(cache.get("a", () => Promise.reject(new Error("away")))).rejects.toThrow("away");

	expect(await cache.get("a", async () => "back")).toBe("back");
});

it("holds no more than its limit and drops the oldest first", async () => {
	const cache = aCache();
	for (const key of ["a", "b", "c"]) await cache.get(key, async () => `first ${key}`);

	const oldest = await cache.get("a", async () => "second a");
	const newest = await cache.get("c", async () => "second c");

	expect([oldest, newest]).toEqual(["second a", "first c"]);
});

it("broadcasts the keys that it cleaned", async () => {
	const broadcast: string[][] = [];

	await aCache(broadcast).clean("a", "b");

	expect(broadcast).toEqual([["a", "b"]]);
});
