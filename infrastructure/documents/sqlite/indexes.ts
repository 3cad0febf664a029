import type { DatabaseSync } from "node:sqlite";
import { DuplicateKey, type Doc, type Index } from "../collection";
import { decodeJson } from "../language/codec";
import type { IndexKey } from "../language/value-order";
import { groupCommitOf } from "../../group-commit";
import { deferredUpdatesOf } from "./deferred-updates";
import { definitionsVersionOf } from "./definitions";
import {
	collectKeys,
	createTableSql,
	indexNameOf,
	layOutIndexes,
	type Definition,
	type IndexLayout
} from "./index-layout";
import { collectRows, IndexRows, type Row } from "./index-rows";
import type { IndexTable } from "./plan-shape";
import { isUniqueViolation, prepare } from "./statements";

/** The keys of a document in every index. Undefined: not computed, since a change does not concern these. */
export type DocumentKeys = {
	readonly layout: IndexLayout;
	/** In the order of the layout's columns. */
	readonly columns: readonly (IndexKey | null | undefined)[];
	/** In the order of the indexes that have tables of their own. */
	readonly rows: readonly (readonly Row[] | undefined)[];
};

const TABLES = `
	CREATE TABLE IF NOT EXISTS store_indexes (
		n INTEGER PRIMARY KEY, collection TEXT, keys TEXT, uniq INTEGER, sparse INTEGER, many TEXT,
		UNIQUE (collection, keys)
	);
	CREATE TABLE IF NOT EXISTS store_version (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER)`;
/** Documents that are read at a time to fill an index. */
const PAGE_SIZE = 500;

/**
 * The indexes of one collection. Every process that writes keeps all of them up to date, also those that another process
 * declares later: `refresh`, called at the start of each read and write, notices these (`DefinitionsVersion`).
 */
export class SqliteIndexes {
	private current: IndexLayout;
	private generation = -1;
	private readonly version;
	private readonly docs: string;
	private readonly ownRows: IndexRows;

	constructor(
		private readonly db: DatabaseSync,
		private readonly collection: string
	) {
		this.docs = `${collection}_docs`;
		this.current = layOutIndexes(collection, this.docs, []);
		this.version = definitionsVersionOf(db);
		this.ownRows = new IndexRows(db, collection);
	}

	/** Creates the tables that list all indexes. */
	static create(db: DatabaseSync): void {
		groupCommitOf(db).createTables(TABLES);
	}

	get all(): readonly IndexTable[] {
		return this.current.indexes;
	}

	get layout(): IndexLayout {
		return this.current;
	}

	/** Reads the definitions where they have changed since the last call. Call at the start of each read and write. */
	refresh(): void {
		const { generation } = this.version;
		if (generation === this.generation) return;
		const select = prepare(this.db, "SELECT * FROM store_indexes WHERE collection = ? ORDER BY n");
		const definitions = select.all(this.collection) as Definition[];
		this.current = layOutIndexes(this.collection, this.docs, definitions);
		this.generation = generation;
	}

	/** Creates an index over the documents that exist. Call inside a write transaction, in a savepoint. */
	declare({ keys, unique = false, sparse = false }: Index): void {
		const text = JSON.stringify(Object.entries(keys));
		const known = this.all.find(index => text === encodeKeys(index));
		if (known) {
			if (known.unique === unique && known.sparse === sparse) return;
			throw new Error(`${this.collection} has the index ${known.name} with other options`);
		}
		const { columns } = this.current;
		const { lastInsertRowid } = prepare(
			this.db,
			"INSERT INTO store_indexes (collection, keys, uniq, sparse, many) VALUES (?, ?, ?, ?, '[]')"
		).run(this.collection, text, Number(unique), Number(sparse));
		this.announceChange();
		const name = indexNameOf(this.collection, Number(lastInsertRowid));
		this.addColumns(columns);
		const index = this.all.find(({ table, sqliteIndex }) => (sqliteIndex ?? table) === name);
		// An array that was found in a document meanwhile has given the index its own table, or had it made.
		if (index?.sqliteIndex) this.createSqliteIndex(index);
		else if (index && !this.hasTable(name)) this.createOwnTable(index);
	}

	/** Makes the columns and indexes of a file in which every index had a table of its own. Call inside a write transaction. */
	adoptColumns(): void {
		this.refresh();
		this.addColumns([]);
		for (const index of this.all) {
			if (!index.sqliteIndex || !this.hasTable(index.sqliteIndex)) continue;
			this.db.exec(`DROP TABLE "${index.sqliteIndex}"`);
			this.createSqliteIndex(index);
		}
	}

	/**
	 * The keys of a document. With `touched`, only those of the paths that begin with one of these fields. A path that leads
	 * through an array for the first time gets its indexes moved to tables of their own: call inside a write transaction.
	 */
	keysOf(doc: Doc, touched?: ReadonlySet<string>): DocumentKeys {
		for (;;) {
			const layout = this.current;
			const columns: (IndexKey | null | undefined)[] = [];
			let arrayPath: string | undefined;
			for (const group of layout.keyColumns) {
				if (touched && !group.paths.some(([root = ""]) => touched.has(root)))
					for (let i = 0; i < group.paths.length; i++) columns.push(undefined);
				else arrayPath ??= collectKeys(group, doc, columns);
			}
			if (arrayPath !== undefined) {
				this.moveToOwnTables(arrayPath);
				continue;
			}
			const rows = layout.ownTables.map(index =>
				touched && !index.fields.some(({ parts: [root = ""] }) => touched.has(root))
					? undefined
					: this.rowsIn(index, doc)
			);
			if (layout === this.current) return { layout, columns, rows };
		}
	}

	/** Replaces the rows of a document in the indexes with tables of their own; see `IndexRows.replace`. */
	replaceRows(id: string, before: DocumentKeys["rows"], after: DocumentKeys["rows"]): void {
		this.ownRows.replace(this.current.ownTables, id, before, after);
	}

	/** The name of the first unique index over columns in which another document has the same key. */
	findDuplicate(id: string, { layout, columns }: DocumentKeys): string | undefined {
		return layout.uniqueColumns.find(({ sqliteIndex, fields }) => {
			const keys = fields.map(({ column }) =>
				column === "id" ? id : (columns[layout.columns.indexOf(column)] ?? null)
			);
			const same = fields.map(({ column }) => `${column} = ?`).join(" AND ");
			const sql = `SELECT 1 FROM "${this.docs}" INDEXED BY "${sqliteIndex}" WHERE ${same} AND id <> ?`;
			return prepare(this.db, sql).get(...keys, id) !== undefined;
		})?.name;
	}

	/** Adds and fills the columns of the layout that are not among those before. */
	private addColumns(before: readonly string[]): void {
		const added = this.current.columns.filter(column => !before.includes(column));
		if (added.length === 0) return;
		if (this.isEmpty()) return this.recreateTable();
		for (const column of added) this.db.exec(`ALTER TABLE "${this.docs}" ADD COLUMN ${column}`);
		const update = `UPDATE "${this.docs}" SET ${added.map(column => `${column} = ?`).join(", ")} WHERE id = ?`;
		for (const doc of this.readAll()) {
			const { layout, columns } = this.keysOf(doc);
			const keys = added.map(column => columns[layout.columns.indexOf(column)] ?? null);
			prepare(this.db, update).run(...keys, doc._id);
		}
	}

	private isEmpty(): boolean {
		return prepare(this.db, `SELECT 1 FROM "${this.docs}" LIMIT 1`).get() === undefined;
	}

	/**
	 * Creates the empty table again, with the columns of the layout. For each column that is added to a table SQLite reads its
	 * whole schema again: in a new file with all collections that took 0.7 s.
	 */
	private recreateTable(): void {
		const select =
			"SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL";
		const indexes = prepare(this.db, select).all(this.docs);
		this.db.exec(`DROP TABLE "${this.docs}"`);
		this.db.exec(createTableSql(this.docs, this.current.columns));
		for (const { sql } of indexes) this.db.exec(String(sql));
	}

	private createSqliteIndex(index: IndexTable): void {
		const columns = orderedColumns(index);
		const hasId = index.unique || index.fields.some(({ column }) => column === "id");
		const [first] = index.fields;
		try {
			this.db.exec(
				`CREATE ${index.unique ? "UNIQUE " : ""}INDEX "${index.sqliteIndex}" ON "${this.docs}"
					(${[...columns, ...(hasId ? [] : ["id"])].join(", ")})
					${index.sparse ? `WHERE ${first?.column} IS NOT NULL` : ""}`
			);
		} catch (err) {
			throw isUniqueViolation(err) ? new DuplicateKey(this.collection, index.name) : err;
		}
	}

	/** Creates the table of an index, and fills it. */
	private createOwnTable(index: IndexTable): void {
		const columns = index.fields.map(({ column }) => column);
		const key = [...orderedColumns(index), ...(index.unique ? [] : ["id"])];
		this.db.exec(
			`CREATE TABLE "${index.table}" (${[...columns, "id TEXT"].join(", ")},
				PRIMARY KEY (${key.join(", ")})) WITHOUT ROWID`
		);
		for (const doc of this.readAll()) {
			const current = this.all.find(({ table }) => table === index.table) ?? index;
			for (const row of this.rowsIn(current, doc)) this.ownRows.insert(index, row, doc._id);
		}
	}

	/** Notes that a path has arrays: gives every index with this path a table of its own, instead of columns. */
	private moveToOwnTables(path: string): void {
		deferredUpdatesOf(this.db).writeTable(this.docs);
		const concerned = this.all.filter(({ fields }) => fields.some(field => field.path === path));
		for (const index of concerned) {
			const column = `k${index.fields.findIndex(field => field.path === path)}`;
			this.setMultikey(index, [...index.multikey, column]);
			if (index.sqliteIndex) this.db.exec(`DROP INDEX IF EXISTS "${index.sqliteIndex}"`);
		}
		this.announceChange();
		const moved = new Set(concerned.map(({ sqliteIndex }) => sqliteIndex));
		for (const index of this.all) if (moved.has(index.table)) this.createOwnTable(index);
	}

	/** Reads all documents, by their ids: meanwhile they may be written to. */
	private *readAll(): Generator<Doc> {
		const select = prepare(
			this.db,
			`SELECT id, doc FROM "${this.docs}" WHERE id > ? ORDER BY id LIMIT ${PAGE_SIZE}`
		);
		for (let after = ""; ;) {
			const page = select.all(after);
			for (const { doc } of page) yield decodeJson<Doc>(String(doc));
			const last = page.at(-1);
			if (!last) return;
			after = String(last["id"]);
		}
	}

	private rowsIn(index: IndexTable, doc: Doc): readonly Row[] {
		const { rows, arrays } = collectRows(this.collection, index, doc);
		if (arrays.some(column => !index.multikey.includes(column))) {
			this.setMultikey(index, [...index.multikey, ...arrays]);
			this.announceChange();
		}
		return rows;
	}

	/** Notes the columns in which every process has to expect several rows of a document. */
	private setMultikey(index: IndexTable, columns: readonly string[]): void {
		prepare(this.db, "UPDATE store_indexes SET many = ? WHERE collection = ? AND keys = ?").run(
			JSON.stringify([...new Set(columns)]),
			this.collection,
			encodeKeys(index)
		);
	}

	/** Has every process read the definitions again. */
	private announceChange(): void {
		prepare(
			this.db,
			"INSERT INTO store_version VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET version = version + 1"
		).run();
		this.version.forget();
		this.version.check();
		this.refresh();
	}

	private hasTable(name: string): boolean {
		const select = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?";
		return prepare(this.db, select).get(name) !== undefined;
	}
}

const orderedColumns = ({ fields }: IndexTable) =>
	fields.map(({ column, direction }) => `${column} ${direction === 1 ? "ASC" : "DESC"}`);

const encodeKeys = (index: IndexTable) => JSON.stringify(index.fields.map(f => [f.path, f.direction]));
