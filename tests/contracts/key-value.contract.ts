import type { KeyValueStore } from "../../infrastructure/key-value/key-value";

export type Bench = {
	/** Opens the store as another process would; it goes by the clock that `pass` moves. */
	open(): Promise<KeyValueStore>;
	/** Moves the clock forward. */
	pass(ms: number): Promise<void>;
	stop(): Promise<void>;
};

/** The behaviour of every key-value store that services rely on. */
export function keyValueContract(name: string, start: () => Promise<Bench>): void {
	describe(`key-value store over ${name}`, () => {
		let bench: Bench;
		let store: KeyValueStore;
		beforeEach(async () => {
			bench = await start();
			store = await bench.open();
		});
		afterEach(() => bench.stop());

		const put = (key: string, value: unknown, ttlMs?: number) =>
			store.update<unknown>(key, () => value, ttlMs);

		it("has nothing under a key never written", async () => {
			expect(await store.get("cart:1")).toBeNull();
			expect(await store.take("cart:1")).toBeNull();
		});

		it.each([
			["an object", { lines: [{ skuId: "p-1", quantity: 2 }], note: "茶 🍵", none: null }],
			["a list", [1, "two", null]],
			["a number", 0],
			["a text", ""],
			["a truth value", false]
		])("gives back %s as it was stored, also to other processes", async (_, value) => {
			const elsewhere = await bench.open();

			const answer = await put("key", value);

			expect(answer).toEqual(value);
			expect(await elsewhere.get("key")).toEqual(value);
		});

		it("gives the update the present value and returns the new one", async () => {
			const before: (number | null)[] = [];
			const increment = (n: number | null) => {
				before.push(n);
				return (n ?? 0) + 1;
			};

			const answers = [await store.update("n", increment), await store.update("n", increment)];

			expect(before).toEqual([null, 1]);
			expect(answers).toEqual([1, 2]);
		});

		it("deletes the value when the update returns null", async () => {
			await put("key", 1);

			const answer = await store.update("key", () => null);

			expect(answer).toBeNull();
			expect(await store.get("key")).toBeNull();
		});

		it("keeps the value when the update throws", async () => {
			await put("key", 1);

			const failing = store.update("key", () => {
				throw new Error("no");
			});

			await expect(failing).rejects.toThrow("no");
			expect(await store.get("key")).toBe(1);
			expect(await put("key", 2)).toBe(2);
		});

		it("keeps a value until it expires", async () => {
			await put("code", "1234", 60_000);
			await put("other", "kept");

			await bench.pass(54_000);
			const inTime = await store.get("code");
			await bench.pass(6_001);

			expect(inTime).toBe("1234");
			expect(await store.get("code")).toBeNull();
			expect(await store.take("code")).toBeNull();
			expect(await store.get("other")).toBe("kept");
		});

		it("gives the update null for an expired value", async () => {
			await put("n", 41, 1000);
			await bench.pass(1001);

			const answer = await store.update<number>("n", n => (n ?? 0) + 1, 1000);

			expect(answer).toBe(1);
		});

		it("expires after the last update's time-to-live, and never after an update without one", async () => {
			await put("renewed", 1, 60_000);
			await put("kept", 1, 60_000);
			await bench.pass(36_000);
			await put("renewed", 2, 60_000);
			await put("kept", 2);

			await bench.pass(36_000);

			expect(await store.get("renewed")).toBe(2);
			await bench.pass(24_001);
			expect(await store.get("renewed")).toBeNull();
			expect(await store.get("kept")).toBe(2);
		});

		it("keeps keys apart, whatever is in them", async () => {
			const keys = ["a", "A", "a:b", "a b", "键", "a%", "a'", "a\nb"];

			for (const key of keys) await put(key, key);

			for (const key of keys) expect(await store.get(key)).toBe(key);
		});

		it("gives a value to one of several takers", async () => {
			const elsewhere = await bench.open();
			await put("code", "1234");

			const takers = await Promise.all(
				[store, elsewhere, store, elsewhere].map(each => each.take("code"))
			);

			expect(takers.filter(value => value !== null)).toEqual(["1234"]);
			expect(await store.get("code")).toBeNull();
		});

		it("loses none of many updates at the same time", async () => {
			const elsewhere = await bench.open();
			const views = Array.from({ length: 200 }, (_, n) => (n % 2 ? store : elsewhere));

			await Promise.all(views.map(view => view.update<number>("n", n => (n ?? 0) + 1)));

			expect(await store.get("n")).toBe(200);
		});
	});
}
