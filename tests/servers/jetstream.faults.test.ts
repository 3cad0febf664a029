import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connect } from "nats";
import type { JetstreamFacts } from "../../infrastructure/facts/jetstream/facts";
import { openDatabase } from "../../infrastructure/sqlite-file";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import { aFact, recorder } from "../contracts/facts.contract";
import { startNats, type Server } from "../support/servers";
import { until } from "../support/until";
import { ackWaitMs, openFactsShop } from "./jetstream.facts-shop";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";

let nats: Server;
let shop: ReturnType<typeof openFactsShop>;
beforeEach(async () => {
	nats = await startNats();
	shop = openFactsShop(nats);
});
afterEach(async () => {
	await shop.stop();
	await nats.stop();
});

const sorted = (ids: Iterable<string>) => [...new Set(ids)].sort();
const pending = async (facts: JetstreamFacts) =>
	(await facts.lag()).reduce((sum, lag) => sum + lag.pending, 0);
const dead = async (facts: JetstreamFacts) => (await facts.deadLetters({ skip: 0, limit: 10 })).items;

/** Publishes batches of facts until `stop`, which resolves with their ids. */
function startPublisher(facts: JetstreamFacts) {
	const published: string[] = [];
	const end = new AbortController();
	const work = (async () => {
		while (!end.signal.aborted) {
			const some = Array.from({ length: 20 }, () => aFact());
			await facts.publish(some);
			published.push(...some.map(({ id }) => id));
			await pause(10);
		}
	})();
	return {
		published,
		async stop() {
			end.abort();
			await work;
			return published;
		}
	};
}

describe("when NATS dies", () => {
	it("loses no fact that was published or is being published", async () => {
		const facts = await shop.open();
		const { seen, ids, consumer } = recorder();
		await facts.consume(consumer);
		const publisher = startPublisher(facts);

		for (let n = 1; n <= 3; n++) {
			const before = seen.length;
			await until("facts on their way", () => seen.length > before + 500);
			await nats.kill("SIGKILL");
			await nats.start();
		}

		const published = await publisher.stop();
		await until("no backlog", async () => (await pending(facts)) === 0);
		expect(sorted(ids())).toEqual(sorted(published));
	});

	it("publishes after an outage of eight seconds, and delivers at once", async () => {
		const facts = await shop.open();
		const { ids, consumer } = recorder();
		await facts.consume(consumer);
		await nats.kill("SIGKILL");
		const fact = aFact();

		const publishing = facts.publish([fact]);
		await pause(8000);
		await nats.start();
		await publishing;

		await until("the delivery", () => ids().includes(fact.id));
	});

	it("rejects a publication after its deadline, so that the outbox keeps its facts", async () => {
		const facts = await shop.open({ publishWithinMs: 300 });
		await facts.publish([aFact()]);
		await nats.kill("SIGKILL");

		await expect(facts.publish([aFact()])).rejects.toThrow();
	});

	it("closes while NATS is away", async () => {
		const facts = await shop.open();
		await facts.consume(recorder().consumer);
		await nats.kill("SIGKILL");
		await until("the loss to be noticed", () => !facts.isConnected);

		await facts.close();
	});
});

describe("when NATS loses its store", () => {
	const wipe = async () => {
		await nats.kill("SIGKILL");
		await nats.start({ wiped: true });
	};

	it("loses no published fact, and goes on publishing", async () => {
		const facts = await shop.open();
		const elsewhere = await shop.open();
		const { seen, ids, consumer } = recorder({ maxInFlight: 2, handle: async () => pause(10) });
		await facts.consume(consumer);
		const publisher = startPublisher(elsewhere);
		await until("a backlog", async () => seen.length > 100 && (await pending(facts)) > 300);

		await wipe();

		const published = publisher.published.length;
		await until("facts on their way again", () => publisher.published.length > published + 300);
		const all = await publisher.stop();
		await until("no backlog", async () => (await pending(facts)) === 0);
		expect(sorted(ids())).toEqual(sorted(all));
	});

	it("keeps facts for a group that is away", async () => {
		const facts = await shop.open({ keepJournalMs: 0, sweepEveryMs: 20 });
		const away = await facts.consume(recorder({ group: "audit", event: "order.shipped" }).consumer);
		await away();
		await facts.consume(recorder().consumer);
		const missed = aFact({ event: "order.shipped" });
		await facts.publish([aFact(), missed]);
		await until("only that backlog", async () => (await pending(facts)) === 1);
		const back = recorder({ group: "audit", event: "order.shipped" });

		await wipe();
		await until("the connection", () => facts.isConnected);
		await facts.consume(back.consumer);

		await until("the delivery", () => back.ids().includes(missed.id));
	});

	it("keeps dead letters, and replays them", async () => {
		let failing = true;
		const facts = await shop.open();
		const { seen, consumer } = recorder({
			handle: async () => {
				if (failing) throw new Error("broken");
			}
		});
		await facts.consume(consumer);
		await facts.publish([aFact()]);
		const letter = await until("the dead letter", async () => (await dead(facts))[0]);
		failing = false;

		await wipe();
		const replayed = await facts.replay(letter.id);

		expect(replayed).toBe(true);
		await until("it is handled", async () => seen.length > 3 && (await pending(facts)) === 0);
		expect(await dead(facts)).toEqual([]);
	});

	it("refills the stream from the journal also when it has lost only its newest facts", async () => {
		const facts = await shop.open();
		await facts.publish([aFact()]);
		await nats.kill("SIGKILL");
		cpSync(nats.dir, `${nats.dir}.old`, { recursive: true });
		await nats.start();
		const last = [aFact(), aFact(), aFact()];
		await facts.publish(last);
		await nats.kill("SIGKILL");
		rmSync(nats.dir, { recursive: true });
		cpSync(`${nats.dir}.old`, nats.dir, { recursive: true });
		rmSync(`${nats.dir}.old`, { recursive: true });
		await nats.start();
		const { ids, consumer } = recorder();

		await facts.consume(consumer);

		await until("the deliveries", () => last.every(({ id }) => ids().includes(id)));
	});

	it("makes the stream anew when somebody deletes it under a running shop", async () => {
		const facts = await shop.open();
		const { ids, consumer } = recorder();
		await facts.consume(consumer);
		const [first, second] = [aFact(), aFact()];
		await facts.publish([first]);
		await until("the delivery", () => ids().includes(first.id));

		const operator = await connect({ servers: nats.url });
		await (await operator.jetstreamManager()).streams.delete(`${shop.prefix}_facts`);
		await operator.close();
		await facts.publish([second]);

		await until("the delivery", () => ids().includes(second.id));
	});
});

describe("when the journal", () => {
	it("has facts that every group has handled, they are deleted", async () => {
		const facts = await shop.open({ keepJournalMs: 0, sweepEveryMs: 20 });
		const journal = openSqliteCollection(openDatabase(shop.dataDir), "fact_journal");
		await facts.consume(recorder().consumer);

		await facts.publish(Array.from({ length: 500 }, () => aFact()));

		await until("an empty journal", async () => (await journal.count({})) === 0);
	});
});

describe("when a consumer's process", () => {
	const children: ChildProcess[] = [];
	afterEach(async () => {
		for (const child of children.splice(0)) {
			if (child.exitCode !== null || child.signalCode) continue;
			child.kill("SIGKILL");
			await once(child, "exit");
		}
	});

	/** Starts another process that hangs in its first fact; resolves when it consumes. */
	async function aWorker() {
		const args = [nats.url, shop.prefix, shop.dataDir];
		const child = fork(join(__dirname, "jetstream.worker.ts"), args, {
			execArgv: RUN_TYPESCRIPT,
			cwd: ROOT
		});
		children.push(child);
		const seen: unknown[] = [];
		child.on("message", message => seen.push(message));
		await until("the start of the worker", () => seen.shift() === "ready");
		return { child, seen };
	}

	it("is killed, its facts are delivered to another", async () => {
		const facts = await shop.open();
		const { child, seen } = await aWorker();
		const fact = aFact();
		await facts.publish([fact]);
		await until("the delivery", () => seen.length === 1);

		child.kill("SIGKILL");
		await once(child, "exit");
		const rescuer = recorder();
		await facts.consume(rescuer.consumer);

		await until("the delivery", () => rescuer.seen.length === 1);
		expect(rescuer.seen).toEqual([{ fact, attempt: 2 }]);
	});

	it("dies in every attempt, the fact is given up", async () => {
		const facts = await shop.open({ backoffMs: [] });
		const { child, seen } = await aWorker();
		const fact = aFact();
		await facts.publish([fact]);
		await until("the delivery", () => seen.length === 1);

		child.kill("SIGKILL");
		await once(child, "exit");
		const rescuer = recorder();
		await facts.consume(rescuer.consumer);

		const letter = await until("the dead letter", async () => (await dead(facts))[0]);
		expect(letter).toMatchObject({ factId: fact.id, error: expect.stringContaining("process ended") });
		expect(rescuer.seen).toEqual([]);
	});

	it("blocks for longer than the acknowledgement time, its fact is handled once", async () => {
		const facts = await shop.open();
		const { seen, consumer } = recorder({
			handle: async () => {
				Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3 * ackWaitMs);
				await pause(ackWaitMs + 100);
			}
		});
		await facts.consume(consumer);

		await facts.publish([aFact()]);

		await until("no backlog", async () => seen.length > 0 && (await pending(facts)) === 0);
		expect(seen).toHaveLength(1);
	});
});

it("keeps a fact that is given up until its dead letter can be stored", async () => {
	let full = true;
	const facts = await shop.open({
		backoffMs: [],
		collection: name => {
			const documents = openSqliteCollection<{ _id: string }>(openDatabase(shop.dataDir), name);
			const insert = documents.insert.bind(documents);
			documents.insert = doc =>
				full && name === "facts_dead" ? Promise.reject(new Error("disk full")) : insert(doc);
			return documents as never;
		}
	});
	const { seen, consumer } = recorder({ handle: () => Promise.reject(new Error("broken")) });
	await facts.consume(consumer);
	await facts.publish([aFact()]);
	await until("the last attempt", () => seen.length === 1);
	await until("the fact to be kept", async () => (await pending(facts)) === 1);

	full = false;

	await until("the dead letter", async () => (await dead(facts)).length === 1);
	await until("no backlog", async () => (await pending(facts)) === 0);
	expect(await dead(facts)).toMatchObject([{ error: "broken", attempts: 1 }]);
	expect(seen).toHaveLength(1);
});
