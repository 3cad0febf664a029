import type { Sort, Where } from "../collection";
import { extractConstraints, type Constraints, type PathConstraint } from "../language/filter";
import { NULL_KEY, typeBounds, type IndexKey } from "../language/value-order";
import {
	isMultikeyFrom,
	MAX_MERGED_BRANCHES,
	type IndexField,
	type IndexTable,
	type Plan
} from "./plan-shape";
import { addProbes } from "./probes";

/** The `$in` lists of several columns multiply to at most this many branches; the documents are tested for further lists. */
const MAX_BRANCHES = 1_000;

/** The table of the documents itself, in the form of an index. */
export const primaryIndex = (table: string): IndexTable => ({
	name: "_id",
	table,
	fields: [{ path: "_id", parts: ["_id"], direction: 1, column: "id" }],
	unique: true,
	sparse: false,
	multikey: []
});

/**
 * Plans a query: one plan, or a plan for each branch of an `$or` where every branch has an index and the whole has none.
 * `indexes` begins with the primary key.
 */
export function planQuery(
	indexes: readonly IndexTable[],
	where: Where,
	sort: Sort | undefined,
	limited: boolean
): readonly Plan[] {
	const constraints = extractConstraints(where);
	const plan = choosePlan(indexes, constraints, sort, limited);
	if (plan.narrows || !constraints.orBranches?.length) return [plan];
	const branches = constraints.orBranches.map(branch =>
		choosePlan(indexes, extractConstraints({ $and: [where, branch] }), undefined, false)
	);
	return branches.every(branch => branch.narrows) ? branches : [plan];
}

/** The plan that reads an index in the requested order, with as many equal columns as possible; undefined without such an index. */
export function planInOrder(indexes: readonly IndexTable[], where: Where, sort: Sort): Plan | undefined {
	const constraints = extractConstraints(where);
	const ordered = indexes
		.map(index => planFor(index, constraints, sort))
		.filter(plan => plan?.order !== undefined && !plan.mayRepeat)
		.sort((a, b) => (b?.branches[0]?.length ?? 0) - (a?.branches[0]?.length ?? 0));
	return ordered[0] && addProbes(indexes, constraints, ordered[0]);
}

/**
 * Chooses a unique index whose columns all equal a value, since it has one row for each. Without one, chooses the index with
 * the longest prefix of columns that equal a value. Among equals, a limited query prefers an index in
 * the requested order, since it can stop early, and any other query an index with a range.
 */
export function choosePlan(
	indexes: readonly IndexTable[],
	constraints: Constraints,
	sort: Sort | undefined,
	limited: boolean
): Plan {
	const empty = constraints.byPath.size === 0;
	let best: Plan = {
		branches: [[]],
		...(!sort && { order: [] }),
		mayRepeat: false,
		exact: constraints.complete && empty,
		narrows: false
	};
	let bestScore = 0;
	const [sortedBy] = sort ? Object.keys(sort) : [];
	for (const index of indexes) {
		const first = index.fields[0]?.path ?? "";
		// Otherwise the index neither narrows nor orders.
		const mayHelp = index.sparse || constraints.byPath.has(first) || sortedBy === first;
		const plan = mayHelp && planFor(index, constraints, sort);
		if (!plan) continue;
		const equal = plan.branches[0]?.length ?? index.fields.length;
		const ordered = sort && plan.order ? (limited ? 4 : 1) : 0;
		const single = index.unique && equal === index.fields.length ? 1000 : 0;
		const score = single + equal * 10 + ordered + (plan.range ? 2 : 0) + (plan.narrows ? 1 : 0);
		if (score > bestScore) [best, bestScore] = [plan, score];
		if (equal > 0 && index === indexes[0]) break; // nothing beats the primary key
	}
	return addProbes(indexes, constraints, best);
}

function planFor(
	index: IndexTable,
	{ byPath, complete }: Constraints,
	sort: Sort | undefined
): Plan | undefined {
	const constraintOf = (field: IndexField) => usableConstraint(field, byPath.get(field.path));
	// A sparse index lacks the documents that have none of its paths, so the filter must exclude these.
	const excluded = index.fields.some(field => excludesMissing(byPath.get(field.path)));
	if (index.sparse && !excluded) return undefined;

	let branches: IndexKey[][] = [[]];
	let equal = 0;
	let multikeyLists = 0;
	for (const field of index.fields) {
		const values = constraintOf(field)?.values;
		if (!values || branches.length * values.length > Math.max(MAX_BRANCHES, values.length)) break;
		if (values.length > 1 && index.multikey.includes(field.column)) multikeyLists++;
		branches = branches.flatMap(branch => values.map(value => [...branch, value]));
		equal++;
	}
	const next = index.fields[equal];
	const range = next && rangeOf(next, constraintOf(next), index.multikey.includes(next.column));
	const order = sort && orderOf(index, equal, branches.length, range !== undefined, byPath, sort);
	const covered = new Set(index.fields.slice(0, equal + (range ? 1 : 0)).map(field => field.path));
	const freeMultikey = isMultikeyFrom(index, equal);
	return {
		index,
		branches,
		...(range && { range }),
		...(sort ? order && { order } : { order: [] }),
		mayRepeat: freeMultikey || multikeyLists > 0,
		exact:
			complete &&
			!(range && freeMultikey) &&
			[...byPath].every(([path, { moreValues }]) => covered.has(path) && moreValues === undefined),
		narrows: equal > 0 || range !== undefined || index.sparse
	};
}

const excludesMissing = (constraint: PathConstraint | undefined): boolean =>
	constraint !== undefined &&
	(constraint.present === true ||
		constraint.low !== undefined ||
		constraint.high !== undefined ||
		(constraint.values !== undefined && !constraint.values.includes(NULL_KEY)));

/** Ignores a condition on `_id` with a value that is no text: SQLite would convert it to text before comparing. */
function usableConstraint(
	field: IndexField,
	constraint: PathConstraint | undefined
): PathConstraint | undefined {
	if (field.column !== "id" || !constraint) return constraint;
	const keys = [...(constraint.values ?? []), constraint.low?.key ?? "", constraint.high?.key ?? ""];
	return keys.every(key => typeof key === "string") ? constraint : undefined;
}

/**
 * The range of keys of a condition, within the type of its bounds. On a multikey column the range takes only one of two bounds:
 * one element of an array may be above the lower bound and another one below the upper.
 */
function rangeOf(
	field: IndexField,
	constraint: PathConstraint | undefined,
	multikey: boolean
): Plan["range"] {
	const given = constraint?.low ?? constraint?.high;
	if (!constraint || !given) return undefined;
	const [from, to] = typeBounds(given.key);
	const low = constraint.low ?? { key: from, exclusive: false };
	const high =
		constraint.high && !(multikey && constraint.low) ? constraint.high : { key: to, exclusive: true };
	return { field, low, high };
}

/** The columns to order by; undefined where reading the index does not give the order. */
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
	// The last column of every index is the id, except of a unique one, where a key has one row.
	if (!hasId && !index.unique) after.push({ path: "_id", parts: ["_id"], direction: 1, column: "id" });

	const order: { field: IndexField; direction: 1 | -1 }[] = [];
	let sense: number | undefined;
	for (const [path, direction] of Object.entries(sort)) {
		if (constant(path)) continue;
		const field = after[order.length];
		// An array sorts by its lowest element, which the range or the keys may have left out.
		const outside = field && index.multikey.includes(field.column) && (ranged || byPath.has(path));
		if (!field || field.path !== path || outside) return undefined;
		sense ??= direction * field.direction;
		if (sense !== direction * field.direction) return undefined;
		order.push({ field, direction });
		if (path === "_id") break;
	}
	return order;
}
