import {
	closeSync,
	copyFileSync,
	chmodSync,
	existsSync,
	fsyncSync,
	linkSync,
	openSync,
	renameSync,
	rmSync,
	statSync
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { closeDatabase, DATABASE_FILE, FILE_FORMAT } from "./sqlite-file";

/** What a backup holds. */
export type Backup = {
	/** When it was made. For a plain copy of the shop's file, the time of that file. */
	readonly at: Date;
	readonly bytes: number;
	/** Names of the migrations that its data went through. */
	readonly migrations: readonly string[];
};

/** A file can't be used as a backup; the message says why. */
export class BadBackupError extends Error {}

/**
 * Writes a consistent copy of the folder's database to `target`, while the shop goes on writing, and checks the copy. A file
 * that exists is not replaced, and one that is not whole never has the name `target`.
 */
export function backUpDatabase(dataDir: string, target: string, now = new Date()): Backup {
	if (existsSync(target))
		throw new Error(`${target} 已存在，不会覆盖 / ${target} exists and is not overwritten`);
	const partial = `${target}.partial`;
	rmSync(partial, { force: true });
	try {
		copyDatabase(join(dataDir, DATABASE_FILE), partial);
		withDatabase(partial, {}, copy => {
			copy.exec("CREATE TABLE backup_info (at INTEGER NOT NULL)");
			copy.prepare("INSERT INTO backup_info VALUES (?)").run(now.getTime());
		});
		readBackup(partial);
		moveDurably(partial, target);
	} finally {
		rmSync(partial, { force: true });
	}
	return readBackup(target, { thorough: false });
}

/** Copies a database within one read transaction, so that writers neither wait nor show in it. */
function copyDatabase(from: string, to: string): void {
	closeSync(openSync(to, "wx", 0o600)); // SQLite accepts an empty file as its target, and keeps its mode
	withDatabase(from, {}, db => db.prepare("VACUUM INTO ?").run(to));
}

/**
 * Reads what a backup holds. Throws a BadBackupError where the file is damaged, none of a shop, or of a newer version. The
 * check reads the whole file, unless `thorough` is false.
 */
export function readBackup(file: string, { thorough = true } = {}): Backup {
	if (!existsSync(file)) throw new BadBackupError(`${file} 不存在 / there is no file ${file}`);
	try {
		return withDatabase(file, { readOnly: true }, db => {
			const tables = new Set(
				db
					.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
					.all()
					.map(({ name }) => String(name))
			);
			if (!tables.has("store_indexes"))
				throw new BadBackupError(`${file} 不是商城的数据 / ${file} holds no data of a shop`);
			if (thorough) assertIntact(db, file);
			assertKnownFormat(db, file);
			return {
				at: readTime(db, tables) ?? statSync(file).mtime,
				bytes: statSync(file).size,
				migrations: tables.has("migrations_docs") ? readMigrations(db) : []
			};
		});
	} catch (err) {
		if (err instanceof BadBackupError) throw err;
		throw damaged(file, err instanceof Error ? err.message : String(err), err);
	}
}

function assertIntact(db: DatabaseSync, file: string): void {
	const [first] = db.prepare("PRAGMA integrity_check(1)").all();
	const verdict = String(first?.["integrity_check"]);
	if (verdict !== "ok") throw damaged(file, verdict);
}

const damaged = (file: string, why: string, cause?: unknown) =>
	new BadBackupError(`${file} 已损坏 / ${file} is damaged: ${why}`, { cause });

function assertKnownFormat(db: DatabaseSync, file: string): void {
	const format = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
	if (format > FILE_FORMAT)
		throw new BadBackupError(
			`${file} 由更新的版本写入 / ${file} was written by a newer version (format ${format})`
		);
}

const readTime = (db: DatabaseSync, tables: ReadonlySet<string>): Date | null =>
	tables.has("backup_info")
		? new Date(Number(db.prepare("SELECT at FROM backup_info").get()?.["at"]))
		: null;

const readMigrations = (db: DatabaseSync): string[] =>
	db
		.prepare("SELECT id FROM migrations_docs WHERE id GLOB '[0-9]*'")
		.all()
		.map(({ id }) => String(id));

/**
 * Puts the backup in the place of the folder's database, in one step: a crash leaves either the one or the other. Resolves to
 * the file that keeps the replaced data, or null where there was none. Hold the folder's exclusive lock, and check the backup
 * with `readBackup` first.
 */
export function restoreDatabase(dataDir: string, backup: string, now = new Date()): string | null {
	closeDatabase(dataDir);
	const file = join(dataDir, DATABASE_FILE);
	const staged = `${file}.restoring`;
	rmSync(staged, { force: true });
	try {
		copyDatabase(backup, staged);
		withDatabase(staged, {}, db => db.exec("DROP TABLE IF EXISTS backup_info"));
		const replaced = existsSync(file) ? keepDatabase(file, now) : null;
		moveDurably(staged, file);
		return replaced;
	} finally {
		rmSync(staged, { force: true });
	}
}

/** Gives the database a second name beside its own, with all its commits. */
function keepDatabase(file: string, now: Date): string {
	const kept = `${file}.replaced-${now.toISOString().replace(/[-:]|\.\d+/g, "")}`;
	try {
		// The checkpoint moves the write-ahead log into the file, and SQLite removes the log with the last handle.
		withDatabase(file, {}, db => db.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
	} catch {
		// A damaged database, perhaps the reason for the restore, is kept with its log as it is.
	}
	for (const suffix of ["", "-wal"])
		if (existsSync(file + suffix)) linkOrCopy(file + suffix, kept + suffix);
	for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
	return kept;
}

function linkOrCopy(from: string, to: string): void {
	try {
		linkSync(from, to);
	} catch {
		copyFileSync(from, to); // a file system without hard links
	}
}

/** Renames a file once all of it is on the disk. */
function moveDurably(from: string, to: string): void {
	chmodSync(from, 0o600);
	sync(from);
	renameSync(from, to);
	if (process.platform !== "win32") sync(dirname(to)); // Windows opens no folders
}

function sync(path: string): void {
	const descriptor = openSync(path, "r");
	fsyncSync(descriptor);
	closeSync(descriptor);
}

function withDatabase<R>(file: string, options: { readOnly?: boolean }, work: (db: DatabaseSync) => R): R {
	const db = new DatabaseSync(file, { timeout: 10_000, ...options });
	try {
		return work(db);
	} finally {
		db.close();
	}
}
