import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

const open = new Map<string, DatabaseSync>();

/** Level by level: Node's own `recursive` never comes back from folders where none can be made, as under /proc. */
export function makeFolder(path: string): void {
	if (existsSync(path)) return;
	makeFolder(dirname(path));
	try {
		mkdirSync(path);
	} catch (err) {
		if (!existsSync(path)) throw err; // another process was first
	}
}

/**
 * The one SQLite file of a data folder: documents, facts and hot state live in it side by side. One handle a process and
 * folder, and any number of processes a file (WAL, writers wait for each other up to 10 s).
 * A commit survives `kill -9`; with `sync` "full" it survives a power cut as well, for about half the write rate.
 */
export function embeddedDatabase(dataDir: string, sync: "normal" | "full" = "normal"): DatabaseSync {
	const file = join(dataDir, "zjmall.db");
	const known = open.get(file);
	if (known) return known;
	makeFolder(resolve(dataDir));
	const db = new DatabaseSync(file, { timeout: 10_000 });
	db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${sync}; PRAGMA cache_size = -65536`);
	open.set(file, db);
	return db;
}

/** Closes the folder's database, as the last act of a process (or of a test). */
export function closeDatabase(dataDir: string): void {
	const file = join(dataDir, "zjmall.db");
	open.get(file)?.close();
	open.delete(file);
}

/** Deletes the folder's database and nothing else of the folder; answers what was there. */
export function deleteDatabase(dataDir: string): string[] {
	closeDatabase(dataDir);
	const files = ["zjmall.db", "zjmall.db-wal", "zjmall.db-shm"].map(name => join(dataDir, name));
	const present = files.filter(file => existsSync(file));
	for (const file of present) rmSync(file);
	return present;
}

/** Runs `work` in one write transaction: all of it is stored, or, when it throws, none. Not to be nested. */
export function atomically<R>(db: DatabaseSync, work: () => R): R {
	db.exec("BEGIN IMMEDIATE");
	try {
		const result = work();
		db.exec("COMMIT");
		return result;
	} catch (err) {
		if (db.isTransaction) db.exec("ROLLBACK");
		throw err;
	}
}
