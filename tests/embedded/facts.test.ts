import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSqliteFacts, type SqliteFactsOptions } from "../../infrastructure/facts/sqlite/facts";
import type { FactsTransport } from "../../infrastructure/facts/transport";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { aFact, factsContract, recorder } from "../contracts/facts.contract";
import { until } from "../support/until";
import { ROOT, RUN_TYPESCRIPT } from "../support/root";

const logger = { info() {}, warn() {}, error() {}, debug() {} };
const leaseMs = 1_000;

function openQueue() {
	const dataDir = mkdtempSync(join(tmpdir(), "facts-"));
	openDatabase(dataDir);
	const open = new Map<FactsTransport, DatabaseSync>();
	return {
		dataDir,
		leaseMs,
		async open(options: Partial<SqliteFactsOptions> = {}) {
			const db = new DatabaseSync(join(dataDir, "zjmall.db"), { timeout: 10_000 });
			const facts = createSqliteFacts(db, {
				logger,
				leaseMs,
				pollMs: 20,
				backoffMs: [10, 20],
				...options
			});
			open.set(facts, db);
			return facts;
		},
		async stop() {
			for (const [facts, db] of open) {
				await facts.close();
				db.close();
			}
			closeDatabase(dataDir);
			rmSync(dataDir, { recursive: true });
		}
	};
}

factsContract("SQLite", async () => openQueue());

describe("facts over SQLite", () => {
	let queue: ReturnType<typeof openQueue>;
	let children: ChildProcess[];
	beforeEach(() => {
		queue = openQueue();
		children = [];
	});
	afterEach(async () => {
		for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && !signalCode)) {
			child.kill("SIGKILL");
			await once(child, "exit");
		}
		await queue.stop();
	});

	/** Starts another process with a consumer; resolves when it consumes. */
	async function startWorker(mode: "work" | "hang", lease = leaseMs) {
		const child = fork(join(__dirname, "facts.worker.ts"), [queue.dataDir, String(lease), mode], {
			execArgv: RUN_TYPESCRIPT,
			cwd: ROOT
		});
		children.push(child);
		const seen: { id: string; attempt: number }[] = [];
		let ready = false;
		child.on("message", (message: "ready" | { id: string; attempt: number }) => {
			if (message === "ready") ready = true;
			else seen.push(message);
		});
		await until("the start of the worker", () => ready);
		return { child, seen };
	}

	/** Publishes a fact, and kills the process that is handling it. */
	async function publishOrphanedFact() {
		const facts = await queue.open();
		const { child, seen } = await startWorker("hang");
		const fact = aFact();
		await facts.publish([fact]);
		await until("the deliveries", () => seen.length === 1);
		child.kill("SIGKILL");
		await once(child, "exit");
		return { facts, fact };
	}

	it("delivers the fact of a killed process again", async () => {
		const { facts, fact } = await publishOrphanedFact();

		const rescuer = recorder();
		await facts.consume(rescuer.consumer);

		await until("the deliveries", () => rescuer.seen.length === 1);
		await until("no backlog", async () => (await facts.lag())[0]?.pending === 0);
		expect(rescuer.seen).toEqual([{ fact, attempt: 2 }]);
	});

	it("delivers it again also when the killed process's clock was an hour ahead", async () => {
		const { facts, fact } = await publishOrphanedFact();

		openDatabase(queue.dataDir).exec("UPDATE fact_deliveries SET due = due + 3600000");
		const rescuer = recorder();
		await facts.consume(rescuer.consumer);

		await until("the deliveries", () => rescuer.seen.length === 1);
		expect(rescuer.seen).toEqual([{ fact, attempt: 2 }]);
	});

	it("shares the facts of a group between processes and delivers none twice", async () => {
		const facts = await queue.open();
		const workers = await Promise.all([startWorker("work", 60_000), startWorker("work", 60_000)]);
		const published = Array.from({ length: 2000 }, () => aFact());

		for (let n = 0; n < 2000; n += 20) {
			await facts.publish(published.slice(n, n + 20));
			await new Promise(resolve => setImmediate(resolve));
		}

		await until("no backlog", async () => (await facts.lag())[0]?.pending === 0);
		for (const { child } of workers) {
			child.send("stop");
			await once(child, "exit");
		}
		const done = workers.flatMap(({ seen }) => seen);
		expect(done.map(({ id }) => id).sort()).toEqual(published.map(({ id }) => id).sort());
		expect(workers.every(({ seen }) => seen.length > 0)).toBe(true);
	});

	it("gives up a fact whose process dies in every attempt", async () => {
		const facts = await queue.open({ backoffMs: [] });
		const { child, seen } = await startWorker("hang");
		const fact = aFact();
		await facts.publish([fact]);
		await until("the deliveries", () => seen.length === 1);

		child.kill("SIGKILL");
		await once(child, "exit");
		const rescuer = recorder();
		await facts.consume(rescuer.consumer);

		await until(
			"the dead letter",
			async () => (await facts.deadLetters({ skip: 0, limit: 1 })).total === 1
		);
		const { items } = await facts.deadLetters({ skip: 0, limit: 1 });
		expect(items[0]).toMatchObject({ factId: fact.id, error: expect.stringContaining("process ended") });
		expect(rescuer.seen).toEqual([]);
	});

	it("starts the handler at once, without waiting for a poll", async () => {
		const facts = await queue.open({ pollMs: 3_600_000, leaseMs: 3_600_000 });
		const { seen, consumer } = recorder({
			handle: async (_, attempt) => {
				if (attempt === 1) throw new Error("again, after the back-off");
			}
		});
		await facts.consume(consumer);

		await facts.publish([aFact()]);

		await until("the deliveries", () => seen.length === 2);
		expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2]);
	});

	it("delivers a fact once that its own process handles, although the event loop was blocked beyond the lease", async () => {
		const facts = await queue.open();
		const { seen, consumer } = recorder({
			handle: async () => {
				Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * leaseMs);
				await facts.publish([aFact({ event: "order.cancelled" })]);
				await new Promise(resolve => setTimeout(resolve, leaseMs));
			}
		});
		await facts.consume(consumer);

		await facts.publish([aFact()]);

		await until("no backlog", async () => seen.length > 0 && (await facts.lag())[0]?.pending === 0);
		expect(seen).toHaveLength(1);
	});

	it("deletes old facts that every group has handled, and no others", async () => {
		const old = new Date(Date.now() - 10_000);
		const done = [aFact({ at: old }), aFact({ at: old, event: "nobody.consumes" })];
		const kept = {
			young: aFact({ at: new Date(Date.now() + 60_000) }),
			dead: aFact({ at: old, event: "order.cancelled" }),
			awaited: aFact({ at: old, event: "order.shipped" })
		};
		const before = await queue.open();
		await (
			await before.consume(recorder({ group: "away", event: "order.shipped" }).consumer)
		)();
		await before.consume(recorder().consumer);
		await before.consume(
			recorder({ event: "order.cancelled", handle: () => Promise.reject(new Error("no")) }).consumer
		);
		await before.publish([...done, ...Object.values(kept)]);
		await until(
			"the dead letter",
			async () => (await before.deadLetters({ skip: 0, limit: 1 })).total === 1
		);
		await until(
			"no backlog",
			async () => (await before.lag()).reduce((sum, { pending }) => sum + pending, 0) === 1
		);
		await before.close();
		const after = await queue.open({ keepMs: 5_000 });
		const stored = () =>
			openDatabase(queue.dataDir)
				.prepare("SELECT id FROM facts")
				.all()
				.map(({ id }) => id);

		await after.consume(recorder().consumer);

		await until("the cleanup", () => stored().length < 5);
		expect(stored().sort()).toEqual(
			Object.values(kept)
				.map(({ id }) => id)
				.sort()
		);
	});

	it("stores a publication whole or not at all", async () => {
		const facts = await queue.open();
		const { seen, consumer } = recorder();
		await facts.consume(consumer);
		const circular: Record<string, unknown> = {};
		circular.self = circular;

		const refused = facts.publish([aFact(), aFact({ at: new Date(NaN) })]);
		const unwritable = facts.publish([aFact(), aFact({ payload: circular })]);

		await expect(refused).rejects.toThrow(/NOT NULL|bound/);
		await expect(unwritable).rejects.toThrow(/circular/);
		const good = aFact();
		await facts.publish([good]);
		await until("the deliveries", () => seen.length > 0);
		expect(seen.map(({ fact }) => fact.id)).toEqual([good.id]);
	});
});
