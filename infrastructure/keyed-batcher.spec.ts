import { KeyedBatcher } from "./keyed-batcher";

const owner = {};
/** A job that ends when `end` is called. */
function manualJob<R>(value: R) {
	const { promise, resolve } = Promise.withResolvers<R>();
	return { run: () => promise, end: () => resolve(value) };
}

it("runs the jobs of one key in the order of their calls, also after one that failed", async () => {
	const batcher = new KeyedBatcher<string, string>(10);
	const log: string[] = [];
	const job = (name: string) => async () => {
		log.push(`${name} begins`);
		await Promise.resolve();
		log.push(`${name} ends`);
		if (name === "a") throw new Error("a failed");
	};

	const jobs = ["a", "b", "c"].map(name => batcher.runExclusive(owner, "sku", job(name)));
	const outcomes = await Promise.allSettled(jobs);

	expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
	expect(log).toEqual(["a", "b", "c"].flatMap(name => [`${name} begins`, `${name} ends`]));
});

it("keeps jobs of other keys and of other owners waiting for nothing", async () => {
	const batcher = new KeyedBatcher<string, string>(10);
	const first = manualJob("first");
	const running = batcher.runExclusive(owner, "sku", first.run);

	const beside = await Promise.all([
		batcher.runExclusive(owner, "other", async () => "other key"),
		batcher.runExclusive({}, "sku", async () => "other owner")
	]);
	first.end();

	expect(beside).toEqual(["other key", "other owner"]);
	expect(await running).toBe("first");
});

it("collects what comes while a job runs into batches of at most the maximum", async () => {
	const batcher = new KeyedBatcher<number, readonly number[]>(2);
	const first = manualJob("first");
	void batcher.runExclusive(owner, "sku", first.run);
	const work = async (items: readonly number[]) => [...items];

	const results = [1, 2, 3].map(n => batcher.runBatched(owner, "sku", n, work));
	first.end();

	expect(await Promise.all(results)).toEqual([[1, 2], [1, 2], [3]]);
});

it("takes no more items into a batch that has begun", async () => {
	const batcher = new KeyedBatcher<number, readonly number[]>(10);
	const begun = manualJob(undefined);
	const work = async (items: readonly number[]) => {
		const taken = [...items];
		await begun.run();
		return taken;
	};

	const first = batcher.runBatched(owner, "sku", 1, work);
	await Promise.resolve();
	await Promise.resolve();
	const second = batcher.runBatched(owner, "sku", 2, work);
	begun.end();

	expect(await Promise.all([first, second])).toEqual([[1], [2]]);
});
