import type { DatabaseSync, StatementSync } from "node:sqlite";

// The backlog of a consumer: the facts of its event from `next` on, and its rows in fact_deliveries. SQLite has one writer at
// a time, so facts appear in the order of `seq` and `next` can skip none. A delivery may be claimed at `due`: the end of its
// back-off while it waits, the end of its lease while a process (`owner`) is handling it.
// AUTOINCREMENT keeps a seq from being used again after the newest facts were swept away.
export const TABLES = `
	CREATE TABLE IF NOT EXISTS facts (
		seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, event TEXT NOT NULL, payload TEXT NOT NULL, at INTEGER NOT NULL,
		traceparent TEXT);
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

/** Files of earlier versions have no column for the trace of a fact. */
export function addTraceColumn(db: DatabaseSync, runAlone: (work: () => void) => void): void {
	const isMissing = () =>
		!db.prepare("SELECT 1 FROM pragma_table_info('facts') WHERE name = 'traceparent'").get();
	if (isMissing()) runAlone(() => isMissing() && db.exec("ALTER TABLE facts ADD COLUMN traceparent TEXT"));
}

/** The columns of a fact. */
export const FACT = "facts.seq, facts.id, facts.event, facts.payload, facts.at, facts.traceparent";

const SQL = {
	publish:
		"INSERT INTO facts (id, event, payload, at, traceparent) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
	addConsumer: "INSERT INTO fact_consumers (event, name, next) VALUES (?, ?, 0) ON CONFLICT DO NOTHING",
	consumer: "SELECT id FROM fact_consumers WHERE event = ? AND name = ?",
	ready: `SELECT id FROM fact_consumers c
		WHERE EXISTS (SELECT 1 FROM facts WHERE event = c.event AND seq >= c.next)
			OR EXISTS (SELECT 1 FROM fact_deliveries WHERE consumer = c.id AND (due <= ? OR due > ?))`,

	takeDue: `UPDATE fact_deliveries SET attempts = attempts + 1, owner = ?, due = ?
		WHERE consumer = ? AND seq IN (SELECT seq FROM fact_deliveries WHERE consumer = ? AND (due <= ? OR due > ?) ORDER BY due, seq LIMIT ?)
		RETURNING seq, attempts`,
	fact: `SELECT ${FACT} FROM facts WHERE seq = ?`,
	// The oldest facts that each of several consumers has not been given yet.
	newFacts: `SELECT c.id AS consumer, ${FACT} FROM json_each(?) wanted CROSS JOIN fact_consumers c ON c.id = wanted.value
		CROSS JOIN facts ON facts.seq IN (SELECT seq FROM facts WHERE event = c.event AND seq >= c.next ORDER BY seq LIMIT ?)
		ORDER BY facts.seq`,
	takeNew: `INSERT INTO fact_deliveries (consumer, seq, attempts, due, owner)
		SELECT value ->> 0, value ->> 1, 1, ?, ? FROM json_each(?)`,
	advance: `UPDATE fact_consumers SET next = taken.next
		FROM (SELECT value ->> 0 AS consumer, value ->> 1 AS next FROM json_each(?)) taken WHERE id = taken.consumer`,

	extend: "UPDATE fact_deliveries SET due = ? WHERE consumer = ? AND seq = ? AND owner = ?",
	removeDeliveries: `DELETE FROM fact_deliveries
		WHERE (consumer, seq) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?)) AND owner = ? RETURNING consumer, seq`,
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

export const prepareStatements = (db: DatabaseSync) =>
	Object.fromEntries(Object.entries(SQL).map(([name, text]) => [name, db.prepare(text)])) as Record<
		keyof typeof SQL,
		StatementSync
	>;
