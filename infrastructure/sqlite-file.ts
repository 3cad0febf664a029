import { existsSync, mkdirSync, rmSync, statfsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

const openDatabases = new Map<string, DatabaseSync>();

/** Level by level: Node's own `recursive` never comes back from folders where none can be made, as under /proc. */
export function createFolder(path: string): void {
	if (existsSync(path)) return;
	createFolder(dirname(path));
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
export function openDatabase(dataDir: string, sync: "normal" | "full" = "normal"): DatabaseSync {
	const file = join(dataDir, "zjmall.db");
	const known = openDatabases.get(file);
	if (known) return known;
	createFolder(resolve(dataDir));
	const db = new DatabaseSync(file, { timeout: 10_000 });
	db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${sync}; PRAGMA cache_size = -65536`);
	openDatabases.set(file, db);
	return db;
}

/** With less to begin with, a shop would soon be refused every write. */
const MIN_FREE_BYTES = 1 << 20;

/** Throws when the folder's disk is as good as full. */
export function assertDiskSpace(dataDir: string): void {
	createFolder(resolve(dataDir));
	const { bavail, bsize } = statfsSync(dataDir);
	if (bavail * bsize < MIN_FREE_BYTES)
		throw new Error(`磁盘已满 its disk is full (${bavail * bsize} bytes left)`);
}

/** Closes the folder's database, as the last act of a process (or of a test). */
export function closeDatabase(dataDir: string): void {
	const file = join(dataDir, "zjmall.db");
	openDatabases.get(file)?.close();
	openDatabases.delete(file);
}

/** Deletes the folder's database and nothing else of the folder; answers what was there. */
export function deleteDatabase(dataDir: string): string[] {
	closeDatabase(dataDir);
	const files = ["zjmall.db", "zjmall.db-wal", "zjmall.db-shm"].map(name => join(dataDir, name));
	const present = files.filter(file => existsSync(file));
	for (const file of present) rmSync(file);
	return present;
}

/** The disk takes no more: nothing of the write is stored. A trouble of the shop for a while, like a server that is away. */
export class DiskError extends Error {
	readonly type = "STORE_UNAVAILABLE";
	override readonly name = "DiskTrouble";
}

/** SQLite's primary codes for a disk that is full, fails, can't be written to, or has no room for the files beside the database. */
const DISK_ERROR_CODES = [13, 10, 8, 14];

const isDiskError = (err: unknown) =>
	err instanceof Error && "errcode" in err && DISK_ERROR_CODES.includes(Number(err.errcode) & 0xff);

/** Runs what reads or writes the file; what its disk refuses is a `DiskTrouble`. */
export function rethrowDiskErrors<R>(work: () => R): R {
	try {
		return work();
	} catch (err) {
		if (!isDiskError(err) || !(err instanceof Error)) throw err;
		throw new DiskError(`The data folder can't be written to (${err.message})`, { cause: err });
	}
}

/** Runs `work` in one write transaction: all of it is stored, or, when it throws, none. Not to be nested. */
export const runInTransaction = <R>(db: DatabaseSync, work: () => R): R =>
	rethrowDiskErrors(() => {
		db.exec("BEGIN IMMEDIATE");
		try {
			const result = work();
			db.exec("COMMIT");
			return result;
		} catch (err) {
			if (db.isTransaction) db.exec("ROLLBACK");
			throw err;
		}
	});
