import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeDatabase, embeddedDatabase } from "../../infrastructure/sqlite-file";
import { sqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import { migrationsContract } from "../contracts/migrations.contract";

const folders: string[] = [];

migrationsContract("the embedded store", async () => {
	const folder = mkdtempSync(join(tmpdir(), "zjmall-migrations-"));
	folders.push(folder);
	const db = embeddedDatabase(folder);
	return { address: folder, open: name => sqliteCollection(db, name) };
});

afterAll(() => {
	for (const folder of folders) {
		closeDatabase(folder);
		rmSync(folder, { recursive: true });
	}
});
