import type { DatabaseSync } from "node:sqlite";
import { groupCommitOf } from "../group-commit";
import type { KeyValueStore } from "./key-value";

const TABLE = `
	CREATE TABLE IF NOT EXISTS key_values (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER);
	CREATE INDEX IF NOT EXISTS key_values_by_expiry ON key_values (expires_at) WHERE expires_at IS NOT NULL;
`;

/**
 * A key-value store in a table of the embedded SQLite file: values survive a restart and are shared by all processes on
 * the file. The caller opens and closes the database.
 */
export function createSqliteKeyValueStore(
	db: DatabaseSync,
	{ now = Date.now }: { readonly now?: () => number } = {}
): KeyValueStore {
	renameFormerTable(db);
	const group = groupCommitOf(db);
	group.createTables(TABLE);
	const read = db.prepare(
		"SELECT value FROM key_values WHERE key = ? AND (expires_at IS NULL OR expires_at > ?)"
	);
	const write = db.prepare(
		`INSERT INTO key_values (key, value, expires_at) VALUES (?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`
	);
	const remove = db.prepare("DELETE FROM key_values WHERE key = ?");
	const take = db.prepare("DELETE FROM key_values WHERE key = ? RETURNING value, expires_at AS expiresAt");
	// Each write adds at most one row and deletes up to two expired ones: expired rows can't pile up, and no write is held up.
	const deleteExpired = db.prepare(
		`DELETE FROM key_values WHERE rowid IN
		(SELECT rowid FROM key_values WHERE expires_at <= ? ORDER BY expires_at LIMIT 2)`
	);

	function valueOf<V>(key: string): V | null {
		const row = read.get(key, now()) as { value: string } | undefined;
		return row ? (JSON.parse(row.value) as V) : null;
	}

	return {
		async get<V>(key: string) {
			return group.read(() => valueOf<V>(key));
		},

		async update<V>(key: string, next: (before: V | null) => V | null, ttlMs?: number) {
			return group.write(() => {
				const after = next(valueOf<V>(key));
				if (after === null) remove.run(key);
				else write.run(key, JSON.stringify(after), ttlMs === undefined ? null : now() + ttlMs);
				deleteExpired.run(now());
				return after;
			});
		},

		async take<V>(key: string) {
			const row = (await group.write(() => take.get(key))) as
				{ value: string; expiresAt: number | null } | undefined;
			if (!row || (row.expiresAt !== null && row.expiresAt <= now())) return null;
			return JSON.parse(row.value) as V;
		},

		async close() {}
	};
}

/** Earlier versions called the table `hot_state`. */
function renameFormerTable(db: DatabaseSync): void {
	const exists = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'hot_state'");
	if (!exists.get()) return;
	db.exec("DROP INDEX IF EXISTS hot_state_by_expiry; ALTER TABLE hot_state RENAME TO key_values");
}
