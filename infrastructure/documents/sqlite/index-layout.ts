import type { Doc } from "../collection";
import { collectValues, indexKeyOf, type IndexKey } from "../language/value-order";
import { makeIndexFields, type IndexTable } from "./plan-shape";

/** A row of the table `store_indexes`; `many` is the JSON of the columns (`k0`, …) in which some document had an array. */
export type Definition = {
	readonly n: number;
	readonly keys: string;
	readonly uniq: number;
	readonly sparse: number;
	readonly many: string;
};

/** Columns of the documents' table that are filled together. Those of a sparse index are NULL where a document has none of its paths. */
export type KeyColumns = {
	readonly columns: readonly string[];
	readonly paths: readonly (readonly string[])[];
	readonly sparse: boolean;
};

/** Where the keys of a collection's indexes are stored. */
export type IndexLayout = {
	/** Every index, in the order of its declaration. */
	readonly indexes: readonly IndexTable[];
	/** Of these, the ones with a table of their own. */
	readonly ownTables: readonly IndexTable[];
	/** Of these, the unique ones over columns. */
	readonly uniqueColumns: readonly IndexTable[];
	/** The places in `columns` of their columns. */
	readonly uniqueNumbers: readonly number[];
	readonly keyColumns: readonly KeyColumns[];
	/** The names of all columns, in the order of `keyColumns`. */
	readonly columns: readonly string[];
};

export const indexNameOf = (collection: string, n: number): string => `${collection}_index_${n}`;
export const parseKeys = (keys: string): [string, 1 | -1][] => JSON.parse(keys) as [string, 1 | -1][];

/** The paths in which some document has, or had, an array. */
const arrayPathsOf = (definitions: readonly Definition[]): Set<string> =>
	new Set(
		definitions.flatMap(({ keys, many }) =>
			(JSON.parse(many) as string[]).map(column => parseKeys(keys)[Number(column.slice(1))]?.[0] ?? "")
		)
	);

/**
 * Lays the indexes of a collection out: in columns of the documents' table, or in tables of their own where a path has an
 * array. Indexes share the column of a path, except sparse ones, for which a missing value is another than null. A column
 * bears the number of the first index that names its path, so that every process gives it the same name.
 */
export function layOutIndexes(
	collection: string,
	docs: string,
	definitions: readonly Definition[]
): IndexLayout {
	const arrayPaths = arrayPathsOf(definitions);
	const shared = new Map<string, string>([["_id", "id"]]);
	const keyColumns: KeyColumns[] = [];
	const indexes = definitions.map(({ n, keys, uniq, sparse, many }): IndexTable => {
		const entries = parseKeys(keys);
		const fields = makeIndexFields(Object.fromEntries(entries));
		const isInColumns = !entries.some(([path]) => arrayPaths.has(path));
		const columns = fields.map(({ column }) => `k${n}_${column.slice(1)}`);
		const paths = fields.map(({ parts }) => parts);
		if (sparse === 1 && isInColumns) keyColumns.push({ columns, paths, sparse: true });
		if (sparse === 0)
			for (const [i, { path, parts }] of fields.entries()) {
				if (shared.has(path) || arrayPaths.has(path)) continue;
				shared.set(path, columns[i] ?? "");
				keyColumns.push({ columns: [columns[i] ?? ""], paths: [parts], sparse: false });
			}
		const own = {
			name: entries.map(([path]) => path).join(","),
			unique: uniq === 1,
			sparse: sparse === 1
		};
		const name = indexNameOf(collection, n);
		if (!isInColumns) return { ...own, table: name, fields, multikey: JSON.parse(many) as string[] };
		const columnOf = (path: string, i: number) => (sparse === 1 ? columns[i] : shared.get(path)) ?? "";
		return {
			...own,
			table: docs,
			sqliteIndex: name,
			fields: fields.map((field, i) => ({ ...field, column: columnOf(field.path, i) })),
			multikey: []
		};
	});
	const columns = keyColumns.flatMap(group => group.columns);
	const uniqueColumns = indexes.filter(({ sqliteIndex, unique }) => sqliteIndex && unique);
	const uniqueFields = uniqueColumns.flatMap(({ fields }) => fields);
	return {
		indexes,
		ownTables: indexes.filter(({ sqliteIndex }) => !sqliteIndex),
		uniqueColumns,
		uniqueNumbers: uniqueFields.map(({ column }) => columns.indexOf(column)).filter(i => i >= 0),
		keyColumns,
		columns
	};
}

/** The statement that creates the table of a collection's documents where it does not exist. */
export const createTableSql = (table: string, columns: readonly string[]): string =>
	`CREATE TABLE IF NOT EXISTS "${table}" (${["id TEXT PRIMARY KEY", "doc TEXT NOT NULL", ...columns].join(", ")})`;

/** Appends the keys of a document for columns that are filled together. Returns the path on which there is an array, if any. */
export function collectKeys(
	{ paths, sparse }: KeyColumns,
	doc: Doc,
	keys: (IndexKey | null | undefined)[]
): string | undefined {
	const values: unknown[] = [];
	let arrayPath: string | undefined;
	for (const parts of paths) if (collectValues(doc, parts, values)) arrayPath = parts.join(".");
	const isLeftOut = sparse && values.every(value => value === undefined);
	if (!isLeftOut && arrayPath !== undefined) return arrayPath;
	for (let i = 0; i < paths.length; i++) keys.push(isLeftOut ? null : indexKeyOf(values[i]));
	return undefined;
}

export function isSameKey(a: IndexKey | null | undefined, b: IndexKey | null | undefined): boolean {
	if (a === b) return true;
	return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
}
