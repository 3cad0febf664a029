import type { HotState } from "../../infrastructure/key-value/key-value";

export type Bench = {
	/** Another process's view of the same state, by the clock below. */
	open(): Promise<HotState>;
	/** Lets time go by. */
	pass(ms: number): Promise<void>;
	stop(): Promise<void>;
};

/** What services rely on, whichever store stands behind it. */
export function hotContract(name: string, start: () => Promise<Bench>): void {
	describe(`hot state over ${name}`, () => {
		let bench: Bench;
		let hot: HotState;
		beforeEach(async () => {
			bench = await start();
			hot = await bench.open();
		});
		afterEach(() => bench.stop());

		const put = (key: string, value: unknown, ttlMs?: number) =>
			hot.update<unknown>(key, () => value, ttlMs);

		it("has nothing under a key never written", async () => {
			expect(await hot.get("cart:1")).toBeNull();
			expect(await hot.take("cart:1")).toBeNull();
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

		it("hands the present value to the update and answers what stands afterwards", async () => {
			const before: (number | null)[] = [];
			const increment = (n: number | null) => {
				before.push(n);
				return (n ?? 0) + 1;
			};

			const answers = [await hot.update("n", increment), await hot.update("n", increment)];

			expect(before).toEqual([null, 1]);
			expect(answers).toEqual([1, 2]);
		});

		it("removes the value when the update says null", async () => {
			await put("key", 1);

			const answer = await hot.update("key", () => null);

			expect(answer).toBeNull();
			expect(await hot.get("key")).toBeNull();
		});

		it("leaves the value alone when the update throws", async () => {
			await put("key", 1);

			const failing = hot.update("key", () => {
				throw new Error("no");
			});

			await expect(failing).rejects.toThrow("no");
			expect(await hot.get("key")).toBe(1);
			expect(await put("key", 2)).toBe(2);
		});

		it("has a value for its time and no longer", async () => {
			await put("code", "1234", 1000);
			await put("other", "kept");

			await bench.pass(900);
			const inTime = await hot.get("code");
			await bench.pass(101);

			expect(inTime).toBe("1234");
			expect(await hot.get("code")).toBeNull();
			expect(await hot.take("code")).toBeNull();
			expect(await hot.get("other")).toBe("kept");
		});

		it("starts from nothing where the time of the value is over", async () => {
			await put("n", 41, 1000);
			await bench.pass(1001);

			const answer = await hot.update<number>("n", n => (n ?? 0) + 1, 1000);

			expect(answer).toBe(1);
		});

		it("counts the time from the last update on, and for ever after one without", async () => {
			await put("renewed", 1, 1000);
			await put("kept", 1, 1000);
			await bench.pass(600);
			await put("renewed", 2, 1000);
			await put("kept", 2);

			await bench.pass(600);

			expect(await hot.get("renewed")).toBe(2);
			await bench.pass(401);
			expect(await hot.get("renewed")).toBeNull();
			expect(await hot.get("kept")).toBe(2);
		});

		it("keeps keys apart, whatever is in them", async () => {
			const keys = ["a", "A", "a:b", "a b", "键", "a%", "a'", "a\nb"];

			for (const key of keys) await put(key, key);

			for (const key of keys) expect(await hot.get(key)).toBe(key);
		});

		it("gives a value to one of several takers", async () => {
			const elsewhere = await bench.open();
			await put("code", "1234");

			const takers = await Promise.all([hot, elsewhere, hot, elsewhere].map(each => each.take("code")));

			expect(takers.filter(value => value !== null)).toEqual(["1234"]);
			expect(await hot.get("code")).toBeNull();
		});

		it("loses none of many updates at the same time", async () => {
			const elsewhere = await bench.open();
			const views = Array.from({ length: 200 }, (_, n) => (n % 2 ? hot : elsewhere));

			await Promise.all(views.map(view => view.update<number>("n", n => (n ?? 0) + 1)));

			expect(await hot.get("n")).toBe(200);
		});
	});
}
