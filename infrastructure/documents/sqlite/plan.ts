import type { Sort, Where } from "../collection";
import { extractConstraints, type Bound, type PathConstraint, type Constraints } from "../language/filter";
import { NULL_KEY, typeBounds, type IndexKey } from "../language/order";
import { isMultikeyFrom, type IndexField, type IndexTable } from "./indexes";
import { addProbes, generateProbeSql, type Probe } from "./probes";

/** How one index (`undefined`: none, all documents) answers a query; `matcher` still decides, unless it is `exact`. */
export type Plan = {
	readonly index?: IndexTable;
	/** The values that the first columns equal: one branch for each way to choose them from `$in` lists. */
	readonly branches: readonly (readonly IndexKey[])[];
	/** A range on the column after those. */
	readonly range?: { readonly field: IndexField; readonly low: Bound; readonly high: Bound };
	/** What else the rows are tested by, before their documents are read. */
	readonly probes?: readonly Probe[];
	/** The columns that bring the rows into the order asked for; absent when the documents are to be sorted. */
	readonly order?: readonly { readonly field: IndexField; readonly direction: 1 | -1 }[];
	/** A document may come more than once. */
	readonly mayRepeat: boolean;
	/** The rows are the answer: nothing in the filter is left to be tested. */
	readonly exact: boolean;
	/** Reads less than everything, by equality, by a range, or by a sparse index. */
	readonly narrows: boolean;
};

/** More than these branches are not merged into one order, but sorted in memory. */
const MAX_MERGED_BRANCHES = 32;
/** An `$in` list multiplies the branches of the one before it up to here; beyond, the documents are tested instead. */
const MAX_BRANCHES = 1_000;

/** The documents' own table, in the shape of an index. */
export const primaryIndex = (table: string): IndexTable => ({
	name: "_id",
	table,
	fields: [{ path: "_id", parts: ["_id"], direction: 1, column: "id" }],
	unique: true,
	sparse: false,
	multikey: []
});

/**
 * One plan; or one for each branch of an `$or`, where all of them have an index and the whole has none. `indexes` begins
 * with the primary key.
 */
export function planQuery(
	indexes: readonly IndexTable[],
	where: Where,
	sort: Sort | undefined,
	limited: boolean
): readonly Plan[] {
	const demands = extractConstraints(where);
	const plan = choosePlan(indexes, demands, sort, limited);
	if (plan.narrows || !demands.orBranches?.length) return [plan];
	const branches = demands.orBranches.map(branch =>
		choosePlan(indexes, extractConstraints({ $and: [where, branch] }), undefined, false)
	);
	return branches.every(branch => branch.narrows) ? branches : [plan];
}

/**
 * The longest prefix of equality wins; then, where a limit makes stopping early worth it, an index in the order asked for
 * before one with a range, and else the range.
 */
export function choosePlan(
	indexes: readonly IndexTable[],
	demands: Constraints,
	sort: Sort | undefined,
	limited: boolean
): Plan {
	const empty = demands.byPath.size === 0;
	let best: Plan = {
		branches: [[]],
		...(!sort && { order: [] }),
		mayRepeat: false,
		exact: demands.complete && empty,
		narrows: false
	};
	let bestScore = 0;
	for (const index of indexes) {
		const plan = planFor(index, demands, sort);
		if (!plan) continue;
		const equal = plan.branches[0]?.length ?? index.fields.length;
		const ordered = sort && plan.order ? (limited ? 4 : 1) : 0;
		const score = equal * 10 + ordered + (plan.range ? 2 : 0) + (plan.narrows ? 1 : 0);
		if (score > bestScore) [best, bestScore] = [plan, score];
		if (equal > 0 && index === indexes[0]) break; // by _id: nothing is nearer
	}
	return addProbes(indexes, demands, best);
}

function planFor(
	index: IndexTable,
	{ byPath, complete }: Constraints,
	sort: Sort | undefined
): Plan | undefined {
	const demandOf = (field: IndexField) => usableConstraint(index, field, byPath.get(field.path));
	// A sparse index knows only documents that have one of its paths: the filter must say that they do.
	const present = index.fields.some(field => excludesMissing(byPath.get(field.path)));
	if (index.sparse && !present) return undefined;

	let branches: IndexKey[][] = [[]];
	let equal = 0;
	let lists = 0;
	for (const field of index.fields) {
		const values = demandOf(field)?.values;
		if (!values || branches.length * values.length > Math.max(MAX_BRANCHES, values.length)) break;
		if (values.length > 1 && index.multikey.includes(field.column)) lists++;
		branches = branches.flatMap(branch => values.map(value => [...branch, value]));
		equal++;
	}
	const next = index.fields[equal];
	const range = next && rangeOf(next, demandOf(next), index.multikey.includes(next.column));
	const order = sort && orderOf(index, equal, branches.length, range !== undefined, byPath, sort);
	const used = new Set(index.fields.slice(0, equal + (range ? 1 : 0)).map(field => field.path));
	const free = isMultikeyFrom(index, equal);
	return {
		index,
		branches,
		...(range && { range }),
		...(sort ? order && { order } : { order: [] }),
		mayRepeat: free || lists > 0,
		exact:
			complete &&
			!(range && free) &&
			[...byPath].every(([path, { moreValues: more }]) => used.has(path) && more === undefined),
		narrows: equal > 0 || range !== undefined || index.sparse
	};
}

const excludesMissing = (demand: PathConstraint | undefined): boolean =>
	demand !== undefined &&
	(demand.present === true ||
		demand.low !== undefined ||
		demand.high !== undefined ||
		(demand.values !== undefined && !demand.values.includes(NULL_KEY)));

/** The column of `_id` is text: SQLite would make text of a number before comparing. */
function usableConstraint(
	index: IndexTable,
	field: IndexField,
	demand: PathConstraint | undefined
): PathConstraint | undefined {
	const text = [...(demand?.values ?? []), demand?.low?.key ?? "", demand?.high?.key ?? ""];
	return field.column === "id" && index.name === "_id" && text.some(key => typeof key !== "string")
		? undefined
		: demand;
}

/**
 * Both ends within the type of the bound. In an array one element may be above the lower and another below the upper bound,
 * so there only one of the two holds for a single row.
 */
function rangeOf(field: IndexField, demand: PathConstraint | undefined, many: boolean): Plan["range"] {
	const given = demand?.low ?? demand?.high;
	if (!demand || !given) return undefined;
	const [from, to] = typeBounds(given.key);
	const low = demand.low ?? { key: from, exclusive: false };
	const high = demand.high && !(many && demand.low) ? demand.high : { key: to, exclusive: true };
	return { field, low, high };
}

/** The columns to order by, when the index can give the order without sorting. */
function orderOf(
	index: IndexTable,
	equal: number,
	branches: number,
	ranged: boolean,
	byPath: Constraints["byPath"],
	sort: Sort
): Plan["order"] {
	if (branches > MAX_MERGED_BRANCHES) return undefined;
	const fixed = index.fields.slice(0, equal).filter(field => !index.multikey.includes(field.column));
	const constant = (path: string) =>
		fixed.some(field => field.path === path) && byPath.get(path)?.values?.length === 1;
	const after = index.fields.slice(equal);
	const hasId = index.fields.some(field => field.path === "_id");
	// Rows of one key stand by id, a column that every index ends with. (Of a unique one a key has one row.)
	if (!hasId && !index.unique) after.push({ path: "_id", parts: ["_id"], direction: 1, column: "id" });

	const order: { field: IndexField; direction: 1 | -1 }[] = [];
	let turned: number | undefined;
	for (const [path, direction] of Object.entries(sort)) {
		if (constant(path)) continue;
		const field = after[order.length];
		// An array sorts by its lowest element, which a range may have left out.
		const outside = field && index.multikey.includes(field.column) && (ranged || byPath.has(path));
		if (!field || field.path !== path || outside) return undefined;
		turned ??= direction * field.direction;
		if (turned !== direction * field.direction) return undefined;
		order.push({ field, direction });
		if (path === "_id") break;
	}
	return order;
}

/** No row is there twice to be counted: the rows of an exact plan can be counted in place of the documents. */
export const isCountable = (plan: Plan): boolean => plan.exact && !plan.mayRepeat;

/** SQL for a plan, and for each time it has to run its parameters: once for an order, else once a branch. */
export function generateSql(
	plan: Plan,
	docs: string,
	what: "documents" | "count",
	window?: { readonly skip: number; readonly limit: number }
): { sql: string; runs: IndexKey[][] } {
	const { index, branches, range, probes = [], order = [] } = plan;
	const own = !index || index.table === docs;
	const column = (field: IndexField) => (own ? `d.${field.column}` : `i.${field.column}`);
	const from = own ? `"${docs}" d` : `"${index.table}" i CROSS JOIN "${docs}" d ON d.id = i.id`;
	const conditions = (index?.fields ?? [])
		.slice(0, branches[0]?.length ?? 0)
		.map(field => `${column(field)} = ?`);
	if (range)
		conditions.push(
			`${column(range.field)} ${range.low.exclusive ? ">" : ">="} ?`,
			`${column(range.field)} ${range.high.exclusive ? "<" : "<="} ?`
		);
	for (const probe of probes) conditions.push(generateProbeSql(probe));
	const where = conditions.length ? ` WHERE ${conditions.join(" AND ")}` : "";
	const bounds = [
		...(range ? [range.low.key, range.high.key] : []),
		...probes.flatMap(({ keys }) => keys.flat())
	];
	const runs = branches.map(branch => [...branch, ...bounds]);
	if (what === "count")
		return { sql: `SELECT count(*) AS n FROM ${own ? from : `"${index.table}" i`}${where}`, runs };

	const sortColumns = order.map(({ field }, i) => `, ${column(field)} AS s${i}`).join("");
	const select = `SELECT d.id AS id, d.doc AS doc${sortColumns} FROM ${from}${where}`;
	const directions = order.map(({ direction }, i) => `s${i} ${direction === 1 ? "ASC" : "DESC"}`);
	const ordered = directions.length ? ` ORDER BY ${directions.join(", ")}` : "";
	const merged = ordered !== "" && runs.length > 1;
	const cut = window ? ` LIMIT ? OFFSET ?` : "";
	return {
		sql: (merged ? Array<string>(runs.length).fill(select).join(" UNION ALL ") : select) + ordered + cut,
		runs: (merged ? [runs.flat()] : runs).map(run => (window ? [...run, window.limit, window.skip] : run))
	};
}
