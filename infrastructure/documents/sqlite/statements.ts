import type { DatabaseSync, StatementSync } from "node:sqlite";
import { rethrowDiskErrors } from "../../sqlite-file";

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/**
 * The statement for this SQL, prepared once a handle. Two loops over the same statement would disturb each other: whoever
 * iterates one finishes (or leaves the loop) before anyone else can run, that is, without an `await` in between.
 */
export function prepare(db: DatabaseSync, sql: string): StatementSync {
	let known = prepared.get(db);
	if (!known) prepared.set(db, (known = new Map<string, StatementSync>()));
	let found = known.get(sql);
	if (!found) known.set(sql, (found = db.prepare(sql)));
	return found;
}

/** Whether SQLite refused a row because of a UNIQUE or PRIMARY KEY constraint. */
export const isUniqueViolation = (err: unknown): boolean =>
	typeof err === "object" && err !== null && "errcode" in err && [1555, 2067].includes(Number(err.errcode));

/** Runs reads on one state of the file: what other processes write meanwhile is not seen in the middle. */
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
