import type { DatabaseSync, StatementSync } from "node:sqlite";
import { rethrowDiskErrors } from "../../disk-error";

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/**
 * Prepares a statement once for each database handle. Callers share the statement, so a loop over its rows must end before
 * any other code runs: no `await` inside the loop.
 */
export function prepare(db: DatabaseSync, sql: string): StatementSync {
	let statements = prepared.get(db);
	if (!statements) prepared.set(db, (statements = new Map<string, StatementSync>()));
	let statement = statements.get(sql);
	if (!statement) statements.set(sql, (statement = db.prepare(sql)));
	return statement;
}

/** Extended result codes of SQLite: SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE. */
const UNIQUE_VIOLATIONS = [1555, 2067];

export const isUniqueViolation = (err: unknown): boolean =>
	typeof err === "object" &&
	err !== null &&
	"errcode" in err &&
	UNIQUE_VIOLATIONS.includes(Number(err.errcode));

/** Runs several reads on one snapshot of the file, unaffected by concurrent writes of other processes. */
export function runInReadTransaction<R>(db: DatabaseSync, work: () => R): R {
	if (db.isTransaction) return work();
	return rethrowDiskErrors(() => {
		prepare(db, "BEGIN").run();
		try {
			return work();
		} finally {
			prepare(db, "COMMIT").run();
		}
	});
}
