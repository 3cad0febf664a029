import type { Sort } from "../collection";
import type { Bound } from "../language/filter";
import type { IndexKey } from "../language/value-order";

/** A path of an index and the column that holds its keys. */
export type IndexField = {
	readonly path: string;
	readonly parts: readonly string[];
	readonly direction: 1 | -1;
	readonly column: string;
};

/**
 * An index, in one of two forms. Usually its keys are columns of the documents' table, under an index of SQLite. Where a path
 * leads through an array, a document has several keys: then the index is a table of its own, in key order (`WITHOUT ROWID`),
 * with a row for each element.
 */
export type IndexTable = {
	/** The paths, joined by a comma. */
	readonly name: string;
	/** The table that is read: that of the documents, or the index's own. */
	readonly table: string;
	/** The index of SQLite over columns of the documents' table; absent in the other form. */
	readonly sqliteIndex?: string;
	readonly fields: readonly IndexField[];
	readonly unique: boolean;
	readonly sparse: boolean;
	/** Columns in which some document has, or had, an array, so that a document may have several rows. */
	readonly multikey: readonly string[];
};

export const makeIndexFields = (keys: Sort): IndexField[] =>
	Object.entries(keys).map(([path, direction], i) => ({
		path,
		parts: path.split("."),
		direction,
		column: `k${i}`
	}));

/** Whether a document may have several rows that differ only from this column on. */
export const isMultikeyFrom = (index: IndexTable, column: number): boolean =>
	index.fields.slice(column).some(field => index.multikey.includes(field.column));

/** A test of another index: the document must have a row there, under one of `keys` for each column. */
export type Probe = { readonly index: IndexTable; readonly keys: readonly (readonly IndexKey[])[] };

/** The way in which one index answers a query. The filter itself is the last test of a document, unless the plan is `exact`. */
export type Plan = {
	/** Absent: all documents are read. */
	readonly index?: IndexTable;
	/** Keys that the first columns equal: a branch for each combination of the values of `$in` lists. */
	readonly branches: readonly (readonly IndexKey[])[];
	/** A range of the column after these. */
	readonly range?: { readonly field: IndexField; readonly low: Bound; readonly high: Bound };
	/** Tests of a row before its document is read. */
	readonly probes?: readonly Probe[];
	/** Columns that bring the rows into the requested order; absent where the documents must be sorted in memory. */
	readonly order?: readonly { readonly field: IndexField; readonly direction: 1 | -1 }[];
	/** A document may be found more than once. */
	readonly mayRepeat: boolean;
	/** Every row's document matches: nothing of the filter is left to test. */
	readonly exact: boolean;
	/** Only a part of the index is read, by equality, by a range, or because the index is sparse. */
	readonly narrows: boolean;
};

/** More branches than these are not merged by SQLite. */
export const MAX_MERGED_BRANCHES = 32;

/** Whether one run of the statement yields all rows in the requested order, so that SQLite itself can skip and limit. */
export const runsInOrder = (plan: Plan): boolean =>
	plan.branches.length === 1 || (plan.order?.length ?? 0) > 0;

/** Whether one run of the statement yields all documents. */
export const runsOnce = (plan: Plan): boolean =>
	runsInOrder(plan) || plan.branches.length <= MAX_MERGED_BRANCHES;

/** Whether the plan reads an index that has a table of its own: how it must be read depends on which paths have arrays. */
export const readsOwnTable = ({ index, probes = [] }: Plan): boolean =>
	[index, ...probes.map(probe => probe.index)].some(
		read => read !== undefined && !read.sqliteIndex && read.name !== "_id"
	);

/** Whether the number of rows is the number of matching documents. */
export const isCountable = (plan: Plan): boolean => plan.exact && !plan.mayRepeat;
