import { existsSync, mkdirSync, rmSync, statfsSync } from "node:fs";
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

/** With less to begin with, a shop would soon be refused every write. */
const ROOM_BYTES = 1 << 20;

/** Throws when the folder's disk is as good as full. */
export function mustHaveRoom(dataDir: string): void {
	makeFolder(resolve(dataDir));
	const { bavail, bsize } = statfsSync(dataDir);
	if (bavail * bsize < ROOM_BYTES)
		throw new Error(`磁盘已满 its disk is full (${bavail * bsize} bytes left)`);
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

/** The disk takes no more: nothing of the write is stored. A trouble of the shop for a while, like a server that is away. */
export class DiskTrouble extends Error {
	readonly type = "STORE_UNAVAILABLE";
	override readonly name = "DiskTrouble";
}

/** SQLite's primary codes for a disk that is full, fails, can't be written to, or has no room for the files beside the database. */
const DISK_TROUBLES = [13, 10, 8, 14];

const isDiskTrouble = (err: unknown) =>
	err instanceof Error && "errcode" in err && DISK_TROUBLES.includes(Number(err.errcode) & 0xff);

/** Runs what reads or writes the file; what its disk refuses is a `DiskTrouble`. */
export function onDisk<R>(work: () => R): R {
	try {
		return work();
	} catch (err) {
		if (!isDiskTrouble(err) || !(err instanceof Error)) throw err;
		throw new DiskTrouble(`The data folder can't be written to (${err.message})`, { cause: err });
	}
}

/** Runs `work` in one write transaction: all of it is stored, or, when it throws, none. Not to be nested. */
export const atomically = <R>(db: DatabaseSync, work: () => R): R =>
	onDisk(() => {
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
