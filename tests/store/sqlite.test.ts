import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeDatabase, embeddedDatabase } from "../../mixins/store/database";
import { sqliteCollection } from "../../mixins/store/sqlite.collection";
import { collectionContract, type Item } from "./collection.contract";

const dir = mkdtempSync(join(tmpdir(), "zjmall-store-"));
const db = embeddedDatabase(dir);
let made = 0;
const fresh = () => sqliteCollection<Item>(db, `items${++made}`);

afterAll(() => {
	closeDatabase(dir);
	rmSync(dir, { recursive: true });
});

collectionContract("sqlite", async () => fresh());
