import { KeyedCache } from "./keyed-cache";

const aCache = (told: string[][] = []) =>
	new KeyedCache({ ttlMs: 60_000, max: 2 }, keys => void told.push([...keys]));

it("reads once for many who ask at the same time", async () => {
	const cache = aCache();
	let reads = 0;
	const load = async () => ++reads;

	const values = await Promise.all([cache.get("a", load), cache.get("a", load)]);

	expect(values).toEqual([1, 1]);
});

it("never serves a reading that began before a clean to those who ask after it", async () => {
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

it("does not keep a failed reading", async () => {
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

it("tells others which keys it cleaned", async () => {
	const told: string[][] = [];

	await aCache(told).clean("a", "b");

	expect(told).toEqual([["a", "b"]]);
});
