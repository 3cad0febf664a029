import type { DatabaseSync } from "node:sqlite";
import { DuplicateKey, type Doc, type Index } from "../collection";
import { collectValues, indexKeyOf, type IndexKey } from "../language/order";
import { isUniqueViolation, prepare } from "./statements";

export type IndexField = {
	readonly path: string;
	readonly parts: readonly string[];
	readonly direction: 1 | -1;
	readonly column: string;
};

/**
 * An index as a table of its own: a row a document with a column a path, or, where a path leads through an array, a row an
 * element. The rows are kept in key order (`WITHOUT ROWID`), so that a range of them is read without sorting.
 */
export type IndexTable = {
	/** The paths, joined by a comma. */
	readonly name: string;
	readonly table: string;
	readonly fields: readonly IndexField[];
	readonly unique: boolean;
	readonly sparse: boolean;
	/** The columns in which some document has, or had, an array: there a document may have several rows. */
	readonly multikey: readonly string[];
};

/** From this column on, a document may have several rows. */
export const isMultikeyFrom = (index: IndexTable, from: number): boolean =>
	index.fields.slice(from).some(field => index.multikey.includes(field.column));

type Row = readonly IndexKey[];
type Definition = { n: number; keys: string; uniq: number; sparse: number; many: string };

const TABLES = `
	CREATE TABLE IF NOT EXISTS store_indexes (
		n INTEGER PRIMARY KEY, collection TEXT, keys TEXT, uniq INTEGER, sparse INTEGER, many TEXT,
		UNIQUE (collection, keys)
	);
	CREATE TABLE IF NOT EXISTS store_version (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER);
	INSERT OR IGNORE INTO store_version VALUES (1, 0)`;

/**
 * The indexes of one collection, as the file knows them. Every process that writes keeps all of them, also those that
 * another process declared later: `refresh` at the start of each transaction notices by a version number in the file.
 */
export class SqliteIndexes {
	private tables: readonly IndexTable[] = [];
	private version = -1;

	constructor(
		private readonly db: DatabaseSync,
		private readonly collection: string
	) {}

	/** Makes the tables that say which indexes there are; inside a write transaction. */
	static create(db: DatabaseSync): void {
		db.exec(TABLES);
	}

	get all(): readonly IndexTable[] {
		return this.tables;
	}

	refresh(): void {
		const row = prepare(this.db, "SELECT version FROM store_version").get();
		const version = Number(row?.["version"]);
		if (version === this.version) return;
		const rowsOf = prepare(this.db, "SELECT * FROM store_indexes WHERE collection = ? ORDER BY n");
		this.tables = rowsOf
			.all(this.collection)
			.map(found => indexTableOf(this.collection, found as Definition));
		this.version = version;
	}

	/** After a roll-back: what was read inside the transaction may never have been. */
	forget(): void {
		this.version = -1;
	}

	/** Inside a write transaction; `docs` are those that are there already. */
	declare({ keys, unique = false, sparse = false }: Index, docs: () => Iterable<Doc>): void {
		const text = JSON.stringify(Object.entries(keys));
		const known = this.tables.find(index => text === encodeKeys(index));
		if (known) {
			if (known.unique === unique && known.sparse === sparse) return;
			throw new Error(`${this.collection} has the index ${known.name} with other options`);
		}
		const { lastInsertRowid } = prepare(
			this.db,
			"INSERT INTO store_indexes (collection, keys, uniq, sparse, many) VALUES (?, ?, ?, ?, '[]')"
		).run(this.collection, text, Number(unique), Number(sparse));
		const definition = { keys: text, uniq: Number(unique), sparse: Number(sparse), many: "[]" };
		const index = indexTableOf(this.collection, { ...definition, n: Number(lastInsertRowid) });
		const columns = index.fields.map(field => field.column);
		const ordered = index.fields.map(f => `${f.column} ${f.direction === 1 ? "ASC" : "DESC"}`);
		this.db.exec(
			`CREATE TABLE "${index.table}" (${[...columns, "id TEXT"].join(", ")},
				PRIMARY KEY (${[...ordered, ...(unique ? [] : ["id"])].join(", ")})) WITHOUT ROWID`
		);
		this.bumpVersion();
		for (const doc of docs()) {
			const current = this.tables.find(({ table }) => table === index.table) ?? index;
			for (const row of this.rowsOf(current, doc)) this.insert(index, row, doc._id);
		}
	}

	/** The rows of a document in each index; taken before a change, and given to `move` after it. */
	rows(doc: Doc): readonly Row[][] {
		return this.tables.map(index => this.rowsOf(index, doc));
	}

	/** Writes what differs between the rows that a document had and has; throws `DuplicateKey`. */
	replaceRows(id: string, before: readonly Row[][], after: readonly Row[][]): void {
		this.tables.forEach((index, i) => {
			const kept = new Set(after[i]?.map(encodeRow));
			for (const row of before[i] ?? []) if (!kept.has(encodeRow(row))) this.delete(index, row, id);
		});
		this.tables.forEach((index, i) => {
			const there = new Set(before[i]?.map(encodeRow));
			for (const row of after[i] ?? []) if (!there.has(encodeRow(row))) this.insert(index, row, id);
		});
	}

	private rowsOf(index: IndexTable, doc: Doc): Row[] {
		const columns: unknown[][] = [];
		const many: string[] = [];
		for (const { parts, column } of index.fields) {
			const values: unknown[] = [];
			if (collectValues(doc, parts, values)) many.push(column);
			columns.push(values);
		}
		if (index.sparse && columns.every(values => values.every(value => value === undefined))) return [];
		if (many.length > 1)
			throw new Error(
				`${this.collection}: the index ${index.name} leads through two arrays of one document`
			);
		if (many.some(column => !index.multikey.includes(column))) this.markMultikey(index, many);
		const keys = columns.map(values => values.map(indexKeyOf));
		const list = keys.findIndex(values => values.length !== 1);
		if (list < 0) return [keys.map(([key]) => key ?? 0)];
		const rows = (keys[list] ?? []).map(key => keys.map(([only], i) => (i === list ? key : (only ?? 0))));
		return [...new Map(rows.map(row => [encodeRow(row), row])).values()];
	}

	/** From now on every process expects several rows a document in this column. */
	private markMultikey(index: IndexTable, many: readonly string[]): void {
		prepare(this.db, "UPDATE store_indexes SET many = ? WHERE collection = ? AND keys = ?").run(
			JSON.stringify([...new Set([...index.multikey, ...many])]),
			this.collection,
			encodeKeys(index)
		);
		this.bumpVersion();
	}

	private bumpVersion(): void {
		prepare(this.db, "UPDATE store_version SET version = version + 1").run();
		this.forget();
		this.refresh();
	}

	private insert(index: IndexTable, row: Row, id: string): void {
		const places = "?, ".repeat(row.length);
		try {
			prepare(this.db, `INSERT INTO "${index.table}" VALUES (${places}?)`).run(...row, id);
		} catch (err) {
			throw isUniqueViolation(err) ? new DuplicateKey(this.collection, index.name) : err;
		}
	}

	private delete(index: IndexTable, row: Row, id: string): void {
		const where = index.fields.map(field => `${field.column} = ?`).join(" AND ");
		prepare(this.db, `DELETE FROM "${index.table}" WHERE ${where} AND id = ?`).run(...row, id);
	}
}

function indexTableOf(collection: string, { n, keys, uniq, sparse, many }: Definition): IndexTable {
	const entries = JSON.parse(keys) as [string, 1 | -1][];
	return {
		name: entries.map(([path]) => path).join(","),
		table: `${collection}_index_${n}`,
		fields: entries.map(([path, direction], i) => ({
			path,
			parts: path.split("."),
			direction,
			column: `k${i}`
		})),
		unique: uniq === 1,
		sparse: sparse === 1,
		multikey: JSON.parse(many) as string[]
	};
}

const encodeKeys = (index: IndexTable) => JSON.stringify(index.fields.map(f => [f.path, f.direction]));

const encodeRow = (row: Row): string =>
	JSON.stringify(row.map(key => (typeof key === "object" ? [Buffer.from(key).toString("hex")] : key)));
