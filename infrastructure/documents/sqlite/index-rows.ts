import type { DatabaseSync } from "node:sqlite";
import { DuplicateKey, type Doc } from "../collection";
import { collectValues, indexKeyOf, type IndexKey } from "../language/value-order";
import { isSameKey } from "./index-layout";
import type { IndexTable } from "./plan-shape";
import { isUniqueViolation, prepare } from "./statements";

/** The keys of a document in an index with a table of its own; a document has as many rows as its array has different values. */
export type Row = readonly IndexKey[];
/** In the order of the indexes. Undefined: not computed, since a change does not concern these. */
type RowsByIndex = readonly (readonly Row[] | undefined)[];

/** Computes the rows of a document in an index, and lists the columns in which it has an array. */
export function collectRows(
	collection: string,
	index: IndexTable,
	doc: Doc
): { readonly rows: readonly Row[]; readonly arrays: readonly string[] } {
	const columns: unknown[][] = [];
	const arrays: string[] = [];
	for (const { parts, column } of index.fields) {
		const values: unknown[] = [];
		if (collectValues(doc, parts, values)) arrays.push(column);
		columns.push(values);
	}
	if (index.sparse && columns.every(values => values.every(value => value === undefined)))
		return { rows: [], arrays: [] };
	if (arrays.length > 1)
		throw new Error(`${collection}: the index ${index.name} leads through two arrays of one document`);
	const keys = columns.map(values => values.map(indexKeyOf));
	const array = keys.findIndex(values => values.length !== 1);
	if (array < 0) return { rows: [keys.map(([key]) => key ?? 0)], arrays };
	const distinct = new Map((keys[array] ?? []).map(key => [encodeKey(key), key]));
	const rows = [...distinct.values()].map(key =>
		keys.map(([only], i) => (i === array ? key : (only ?? 0)))
	);
	return { rows, arrays };
}

/** Writes the rows of a collection's indexes that have tables of their own. */
export class IndexRows {
	constructor(
		private readonly db: DatabaseSync,
		private readonly collection: string
	) {}

	/**
	 * Deletes the rows that a document no longer has in the indexes with their own tables, and inserts the new ones. Throws
	 * `DuplicateKey`, when the rows are as they were before.
	 */
	replace(ownTables: readonly IndexTable[], id: string, before: RowsByIndex, after: RowsByIndex): void {
		const removed: [IndexTable, Row][] = [];
		const added: [IndexTable, Row][] = [];
		for (const [i, index] of ownTables.entries()) {
			const [old = [], now = []] = [before[i], after[i]];
			if (hasSameRow(old, now)) continue;
			if (old.length === 0 || now.length === 0) {
				for (const row of old) removed.push([index, row]);
				for (const row of now) added.push([index, row]);
				continue;
			}
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

	insert(index: IndexTable, row: Row, id: string): void {
		try {
			prepare(this.db, insertSqlFor(index)).run(...row, id);
		} catch (err) {
			throw isUniqueViolation(err) ? new DuplicateKey(this.collection, index.name) : err;
		}
	}

	private delete(index: IndexTable, row: Row, id: string): void {
		const where = index.fields.map(field => `${field.column} = ?`).join(" AND ");
		prepare(this.db, `DELETE FROM "${index.table}" WHERE ${where} AND id = ?`).run(...row, id);
	}
}

const insertSqls = new WeakMap<IndexTable, string>();
/** Made once for each index, since a document may have hundreds of rows. */
function insertSqlFor(index: IndexTable): string {
	const known = insertSqls.get(index);
	if (known !== undefined) return known;
	const sql = `INSERT INTO "${index.table}" VALUES (${"?, ".repeat(index.fields.length)}?)`;
	insertSqls.set(index, sql);
	return sql;
}

/** Whether both are the same single row, as where a change does not concern the index. */
function hasSameRow(before: readonly Row[], after: readonly Row[]): boolean {
	if (before.length !== after.length || before.length > 1) return false;
	const [old = [], now = []] = [before[0], after[0]];
	return old.every((key, i) => isSameKey(key, now[i]));
}

/** Equal for equal keys: a key itself, or the text of its bytes, which no other key has. */
const encodeKey = (key: IndexKey): string | number =>
	typeof key === "object"
		? `bytes ${Buffer.from(key).toString("hex")}`
		: typeof key === "string"
			? `text ${key}`
			: key;

const encodeRow = (row: Row): string => JSON.stringify(row.map(encodeKey));
