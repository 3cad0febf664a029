import { ulid } from "ulid";
import type { Consumer, FactsTransport, StoredFact } from "../../infrastructure/facts/transport";
import { until } from "../support/until";

export type Bench = {
	/** Opens the transport as another process would: three attempts, short back-offs, a lease of `leaseMs`. */
	open(): Promise<FactsTransport>;
	/** The facts that a crashed process was handling are delivered to others after this time. */
	readonly leaseMs: number;
	/** Closes every open transport and deletes the stored facts. */
	stop(): Promise<void>;
};

export const aFact = (over: Partial<StoredFact> = {}): StoredFact => ({
	id: ulid(),
	event: "order.paid",
	payload: { orderId: "o1", amount: 1200 },
	at: new Date("2026-01-02T03:04:05.678Z"),
	...over
});

/** A consumer that records its deliveries in order. */
export function recorder(over: Partial<Consumer> = {}) {
	const seen: { fact: StoredFact; attempt: number }[] = [];
	const consumer: Consumer = {
		group: "payments",
		event: "order.paid",
		...over,
		async handle(fact, attempt) {
			seen.push({ fact, attempt });
			await over.handle?.(fact, attempt);
		}
	};
	return { seen, consumer, ids: () => seen.map(({ fact }) => fact.id) };
}

const failing = (over: Partial<Consumer> = {}) =>
	recorder({ ...over, handle: () => Promise.reject(new Error("no stock")) });

/** The behaviour of every facts transport that services rely on. */
export function factsContract(name: string, start: () => Promise<Bench>): void {
	describe(`facts over ${name}`, () => {
		let bench: Bench;
		let facts: FactsTransport;
		beforeEach(async () => {
			bench = await start();
			facts = await bench.open();
		});
		afterEach(() => bench.stop());

		const idle = (transport = facts) =>
			until("no backlog", async () => (await transport.lag()).every(({ pending }) => pending === 0));

		it("delivers the fact as it was published, times included", async () => {
			const { seen, consumer } = recorder();
			const paidAt = new Date("2026-05-06T07:08:09.010Z");
			const fact = aFact({
				payload: { orderId: "o1", lines: [{ name: "茶 🍵" }], none: null, paidAt }
			});
			await facts.consume(consumer);

			await facts.publish([fact]);

			await until("the deliveries", () => seen.length === 1);
			const payload = { ...fact.payload, paidAt: paidAt.toISOString() };
			expect(seen).toEqual([{ fact: { ...fact, payload }, attempt: 1 }]);
		});

		it("is a log that every process reads in the same order, without a gap", async () => {
			const other = await bench.open();
			const { position: start } = await facts.readLog(null, 10);
			const published = Array.from({ length: 60 }, (_, n) =>
				aFact({ event: n % 2 ? "order.paid" : "order.created", at: new Date() })
			);
			const readAll = async (from: FactsTransport) => {
				const read: StoredFact[] = [];
				let [position, behind, gap] = [start, 1, false];
				while (behind > 0) {
					const page = await from.readLog(position, 7);
					read.push(...page.facts);
					({ position, behind } = page);
					gap ||= page.gap;
				}
				return { ids: read.map(({ id }) => id), gap, position };
			};

			await Promise.all(published.map((fact, n) => (n % 3 ? facts : other).publish([fact])));

			const [one, two] = [await readAll(facts), await readAll(other)];
			expect(one.ids.toSorted()).toEqual(published.map(({ id }) => id).toSorted());
			expect(two).toMatchObject({ ids: one.ids, gap: false });
			expect(await other.readLog(one.position, 10)).toMatchObject({
				facts: [],
				behind: 0,
				gap: false
			});
		});

		it("finds the place of a fact in the log, and none of one that is unknown or too old", async () => {
			const [first, second, third] = [aFact(), aFact(), aFact()];
			for (const fact of [first, second, third]) await facts.publish([fact]);

			const position = await facts.findInLog(first.id);
			const after = await facts.readLog(position, 10);
			const unknown = [ulid(), ulid(Date.now() - 8 * 24 * 3_600_000), "no id", ""];

			expect(after.facts.map(({ id }) => id)).toEqual([second.id, third.id]);
			expect(await Promise.all(unknown.map(id => facts.findInLog(id)))).toEqual([
				null,
				null,
				null,
				null
			]);
		});

		it("delivers each fact once to each group that consumes its event", async () => {
			const payments = recorder();
			const audit = recorder({ group: "audit" });
			const other = recorder({ group: "audit", event: "order.cancelled" });
			for (const { consumer } of [payments, audit, other]) await facts.consume(consumer);
			const published = [aFact(), aFact(), aFact()];

			await facts.publish(published);

			await until("the deliveries", () => payments.seen.length === 3 && audit.seen.length === 3);
			await idle();
			const ids = published.map(({ id }) => id);
			expect(payments.ids()).toEqual(ids);
			expect(audit.ids()).toEqual(ids);
			expect(other.seen).toEqual([]);
		});

		it("shares the facts among the instances of a group", async () => {
			const elsewhere = await bench.open();
			const handle = () => new Promise<void>(resolve => setTimeout(resolve, 5));
			const one = recorder({ handle, maxInFlight: 2 });
			const two = recorder({ handle, maxInFlight: 2 });
			await facts.consume(one.consumer);
			await elsewhere.consume(two.consumer);
			const published = Array.from({ length: 300 }, () => aFact());

			await facts.publish(published);

			await until("the deliveries", () => one.seen.length + two.seen.length >= 300);
			await idle();
			expect([...one.ids(), ...two.ids()].sort()).toEqual(published.map(({ id }) => id).sort());
			expect(one.seen.length).toBeGreaterThan(0);
			expect(two.seen.length).toBeGreaterThan(0);
		});

		it("delivers to a consumer that comes after the publication", async () => {
			const fact = aFact();
			await facts.publish([fact]);
			const late = recorder();

			await facts.consume(late.consumer);

			await until("the deliveries", () => late.seen.length === 1);
			expect(late.ids()).toEqual([fact.id]);
		});

		it("keeps facts for a group that is away, and repeats none that it has handled", async () => {
			const first = recorder();
			const stop = await facts.consume(first.consumer);
			await facts.publish([aFact()]);
			await until("the deliveries", () => first.seen.length === 1);
			await stop();
			const missed = [aFact(), aFact()];
			await facts.publish(missed);
			const back = recorder();

			await (await bench.open()).consume(back.consumer);

			await until("the deliveries", () => back.seen.length === 2);
			await idle();
			expect(first.seen).toHaveLength(1);
			expect(back.ids()).toEqual(missed.map(({ id }) => id));
		});

		it("delivers a fact once, however often its id is published", async () => {
			const { seen, consumer } = recorder();
			const fact = aFact({ at: new Date() }); // a handled fact that is old would be deleted, and its id forgotten
			const last = aFact();
			await facts.consume(consumer);

			await facts.publish([fact, fact]);
			await Promise.all([facts.publish([fact]), (await bench.open()).publish([fact])]);
			await facts.publish([last]);

			await until("the deliveries", () => seen.some(({ fact: { id } }) => id === last.id));
			await idle();
			expect(seen.map(({ fact: { id } }) => id)).toEqual([fact.id, last.id]);
		});

		it("delivers a rejected fact again, with the number of the attempt", async () => {
			const { seen, consumer } = recorder({
				handle: async (_, attempt) => {
					if (attempt < 3) throw new Error("not yet");
				}
			});
			await facts.consume(consumer);

			await facts.publish([aFact()]);

			await until("the deliveries", () => seen.length === 3);
			await idle();
			expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
			expect((await facts.deadLetters({ skip: 0, limit: 10 })).total).toBe(0);
		});

		it("delivers the other facts while one waits for its next attempt", async () => {
			const [bad, good] = [aFact(), aFact()];
			const { seen, consumer } = recorder({
				maxInFlight: 1,
				handle: async fact => {
					if (fact.id === bad.id) throw new Error("bad");
				}
			});
			await facts.consume(consumer);

			await facts.publish([bad, good]);

			await until("the deliveries", () => seen.length === 4);
			expect(seen.at(-1)?.fact.id).toBe(bad.id);
		});

		it("lists dead letters newest first, for the failing consumer alone", async () => {
			const bad = failing();
			const fine = recorder({ group: "audit" });
			await facts.consume(bad.consumer);
			await facts.consume(fine.consumer);
			const [first, second] = [aFact({ payload: { n: 1 } }), aFact({ payload: { n: 2 } })];

			for (const [n, fact] of [first, second].entries()) {
				await facts.publish([fact]);
				await until(
					"the dead letter",
					async () => (await facts.deadLetters({ skip: 0, limit: 10 })).total === n + 1
				);
			}

			const { items } = await facts.deadLetters({ skip: 0, limit: 10 });
			const expected = { event: "order.paid", consumer: "payments", error: "no stock", attempts: 3 };
			expect(items).toMatchObject([
				{ ...expected, factId: second.id, payload: { n: 2 }, at: expect.any(Date) },
				{ ...expected, factId: first.id, payload: { n: 1 }, at: expect.any(Date) }
			]);
			expect(bad.seen).toHaveLength(6);
			expect(fine.seen).toHaveLength(2);
			expect(await facts.deadLetters({ skip: 1, limit: 1 })).toEqual({ items: [items[1]], total: 2 });
			expect((await facts.lag()).map(({ pending }) => pending)).toEqual([0, 0]);
		});

		it("takes any thrown value for an error", async () => {
			const { consumer } = recorder({
				handle: () => {
					// eslint-disable-next-line @typescript-eslint/only-throw-error -- what other code may do
					throw { code: 500, text: "at once, and no Error" };
				}
			});
			await facts.consume(consumer);

			await facts.publish([aFact()]);

			await until(
				"the dead letter",
				async () => (await facts.deadLetters({ skip: 0, limit: 1 })).total === 1
			);
			const { items } = await facts.deadLetters({ skip: 0, limit: 1 });
			expect(items[0]?.error).toContain("at once, and no Error");
		});

		it("replays a dead letter to its consumer alone, from attempt 1, once", async () => {
			let broken = true;
			const { seen, consumer } = recorder({
				handle: async () => {
					if (broken) throw new Error("broken");
				}
			});
			const audit = recorder({ group: "audit" });
			await facts.consume(consumer);
			await facts.consume(audit.consumer);
			await facts.publish([aFact()]);
			await until(
				"the dead letter",
				async () => (await facts.deadLetters({ skip: 0, limit: 1 })).total === 1
			);
			const [letter] = (await facts.deadLetters({ skip: 0, limit: 1 })).items;
			const id = letter?.id ?? "";
			broken = false;

			const answers = await Promise.all([facts.replay(id), facts.replay(id), facts.discard(id)]);

			await until("the deliveries", () => seen.length === 4);
			await idle();
			expect(answers).toEqual([true, false, false]);
			expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 1]);
			expect(audit.seen).toHaveLength(1);
			expect((await facts.deadLetters({ skip: 0, limit: 1 })).total).toBe(0);
		});

		it("discards a dead letter once", async () => {
			const { consumer } = failing();
			await facts.consume(consumer);
			await facts.publish([aFact()]);
			await until(
				"the dead letter",
				async () => (await facts.deadLetters({ skip: 0, limit: 1 })).total === 1
			);
			const [letter] = (await facts.deadLetters({ skip: 0, limit: 1 })).items;
			const id = letter?.id ?? "";

			const answers = [await facts.discard(id), await facts.discard(id), await facts.replay(id)];

			expect(answers).toEqual([true, false, false]);
			expect((await facts.deadLetters({ skip: 0, limit: 1 })).total).toBe(0);
		});

		it("runs a handler that takes longer than the lease once", async () => {
			const elsewhere = await bench.open();
			const handle = () => new Promise<void>(resolve => setTimeout(resolve, 3 * bench.leaseMs));
			const here = recorder({ handle });
			const there = recorder({ handle });
			await facts.consume(here.consumer);
			await elsewhere.consume(there.consumer);

			await facts.publish([aFact()]);

			await until("the deliveries", () => here.seen.length + there.seen.length > 0);
			await idle();
			expect(here.seen.length + there.seen.length).toBe(1);
		});

		it("runs no more handlers at once than the consumer allows", async () => {
			let running = 0;
			let most = 0;
			const { seen, consumer } = recorder({
				maxInFlight: 3,
				handle: async () => {
					most = Math.max(most, ++running);
					await new Promise(resolve => setTimeout(resolve, 2));
					running--;
				}
			});
			await facts.consume(consumer);

			await facts.publish(Array.from({ length: 30 }, () => aFact()));

			await until("the deliveries", () => seen.length === 30);
			expect(most).toBe(3);
		});

		it("waits for the running handler when it is stopped, and delivers nothing after", async () => {
			let finish = () => {};
			let finished = false;
			const { seen, consumer } = recorder({
				maxInFlight: 1,
				handle: async () => {
					await new Promise<void>(resolve => (finish = resolve));
					finished = true;
				}
			});
			const stop = await facts.consume(consumer);
			await facts.publish([aFact(), aFact()]);
			await until("the deliveries", () => seen.length === 1);

			const stopping = stop().then(() => finished);
			finish();

			expect(await stopping).toBe(true);
			expect(await facts.lag()).toMatchObject([{ pending: 1 }]);
			expect(seen).toHaveLength(1);
		});

		it("waits for the running handlers of every consumer when it is closed", async () => {
			const finished: string[] = [];
			const groups = ["payments", "audit", "orders"].map(group =>
				recorder({
					group,
					handle: async () => {
						await new Promise(resolve => setTimeout(resolve, 20));
						finished.push(group);
					}
				})
			);
			const stops = await Promise.all(groups.map(({ consumer }) => facts.consume(consumer)));
			await facts.publish([aFact()]);
			await until("the deliveries", () => groups.every(({ seen }) => seen.length === 1));

			const stopping = stops[0]?.();
			await facts.close();

			expect(finished.sort()).toEqual(["audit", "orders", "payments"]);
			await stopping;
			expect((await (await bench.open()).lag()).map(({ pending }) => pending)).toEqual([0, 0, 0]);
		});

		it("reports the backlog of each group and since when", async () => {
			const done = recorder();
			const stop = await facts.consume(recorder({ group: "audit" }).consumer);
			await stop();
			await facts.consume(done.consumer);
			const [older, newer] = [aFact({ at: new Date(1_000_000) }), aFact({ at: new Date(2_000_000) })];

			await facts.publish([older, newer]);

			await until("the deliveries", () => done.seen.length === 2);
			await until("no backlog", async () => (await facts.lag()).some(({ pending }) => pending === 0));
			const lag = (await facts.lag()).toSorted((a, b) => a.consumer.localeCompare(b.consumer));
			expect(lag).toEqual([
				{ consumer: "audit", event: "order.paid", pending: 2, oldestAt: older.at },
				{ consumer: "payments", event: "order.paid", pending: 0, oldestAt: null }
			]);
		});

		it("loses none of a burst of 5,000 facts", async () => {
			const { ids, consumer } = recorder();
			await facts.consume(consumer);
			const published = Array.from({ length: 5000 }, (_, n) => aFact({ payload: { n } }));

			const calls = Array.from({ length: 500 }, (_, n) => published.slice(n * 10, n * 10 + 10));
			await Promise.all(calls.map(some => facts.publish(some)));

			await until("the deliveries", () => new Set(ids()).size >= 5000);
			await idle();
			// Some may come twice: on a busy machine an acknowledgement may be late.
			expect([...new Set(ids())].sort()).toEqual(published.map(({ id }) => id).sort());
		});
	});
}
