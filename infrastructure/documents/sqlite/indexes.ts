import type { DatabaseSync } from "node:sqlite";
import { DuplicateKey, type Doc, type Index } from "../collection";
import { collectValues, indexKeyOf, type IndexKey } from "../language/value-order";
import { groupCommitOf } from "../../group-commit";
import { definitionsVersionOf } from "./definitions";
import { makeIndexFields, type IndexTable } from "./plan-shape";
import { isUniqueViolation, prepare } from "./statements";

type Row = readonly IndexKey[];
/** A row of the table `store_indexes`; `many` is the JSON of the multikey columns. */
type Definition = { n: number; keys: string; uniq: number; sparse: number; many: string };

const TABLES = `
	CREATE TABLE IF NOT EXISTS store_indexes (
		n INTEGER PRIMARY KEY, collection TEXT, keys TEXT, uniq INTEGER, sparse INTEGER, many TEXT,
		UNIQUE (collection, keys)
	);
	CREATE TABLE IF NOT EXISTS store_version (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER)`;

/**
 * The indexes of one collection. Every process that writes keeps all of them up to date, also those that another process
 * declares later: `refresh`, called at the start of each read and write, notices these (`DefinitionsVersion`).
 */
export class SqliteIndexes {
	private tables: readonly IndexTable[] = [];
	private generation = -1;
	private readonly version;

	constructor(
		private readonly db: DatabaseSync,
		private readonly collection: string
	) {
		this.version = definitionsVersionOf(db);
	}

	/** Creates the tables that list all indexes. */
	static create(db: DatabaseSync): void {
		groupCommitOf(db).createTables(TABLES);
	}

	get all(): readonly IndexTable[] {
		return this.tables;
	}

	/** Reads the definitions where they have changed since the last call. Call at the start of each read and write. */
	refresh(): void {
		const { generation } = this.version;
		if (generation === this.generation) return;
		const select = prepare(this.db, "SELECT * FROM store_indexes WHERE collection = ? ORDER BY n");
		this.tables = select
			.all(this.collection)
			.map(found => indexTableOf(this.collection, found as Definition));
		this.generation = generation;
	}

	/** Creates an index over the documents that exist. Call inside a write transaction. */
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
			for (const row of this.rowsIn(current, doc)) this.insert(index, row, doc._id);
		}
	}

	/** The rows of a document in each index. `replaceRows` takes those from before and after a change. */
	rowsOf(doc: Doc): readonly Row[][] {
		return this.tables.map(index => this.rowsIn(index, doc));
	}

	/**
	 * Deletes the rows that a document no longer has and inserts the new ones. Throws `DuplicateKey`, when the rows are as they
	 * were before.
	 */
	replaceRows(id: string, before: readonly Row[][], after: readonly Row[][]): void {
		const removed: [IndexTable, Row][] = [];
		const added: [IndexTable, Row][] = [];
		for (const [i, index] of this.tables.entries()) {
			const [old = [], now = []] = [before[i], after[i]];
			if (hasSameRow(old, now)) continue;
			const [kept, existing] = [new Set(now.map(encodeRow)), new Set(old.map(encodeRow))];
			for (const row of old) if (!kept.has(encodeRow(row))) removed.push([index, row]);
			for (const row of now) if (!existing.has(encodeRow(row))) added.push([index, row]);
		}
		let inserted = 0;
		try {
			for (const [index, row] of removed) this.delete(index, row, id);
			for (const [index, row] of added) {
				this.insert(index, row, id);
				inserted++;
			}
		} catch (err) {
			if (err instanceof DuplicateKey) {
				for (const [index, row] of added.slice(0, inserted)) this.delete(index, row, id);
				for (const [index, row] of removed) this.insert(index, row, id);
			}
			throw err;
		}
	}

	private rowsIn(index: IndexTable, doc: Doc): Row[] {
		const columns: unknown[][] = [];
		const arrays: string[] = [];
		for (const { parts, column } of index.fields) {
			const values: unknown[] = [];
			if (collectValues(doc, parts, values)) arrays.push(column);
			columns.push(values);
		}
		if (index.sparse && columns.every(values => values.every(value => value === undefined))) return [];
		if (arrays.length > 1)
			throw new Error(
				`${this.collection}: the index ${index.name} leads through two arrays of one document`
			);
		if (arrays.some(column => !index.multikey.includes(column))) this.markMultikey(index, arrays);
		const keys = columns.map(values => values.map(indexKeyOf));
		const array = keys.findIndex(values => values.length !== 1);
		if (array < 0) return [keys.map(([key]) => key ?? 0)];
		const rows = (keys[array] ?? []).map(key =>
			keys.map(([only], i) => (i === array ? key : (only ?? 0)))
		);
		return [...new Map(rows.map(row => [encodeRow(row), row])).values()];
	}

	/** Tells every process to expect several rows a document in these columns. */
	private markMultikey(index: IndexTable, columns: readonly string[]): void {
		prepare(this.db, "UPDATE store_indexes SET many = ? WHERE collection = ? AND keys = ?").run(
			JSON.stringify([...new Set([...index.multikey, ...columns])]),
			this.collection,
			encodeKeys(index)
		);
		this.bumpVersion();
	}

	private bumpVersion(): void {
		prepare(
			this.db,
			"INSERT INTO store_version VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET version = version + 1"
		).run();
		this.version.forget();
		this.version.check();
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
		fields: makeIndexFields(Object.fromEntries(entries)),
		unique: uniq === 1,
		sparse: sparse === 1,
		multikey: JSON.parse(many) as string[]
	};
}

const encodeKeys = (index: IndexTable) => JSON.stringify(index.fields.map(f => [f.path, f.direction]));

/** Whether both are the same single row, as where a change does not concern the index. */
function hasSameRow(before: readonly Row[], after: readonly Row[]): boolean {
	if (before.length !== after.length || before.length > 1) return false;
	const [old = [], now = []] = [before[0], after[0]];
	return old.every((key, i) => key === now[i] || (typeof key === "object" && isSameBytes(key, now[i])));
}

const isSameBytes = (key: Uint8Array, other: IndexKey | undefined) =>
	typeof other === "object" && Buffer.compare(key, other) === 0;

const encodeRow = (row: Row): string =>
	JSON.stringify(row.map(key => (typeof key === "object" ? [Buffer.from(key).toString("hex")] : key)));
