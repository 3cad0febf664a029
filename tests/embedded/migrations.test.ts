import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import { migrationsContract } from "../contracts/migrations.contract";

const folders: string[] = [];

migrationsContract("the embedded store", async () => {
	const folder = mkdtempSync(join(tmpdir(), "zjmall-migrations-"));
	folders.push(folder);
	const db = openDatabase(folder);
	return { address: folder, open: name => openSqliteCollection(db, name) };
});

afterAll(() => {
	for (const folder of folders) {
		closeDatabase(folder);
		rmSync(folder, { recursive: true });
	}
});
