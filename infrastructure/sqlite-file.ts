import { stat, statfs } from "node:fs/promises";
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statfsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { groupCommitOf } from "./group-commit";

/** Open handles by the path of the file. */
const openDatabases = new Map<string, DatabaseSync>();
/** The inode of each open file. */
const inodes = new WeakMap<DatabaseSync, number>();

/** The name of the SQLite file in a data folder. */
export const DATABASE_FILE = "zjmall.db";
/** The format of the file (`PRAGMA user_version`): 1 since the keys of indexes are columns beside the documents. */
export const FILE_FORMAT = 1;

/** Whether the folder has the file of a shop. */
export const hasDatabase = (dataDir: string): boolean => existsSync(join(dataDir, DATABASE_FILE));

/**
 * Creates a folder level by level: Node's `recursive` option never returns where no folder can be made, as under /proc. Only
 * the own user may enter it, since it holds the shop's data.
 */
export function createFolder(path: string): void {
	if (existsSync(path)) return;
	createFolder(dirname(path));
	try {
		mkdirSync(path, { mode: 0o700 });
	} catch (err) {
		if (!existsSync(path)) throw err; // else another process created it first
	}
}

/**
 * Pages of 4 KiB in the write-ahead log at which they are copied to the file. Pages that are written often are then copied once
 * for many commits: a sixth less CPU a commit than with SQLite's 1,000.
 */
const CHECKPOINT_PAGES = 4000;

/**
 * Opens the SQLite file of a data folder, which holds documents, facts and the key-value store. A process has one handle for
 * each folder; any number of processes share a file (WAL: writers wait up to 10 s for each other). A commit survives
 * `kill -9`; with `sync` "full" it also survives a power cut, at about half the write rate.
 */
export function openDatabase(dataDir: string, sync: "normal" | "full" = "normal"): DatabaseSync {
	const file = join(dataDir, DATABASE_FILE);
	const known = openDatabases.get(file);
	if (known) return known;
	createFolder(resolve(dataDir));
	closeSync(openSync(file, "a", 0o600)); // SQLite gives its other files the mode of this one
	const db = new DatabaseSync(file, { timeout: 10_000 });
	db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${sync}; PRAGMA cache_size = -65536`);
	db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
	assertKnownFormat(db, file);
	openDatabases.set(file, db);
	inodes.set(db, statSync(file).ino);
	return db;
}

function assertKnownFormat(db: DatabaseSync, file: string): void {
	const format = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
	if (format <= FILE_FORMAT) return;
	db.close();
	throw new Error(
		`${file} 由更新的版本写入 was written by a newer version (format ${format}): start that version`
	);
}

/** Throws when the folder's open file was deleted, moved or replaced: what is written now would be lost with the process. */
export function assertFileInPlace(dataDir: string): void {
	const file = join(dataDir, DATABASE_FILE);
	const db = openDatabases.get(file);
	if (db && statSync(file, { throwIfNoEntry: false })?.ino !== inodes.get(db))
		throw new Error(`${file} was taken away while the shop runs`);
}

/** Free space that a start requires: with less, every write would soon fail. */
const MIN_FREE_BYTES = 1 << 20;

/** Throws where the folder's disk is almost full. */
export function assertDiskSpace(dataDir: string): void {
	createFolder(resolve(dataDir));
	const { bavail, bsize } = statfsSync(dataDir);
	if (bavail * bsize < MIN_FREE_BYTES)
		throw new Error(`磁盘已满 its disk is full (${bavail * bsize} bytes left)`);
}

/** Bytes of the folder's database, its write-ahead log, and the disk: its size and what the shop may still use of it. */
export async function measureDatabase(
	dataDir: string
): Promise<{ database: number; wal: number; diskSize: number; diskFree: number }> {
	const file = join(dataDir, DATABASE_FILE);
	const sizeOf = (path: string) =>
		stat(path)
			.then(({ size }) => size)
			.catch(() => 0);
	const [database, wal, { blocks, bavail, bsize }] = await Promise.all([
		sizeOf(file),
		sizeOf(`${file}-wal`),
		statfs(dataDir)
	]);
	return { database, wal, diskSize: blocks * bsize, diskFree: bavail * bsize };
}

/** Commits what is written so far to the folder's database, where it is open. */
export function flushDatabase(dataDir: string): void {
	const db = openDatabases.get(join(dataDir, DATABASE_FILE));
	if (db) groupCommitOf(db).flush();
}

/** Closes the folder's database; call last, since other code may still hold the handle. */
export function closeDatabase(dataDir: string): void {
	const file = join(dataDir, DATABASE_FILE);
	const db = openDatabases.get(file);
	if (!db) return;
	openDatabases.delete(file);
	try {
		groupCommitOf(db).flush();
	} finally {
		db.close();
	}
}

/** Deletes the files of the folder's database and nothing else; returns their paths. */
export function deleteDatabase(dataDir: string): string[] {
	closeDatabase(dataDir);
	const files = [DATABASE_FILE, `${DATABASE_FILE}-wal`, `${DATABASE_FILE}-shm`].map(name =>
		join(dataDir, name)
	);
	const present = files.filter(file => existsSync(file));
	for (const file of present) rmSync(file);
	return present;
}
