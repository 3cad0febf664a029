import type { Collection, Doc } from "../../infrastructure/documents/collection";
import { Outbox, type WithOutbox } from "../../infrastructure/documents/outbox";
import { Store } from "../../infrastructure/documents/store";
import type { StoredFact } from "../../infrastructure/facts/transport";
import { fact } from "../../schemas/registry";
import { until } from "../support/until";

type Counter = Doc & { readonly version: number; readonly count: number };

const silent = { info() {}, warn() {}, error() {}, debug() {} };
const counterAt = (version: number): Counter => ({ _id: "c", version, count: version });
const increment = ({ version }: Counter) => ({
	guard: { version },
	update: { $inc: { version: 1, count: 1 } }
});

/** The optimistic writes of a store over any implementation of `Collection`. `makeCollection` gives an empty one at each call. */
export function storeContract(
	name: string,
	makeCollection: <T extends Doc>() => Promise<Collection<T>>
): void {
	let published: StoredFact[];
	const opened = async (...docs: Counter[]) => {
		published = [];
		const documents = await makeCollection<Counter & WithOutbox>();
		await documents.insertMissing(docs);
		const publish = async (facts: readonly StoredFact[]) => void published.push(...facts);
		return new Store<Counter>(documents, new Outbox(documents, { publish }, silent), "counters");
	};

	describe(`${name}: rewrite`, () => {
		it("writes what was decided on the document, and resolves to the document after it", async () => {
			const counters = await opened(counterAt(3));

			const rewritten = await counters.rewrite("c", increment);

			expect(rewritten).toEqual(counterAt(4));
			expect(await counters.get("c")).toEqual(counterAt(4));
		});

		it("writes nothing when nothing is to be done, and resolves to the document as it was read", async () => {
			const counters = await opened(counterAt(3));

			const read = await counters.rewrite("c", async () => null);

			expect(read).toEqual(counterAt(3));
			expect(await counters.get("c")).toEqual(counterAt(3));
		});

		it("decides again on what another write left that came first", async () => {
			const counters = await opened(counterAt(0));
			const decidedOn: number[] = [];

			const rewritten = await counters.rewrite("c", async counter => {
				decidedOn.push(counter.version);
				if (decidedOn.length === 1) await counters.change({ _id: "c" }, increment(counter).update);
				return increment(counter);
			});

			expect(decidedOn).toEqual([0, 1]);
			expect(rewritten).toEqual(counterAt(2));
		});

		it("loses none of 100 concurrent increments", async () => {
			const counters = await opened(counterAt(0));

			const rewritten = await Promise.all(
				Array.from({ length: 100 }, () => counters.rewrite("c", increment))
			);

			expect(await counters.get("c")).toEqual(counterAt(100));
			expect(new Set(rewritten.map(({ count }) => count)).size).toBe(100);
		});

		it("publishes the facts of the write that succeeded, and none of those that came too late", async () => {
			const counters = await opened(counterAt(0));
			const labelOf = ({ version }: Counter) => `decided at ${version}`;

			await Promise.all(
				Array.from({ length: 10 }, () =>
					counters.rewrite("c", counter => ({
						...increment(counter),
						facts: [fact("category.moved", { categoryId: labelOf(counter) })]
					}))
				)
			);

			await until("the outbox to be empty", async () => !("outbox" in (await counters.get("c"))));
			const labels = new Map(published.map(({ id, payload }) => [id, payload["categoryId"]]));
			expect([...labels.values()].toSorted()).toEqual(
				Array.from({ length: 10 }, (_, version) => labelOf(counterAt(version)))
			);
		});

		it("cannot be led to another document by its guard", async () => {
			const counters = await opened(counterAt(0), { ...counterAt(0), _id: "other" });

			await counters.rewrite("c", ({ version }) => ({
				guard: { version, _id: "other" },
				update: { $inc: { version: 1, count: 1 } }
			}));

			expect(await counters.get("c")).toEqual(counterAt(1));
		});

		it("refuses a document that is not there, and passes on the refusal of a decision", async () => {
			const counters = await opened();
			const refuse = () => Promise.reject(new Error("not in this state"));

			await expect(counters.rewrite("c", increment)).rejects.toMatchObject({ type: "NOT_FOUND" });
			await expect(counters.rewrite("c", refuse, { initial: counterAt(0) })).rejects.toThrow(
				"not in this state"
			);
		});

		it("starts from the initial document where there is none, however many start at once", async () => {
			const counters = await opened();

			await Promise.all(
				Array.from({ length: 20 }, () => counters.rewrite("c", increment, { initial: counterAt(0) }))
			);

			expect(await counters.get("c")).toEqual(counterAt(20));
		});

		it("does not store the initial document when nothing is to be done", async () => {
			const counters = await opened();

			const initial = await counters.rewrite("c", () => null, { initial: counterAt(0) });

			expect(initial).toEqual(counterAt(0));
			expect(await counters.findOne({ _id: "c" })).toBeNull();
		});

		it("gives up after 30 attempts, with a refusal that invites another try", async () => {
			const counters = await opened(counterAt(7));
			let attempts = 0;

			const overtaken = counters.rewrite("c", () => {
				attempts++;
				return { guard: { version: 0 }, update: { $set: { count: 0 } } };
			});

			await expect(overtaken).rejects.toMatchObject({
				type: "SERVICE_UNAVAILABLE",
				code: 503,
				data: { id: "c" }
			});
			expect(attempts).toBe(30);
			expect(await counters.get("c")).toEqual(counterAt(7));
		});
	});

	describe(`${name}: tryInsert`, () => {
		it("stores the document of one of many concurrent callers, and answers null to the others", async () => {
			const counters = await opened();

			const inserted = await Promise.all(
				Array.from({ length: 20 }, (_, version) => counters.tryInsert(counterAt(version)))
			);

			const [winner, ...others] = inserted.filter(counter => counter !== null);
			expect(others).toEqual([]);
			expect(await counters.get("c")).toEqual(winner);
		});

		it("finds each of many concurrent callers a key of its own by trying the next one", async () => {
			const counters = await opened();
			const append = () =>
				counters.retryConflicts("next", async () => {
					const version = await counters.count({});
					return counters.tryInsert({ ...counterAt(version), _id: `c${version}` });
				});

			await Promise.all(Array.from({ length: 20 }, append));

			const versions = (await counters.find({}, { sort: { version: 1 } })).map(
				({ version }) => version
			);
			expect(versions).toEqual(Array.from({ length: 20 }, (_, n) => n));
		});
	});
}
