import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ulid } from "ulid";
import { runInTransaction, rethrowDiskErrors } from "../../sqlite-file";
import { processEndedError } from "../retry-policy";
import type { DeadLetter, Lag, StoredFact } from "../transport";

/** A fact claimed for one consumer. The process that claimed it owns it until its lease ends. */
export type Delivery = {
	readonly consumer: number;
	readonly seq: number;
	readonly attempt: number;
	readonly fact: StoredFact;
};

/** The outcome of a delivery: the fact was handled, is retried at the time `due`, or was given up. */
export type Outcome = { readonly delivery: Delivery } & (
	| { readonly kind: "handled" }
	| { readonly kind: "retry"; readonly due: number }
	| { readonly kind: "dead"; readonly error: string }
);

export type FactQueue = ReturnType<typeof openFactQueue>;

// The backlog of a consumer: the facts of its event from `next` on, and its rows in fact_deliveries. SQLite has one writer at
// a time, so facts appear in the order of `seq` and `next` can skip none. A delivery may be claimed at `due`: the end of its
// back-off while it waits, the end of its lease while a process (`owner`) is handling it.
// AUTOINCREMENT keeps a seq from being used again after the newest facts were swept away.
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
	removeDelivery: "DELETE FROM fact_deliveries WHERE consumer = ? AND seq = ? AND owner = ?",
	postpone: "UPDATE fact_deliveries SET due = ?, owner = NULL WHERE consumer = ? AND seq = ? AND owner = ?",
	addDeadLetter:
		"INSERT INTO fact_dead_letters (id, consumer, seq, error, attempts, at) VALUES (?, ?, ?, ?, ?, ?)",

	deadLetters: `SELECT d.id, c.name AS consumer, d.error, d.attempts, d.at, facts.id AS factId, facts.event, facts.payload
		FROM fact_dead_letters d JOIN facts USING (seq) JOIN fact_consumers c ON c.id = d.consumer
		ORDER BY d.id DESC LIMIT ? OFFSET ?`,
	countDeadLetters: "SELECT count(*) AS total FROM fact_dead_letters",
	removeDeadLetter: "DELETE FROM fact_dead_letters WHERE id = ? RETURNING consumer, seq",
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
	// Facts that a consumer has yet to handle, is handling or gave up are kept, however old they are.
	sweep: `DELETE FROM facts WHERE seq > ? AND seq <= ? AND at < ? AND NOT EXISTS (
		SELECT 1 FROM fact_consumers c WHERE c.event = facts.event AND (c.next <= facts.seq
			OR EXISTS (SELECT 1 FROM fact_deliveries WHERE consumer = c.id AND seq = facts.seq)
			OR EXISTS (SELECT 1 FROM fact_dead_letters WHERE consumer = c.id AND seq = facts.seq)))`
};

/** The most facts that one step of the sweep reads: it takes about a millisecond. */
const SWEEP_PAGE = 500;

type FactRow = { seq: number; id: string; event: string; payload: string; at: number };
type DueRow = { seq: number; attempts: number };
type DeadRow = Omit<DeadLetter, "payload" | "at"> & { payload: string; at: number };
type LagRow = Omit<Lag, "oldestAt"> & { oldestAt: number | null };
type PageRow = { last: number; oldestAt: number; size: number } | { last: null };

const toFact = ({ id, event, payload, at }: FactRow): StoredFact => ({
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
 * The tables of the embedded facts transport, for the process `owner`. `claim`, `extend` and `settle` must be called within a
 * transaction, so that many of them share one commit. Times are in ms since the epoch.
 */
export function openFactQueue(db: DatabaseSync, owner: string, leaseMs: number, maxAttempts: number) {
	runInTransaction(db, () => db.exec(TABLES));
	const sql = prepare(db);

	const addDeadLetter = (consumer: number, seq: number, error: string, attempts: number) =>
		sql.addDeadLetter.run(ulid(), consumer, seq, error, attempts, Date.now());

	/** Claims deliveries whose back-off or lease has ended. A `due` after `latest` came from a wrong clock, and counts as ended. */
	function claimDue(consumer: number, limit: number, now: number, latest: number): Delivery[] {
		const due = sql.takeDue.all(owner, now + leaseMs, consumer, consumer, now, latest, limit) as DueRow[];
		return due
			.toSorted((a, b) => a.seq - b.seq)
			.flatMap(({ seq, attempts }) => {
				if (attempts <= maxAttempts)
					return [{ consumer, seq, attempt: attempts, fact: toFact(sql.fact.get(seq) as FactRow) }];
				sql.removeDelivery.run(consumer, seq, owner);
				addDeadLetter(consumer, seq, processEndedError(maxAttempts), maxAttempts);
				return [];
			});
	}

	/** Claims facts that the consumer has not been given yet. */
	function claimNew(consumer: number, limit: number, now: number): Delivery[] {
		const rows = sql.newFacts.all(consumer, limit) as FactRow[];
		for (const { seq } of rows) sql.takeNew.run(consumer, seq, now + leaseMs, owner);
		const last = rows.at(-1);
		if (last) sql.advance.run(last.seq + 1, consumer);
		return rows.map(row => ({ consumer, seq: row.seq, attempt: 1, fact: toFact(row) }));
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

		/** Registers the consumer where it is new, and returns its number. A new one begins with the oldest fact kept. */
		ensureConsumer(group: string, event: string): number {
			sql.addConsumer.run(event, group);
			return (sql.consumer.get(event, group) as { id: number }).id;
		},

		/** The numbers of all consumers that have something to claim now, by one query. */
		findReady: (now: number, latest: number) =>
			(sql.ready.all(now, latest) as { id: number }[]).map(({ id }) => id),

		/** Within a transaction. Oldest first, up to `limit`. */
		claim(consumer: number, limit: number, now: number, latest: number): Delivery[] {
			const due = claimDue(consumer, limit, now, latest);
			return due.length < limit ? [...due, ...claimNew(consumer, limit - due.length, now)] : due;
		},

		/** Within a transaction. Extends the lease of a delivery whose handler is running. */
		extend({ consumer, seq }: Delivery, now: number): void {
			sql.extend.run(now + leaseMs, consumer, seq, owner);
		},

		/** Within a transaction. False if the lease had ended, and another process has claimed the fact. */
		settle(outcome: Outcome): boolean {
			const { consumer, seq, attempt } = outcome.delivery;
			if (outcome.kind === "retry")
				return sql.postpone.run(outcome.due, consumer, seq, owner).changes === 1;
			const ours = sql.removeDelivery.run(consumer, seq, owner).changes === 1;
			if (ours && outcome.kind === "dead") addDeadLetter(consumer, seq, outcome.error, attempt);
			return ours;
		},

		deadLetters({ skip, limit }: { readonly skip: number; readonly limit: number }) {
			const rows = sql.deadLetters.all(limit, skip) as DeadRow[];
			const items: DeadLetter[] = rows.map(({ payload, at, ...row }) => ({
				...row,
				payload: JSON.parse(payload) as StoredFact["payload"],
				at: new Date(at)
			}));
			return { items, total: (sql.countDeadLetters.get() as { total: number }).total };
		},

		/** Makes the dead letter a delivery again, and returns the consumer's number; null where there is none of that id. */
		replay: (id: string): number | null =>
			runInTransaction(db, () => {
				const dead = sql.removeDeadLetter.get(id) as { consumer: number; seq: number } | undefined;
				if (!dead) return null;
				sql.redeliver.run(dead.consumer, dead.seq, Date.now());
				return dead.consumer;
			}),

		discard: (id: string): boolean => rethrowDiskErrors(() => sql.removeDeadLetter.get(id)) !== undefined,

		lag: (): Lag[] =>
			(sql.lag.all() as LagRow[]).map(({ consumer, event, pending, oldestAt }) => ({
				consumer,
				event,
				pending,
				oldestAt: oldestAt === null ? null : new Date(oldestAt)
			})),

		/** Deletes the handled facts from before `cutoff` among the next SWEEP_PAGE after `after`. Returns where to go on, 0 at the end. */
		sweep(after: number, cutoff: number): number {
			const page = sql.page.get(after, SWEEP_PAGE) as PageRow;
			if (page.last === null || page.oldestAt >= cutoff) return 0;
			sql.sweep.run(after, page.last, cutoff);
			return page.size < SWEEP_PAGE ? 0 : page.last;
		}
	};
}
