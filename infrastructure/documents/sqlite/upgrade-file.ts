import type { DatabaseSync } from "node:sqlite";
import { groupCommitOf } from "../../group-commit";
import { FILE_FORMAT } from "../../sqlite-file";
import { SqliteIndexes } from "./indexes";
import { prepare } from "./statements";

const upgraded = new WeakSet<DatabaseSync>();

/**
 * Brings the file to the present format where an earlier version wrote it: in format 0 every index was a table of its own.
 * Blocks, and holds the lock of the file meanwhile. A large file takes minutes.
 */
export function upgradeFile(db: DatabaseSync): void {
	if (upgraded.has(db)) return;
	SqliteIndexes.create(db);
	if (formatOf(db) < FILE_FORMAT) groupCommitOf(db).runAlone(() => giveIndexesColumns(db));
	upgraded.add(db);
}

const formatOf = (db: DatabaseSync) => Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);

function giveIndexesColumns(db: DatabaseSync): void {
	if (formatOf(db) >= FILE_FORMAT) return; // another process has done it
	const collections = prepare(db, "SELECT DISTINCT collection FROM store_indexes").all();
	for (const { collection } of collections) new SqliteIndexes(db, String(collection)).adoptColumns();
	db.exec(`PRAGMA user_version = ${FILE_FORMAT}`);
}
