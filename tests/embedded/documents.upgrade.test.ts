import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteCollection } from "../../infrastructure/documents/sqlite/collection";
import { indexKeyOf, NULL_KEY } from "../../infrastructure/documents/language/value-order";
import { closeDatabase, openDatabase } from "../../infrastructure/sqlite-file";
import type { Item } from "../contracts/collection.contract";

let dir: string;
let file: DatabaseSync;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "zjmall-upgrade-"));
	file = new DatabaseSync(join(dir, "zjmall.db"));
});
afterEach(() => {
	closeDatabase(dir);
	rmSync(dir, { recursive: true });
});

/** A file as written before the keys were columns: every index is a table of its own. */
function writeFormat0(): void {
	const at = indexKeyOf(new Date(5));
	file.exec(`
		CREATE TABLE store_indexes (n INTEGER PRIMARY KEY, collection TEXT, keys TEXT, uniq INTEGER, sparse INTEGER, many TEXT,
			UNIQUE (collection, keys));
		CREATE TABLE store_version (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER);
		INSERT INTO store_version VALUES (1, 9);
		INSERT INTO store_indexes VALUES (3, 'items', '[["code",1]]', 1, 1, '[]'), (4, 'items', '[["owner",1],["at",-1]]', 0, 0, '[]'),
			(5, 'items', '[["tags",1],["owner",1]]', 0, 0, '["k0"]');
		CREATE TABLE items_docs (id TEXT PRIMARY KEY, doc TEXT NOT NULL);
		CREATE TABLE items_index_3 (k0, id TEXT, PRIMARY KEY (k0 ASC)) WITHOUT ROWID;
		CREATE TABLE items_index_4 (k0, k1, id TEXT, PRIMARY KEY (k0 ASC, k1 DESC, id)) WITHOUT ROWID;
		CREATE TABLE items_index_5 (k0, k1, id TEXT, PRIMARY KEY (k0 ASC, k1 ASC, id)) WITHOUT ROWID;
		INSERT INTO items_docs VALUES ('a', '{"_id":"a","owner":"u","at":{"$date":5},"code":"x","tags":["p","q"]}'),
			('b', '{"_id":"b","owner":"u"}');
		INSERT INTO items_index_3 VALUES ('x', 'a');
		INSERT INTO items_index_5 VALUES ('p', 'u', 'a'), ('q', 'u', 'a')`);
	const insert = file.prepare("INSERT INTO items_index_4 VALUES ('u', ?, ?)");
	insert.run(at as Uint8Array, "a");
	insert.run(NULL_KEY, "b");
	file.prepare("INSERT INTO items_index_5 VALUES (?, 'u', 'b')").run(NULL_KEY);
	file.close();
}

it("opens a file of the format before, and finds, refuses and orders by its indexes as before", async () => {
	writeFormat0();

	const items = openSqliteCollection<Item>(openDatabase(dir), "items");

	await expect(items.insert({ _id: "c", code: "x" })).rejects.toMatchObject({ index: "code" });
	await items.insert({ _id: "c", owner: "u", at: new Date(7), tags: ["q"] });
	const newest = { sort: { at: -1 }, limit: 9 } as const;
	expect(items.explain({ owner: "u" }, newest)).toMatchObject({ index: "owner,at", ordered: true });
	expect((await items.find({ owner: "u" }, newest)).map(({ _id }) => _id)).toEqual(["c", "a", "b"]);
	expect((await items.find({ tags: "q" })).map(({ _id }) => _id)).toEqual(["a", "c"]);
	expect(await items.change({ code: "x" }, { $unset: { code: "" } })).toMatchObject({ _id: "a" });
	await items.insert({ _id: "d", code: "x" });
	expect(await items.indexes()).toHaveLength(3);
	const tables = openDatabase(dir).prepare(
		"SELECT type FROM sqlite_schema WHERE name LIKE 'items_index_%' ORDER BY name"
	);
	expect(tables.all().map(({ type }) => type)).toEqual(["index", "index", "table"]);
});

it("refuses a file of a newer version, and says so", () => {
	file.exec("PRAGMA user_version = 99");
	file.close();

	expect(() => openDatabase(dir)).toThrow("newer version");
});
