import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ulid } from "ulid";
import { runInTransaction, rethrowDiskErrors } from "../../sqlite-file";
import { processEndedError } from "../retry-policy";
import type { DeadLetter, Lag, StoredFact } from "../transport";

/** One fact on its way to one consumer; whoever claimed it owns it until the lease ends. */
export type Delivery = {
	readonly consumer: number;
	readonly seq: number;
	readonly attempt: number;
	readonly fact: StoredFact;
};

/** How a delivery ended: handled, to be tried again at a time, or given up. */
export type Verdict = { readonly delivery: Delivery } & (
	| { readonly kind: "done" }
	| { readonly kind: "again"; readonly due: number }
	| { readonly kind: "dead"; readonly error: string }
);

export type Queue = ReturnType<typeof factQueue>;

// A consumer has yet to do the facts of its event from `next` on, and its rows in fact_deliveries. Writers to SQLite take
// turns, so facts appear in the order of `seq` and `next` can skip none. `due` is when a delivery may be claimed: the end
// of the back-off while it waits, the end of the lease while somebody (`owner`) works on it.
// AUTOINCREMENT: a seq must not come back after the newest facts were swept away.
const TABLES = `
	CREATE TABLE IF NOT EXISTS facts (
		seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, event TEXT NOT NULL, payload TEXT NOT NULL, at INTEGER NOT NULL);
	CREATE INDEX IF NOT EXISTS facts_by_event ON facts (event, seq);
	CREATE TABLE IF NOT EXISTS fact_consumers (
		id INTEGER PRIMARY KEY, event TEXT NOT NULL, name TEXT NOT NULL, next INTEGER NOT NULL, UNIQUE (event, name));
	CREATE TABLE IF NOT EXISTS fact_deliveries (
		consumer INTEGER NOT NULL, seq INTEGER NOT NULL, attempts INTEGER NOT NULL, due INTEGER NOT NULL, owner TEXT,
		PRIMARY KEY (consumer, seq)) WITHOUT ROWID;
	CREATE INDEX IF NOT EXISTS fact_deliveries_by_due ON fact_deliveries (consumer, due);
	CREATE TABLE IF NOT EXISTS fact_dead_letters (
		id TEXT PRIMARY KEY, consumer INTEGER NOT NULL, seq INTEGER NOT NULL, error TEXT NOT NULL, attempts INTEGER NOT NULL,
		at INTEGER NOT NULL, UNIQUE (consumer, seq));
`;

const FACT = "facts.seq, facts.id, facts.event, facts.payload, facts.at";

const SQL = {
	publish: "INSERT INTO facts (id, event, payload, at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
	addConsumer: "INSERT INTO fact_consumers (event, name, next) VALUES (?, ?, 0) ON CONFLICT DO NOTHING",
	consumer: "SELECT id FROM fact_consumers WHERE event = ? AND name = ?",
	ready: `SELECT id FROM fact_consumers c
		WHERE EXISTS (SELECT 1 FROM facts WHERE event = c.event AND seq >= c.next)
			OR EXISTS (SELECT 1 FROM fact_deliveries WHERE consumer = c.id AND (due <= ? OR due > ?))`,

	takeDue: `UPDATE fact_deliveries SET attempts = attempts + 1, owner = ?, due = ?
		WHERE consumer = ? AND seq IN (SELECT seq FROM fact_deliveries WHERE consumer = ? AND (due <= ? OR due > ?) ORDER BY due, seq LIMIT ?)
		RETURNING seq, attempts`,
	fact: `SELECT ${FACT} FROM facts WHERE seq = ?`,
	newFacts: `SELECT ${FACT} FROM fact_consumers c JOIN facts ON facts.event = c.event AND facts.seq >= c.next
		WHERE c.id = ? ORDER BY facts.seq LIMIT ?`,
	takeNew: "INSERT INTO fact_deliveries (consumer, seq, attempts, due, owner) VALUES (?, ?, 1, ?, ?)",
	advance: "UPDATE fact_consumers SET next = ? WHERE id = ?",

	extend: "UPDATE fact_deliveries SET due = ? WHERE consumer = ? AND seq = ? AND owner = ?",
	done: "DELETE FROM fact_deliveries WHERE consumer = ? AND seq = ? AND owner = ?",
	again: "UPDATE fact_deliveries SET due = ?, owner = NULL WHERE consumer = ? AND seq = ? AND owner = ?",
	bury: "INSERT INTO fact_dead_letters (id, consumer, seq, error, attempts, at) VALUES (?, ?, ?, ?, ?, ?)",

	deadLetters: `SELECT d.id, c.name AS consumer, d.error, d.attempts, d.at, facts.id AS factId, facts.event, facts.payload
		FROM fact_dead_letters d JOIN facts USING (seq) JOIN fact_consumers c ON c.id = d.consumer
		ORDER BY d.id DESC LIMIT ? OFFSET ?`,
	countDead: "SELECT count(*) AS total FROM fact_dead_letters",
	unbury: "DELETE FROM fact_dead_letters WHERE id = ? RETURNING consumer, seq",
	redeliver: "INSERT INTO fact_deliveries (consumer, seq, attempts, due) VALUES (?, ?, 0, ?)",

	lag: `SELECT l.*, facts.at AS oldestAt FROM (
			SELECT c.name AS consumer, c.event,
				(SELECT count(*) FROM facts WHERE event = c.event AND seq >= c.next)
					+ (SELECT count(*) FROM fact_deliveries WHERE consumer = c.id) AS pending,
				coalesce((SELECT min(seq) FROM fact_deliveries WHERE consumer = c.id),
					(SELECT min(seq) FROM facts WHERE event = c.event AND seq >= c.next)) AS oldest
			FROM fact_consumers c ORDER BY c.event, c.name) l
		LEFT JOIN facts ON facts.seq = l.oldest`,

	page: `SELECT max(seq) AS last, min(at) AS oldestAt, count(*) AS size
		FROM (SELECT seq, at FROM facts WHERE seq > ? ORDER BY seq LIMIT ?)`,
	// Whatever somebody has yet to do, does now or gave up is kept, however old.
	sweep: `DELETE FROM facts WHERE seq > ? AND seq <= ? AND at < ? AND NOT EXISTS (
		SELECT 1 FROM fact_consumers c WHERE c.event = facts.event AND (c.next <= facts.seq
			OR EXISTS (SELECT 1 FROM fact_deliveries WHERE consumer = c.id AND seq = facts.seq)
			OR EXISTS (SELECT 1 FROM fact_dead_letters WHERE consumer = c.id AND seq = facts.seq)))`
};

/** How many facts one step of the cleanup reads at most: about a millisecond. */
const SWEEP_PAGE = 500;

type FactRow = { seq: number; id: string; event: string; payload: string; at: number };
type DueRow = { seq: number; attempts: number };
type DeadRow = Omit<DeadLetter, "payload" | "at"> & { payload: string; at: number };
type LagRow = Omit<Lag, "oldestAt"> & { oldestAt: number | null };
type PageRow = { last: number; oldestAt: number; size: number } | { last: null };

const factOf = ({ id, event, payload, at }: FactRow): StoredFact => ({
	id,
	event,
	payload: JSON.parse(payload) as StoredFact["payload"],
	at: new Date(at)
});

const prepare = (db: DatabaseSync) =>
	Object.fromEntries(Object.entries(SQL).map(([name, text]) => [name, db.prepare(text)])) as Record<
		keyof typeof SQL,
		StatementSync
	>;

/**
 * The tables behind the embedded facts transport. `owner` is whoever claims through this queue. `claim`, `extend` and
 * `settle` expect their caller to have begun a transaction, so that many of them share one commit.
 */
export function factQueue(db: DatabaseSync, owner: string, leaseMs: number, maxAttempts: number) {
	runInTransaction(db, () => db.exec(TABLES));
	const sql = prepare(db);

	const bury = (consumer: number, seq: number, error: string, attempts: number) =>
		sql.bury.run(ulid(), consumer, seq, error, attempts, Date.now());

	/** Back-offs that are over, and leases whose owner is gone; also what is due later than `latest`. */
	function claimDue(consumer: number, limit: number, now: number, latest: number): Delivery[] {
		const due = sql.takeDue.all(owner, now + leaseMs, consumer, consumer, now, latest, limit) as DueRow[];
		return due
			.toSorted((a, b) => a.seq - b.seq)
			.flatMap(({ seq, attempts }) => {
				if (attempts <= maxAttempts)
					return [{ consumer, seq, attempt: attempts, fact: factOf(sql.fact.get(seq) as FactRow) }];
				sql.done.run(consumer, seq, owner);
				bury(consumer, seq, processEndedError(maxAttempts), maxAttempts);
				return [];
			});
	}

	function claimNew(consumer: number, limit: number, now: number): Delivery[] {
		const rows = sql.newFacts.all(consumer, limit) as FactRow[];
		for (const { seq } of rows) sql.takeNew.run(consumer, seq, now + leaseMs, owner);
		const last = rows.at(-1);
		if (last) sql.advance.run(last.seq + 1, consumer);
		return rows.map(row => ({ consumer, seq: row.seq, attempt: 1, fact: factOf(row) }));
	}

	return {
		publish(facts: readonly StoredFact[]): void {
			const rows = facts.map(
				({ id, event, payload, at }) => [id, event, JSON.stringify(payload), at.getTime()] as const
			);
			runInTransaction(db, () => {
				for (const row of rows) sql.publish.run(...row);
			});
		},

		/** The consumer's number; a new one begins with the oldest fact kept. */
		consumer(group: string, event: string): number {
			sql.addConsumer.run(event, group);
			return (sql.consumer.get(event, group) as { id: number }).id;
		},

		/** Which consumers have something to claim now: one look for all of them. */
		ready: (now: number, latest: number) =>
			(sql.ready.all(now, latest) as { id: number }[]).map(({ id }) => id),

		/** In a transaction. The oldest first, up to `limit`. */
		claim(consumer: number, limit: number, now: number, latest: number): Delivery[] {
			const due = claimDue(consumer, limit, now, latest);
			return due.length < limit ? [...due, ...claimNew(consumer, limit - due.length, now)] : due;
		},

		/** In a transaction. Goes on holding what is still being worked on. */
		extend({ consumer, seq }: Delivery, now: number): void {
			sql.extend.run(now + leaseMs, consumer, seq, owner);
		},

		/** In a transaction. False when the lease was lost meanwhile: the fact is somebody else's now. */
		settle(verdict: Verdict): boolean {
			const { consumer, seq, attempt } = verdict.delivery;
			if (verdict.kind === "again")
				return sql.again.run(verdict.due, consumer, seq, owner).changes === 1;
			const ours = sql.done.run(consumer, seq, owner).changes === 1;
			if (ours && verdict.kind === "dead") bury(consumer, seq, verdict.error, attempt);
			return ours;
		},

		deadLetters({ skip, limit }: { readonly skip: number; readonly limit: number }) {
			const rows = sql.deadLetters.all(limit, skip) as DeadRow[];
			const items: DeadLetter[] = rows.map(({ payload, at, ...row }) => ({
				...row,
				payload: JSON.parse(payload) as StoredFact["payload"],
				at: new Date(at)
			}));
			return { items, total: (sql.countDead.get() as { total: number }).total };
		},

		/** The consumer that has it to do again, or null when there is no such dead letter (any more). */
		replay: (id: string): number | null =>
			runInTransaction(db, () => {
				const dead = sql.unbury.get(id) as { consumer: number; seq: number } | undefined;
				if (!dead) return null;
				sql.redeliver.run(dead.consumer, dead.seq, Date.now());
				return dead.consumer;
			}),

		discard: (id: string): boolean => rethrowDiskErrors(() => sql.unbury.get(id)) !== undefined,

		lag: (): Lag[] =>
			(sql.lag.all() as LagRow[]).map(({ consumer, event, pending, oldestAt }) => ({
				consumer,
				event,
				pending,
				oldestAt: oldestAt === null ? null : new Date(oldestAt)
			})),

		/** Looks at the next few facts behind `after` and forgets the done ones from before `cutoff`; where to go on, 0 at the end. */
		sweep(after: number, cutoff: number): number {
			const page = sql.page.get(after, SWEEP_PAGE) as PageRow;
			if (page.last === null || page.oldestAt >= cutoff) return 0;
			sql.sweep.run(after, page.last, cutoff);
			return page.size < SWEEP_PAGE ? 0 : page.last;
		}
	};
}
