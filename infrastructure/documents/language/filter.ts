import { Context } from "mingo/core";
import * as operators from "mingo/operators/query";
import { Query } from "mingo/query";
import type { Where } from "../collection";
import { isPlainObject } from "./codec";
import { compareKeys, indexKeyOf, NULL_KEY, typeBounds, valuesAt, type IndexKey } from "./order";

const { $and, $or, $nor, $not, $eq, $ne, $in, $nin, $exists, $size, $all, $elemMatch, $regex } = operators;

/** mingo compares text by UTF-16 units; ranges are ours, so that a filter and an index agree on every string. */
const rangeOperator =
	(holds: (order: number) => boolean): typeof operators.$gt =>
	(path, bound) => {
		const key = indexKeyOf(bound);
		const [from, to] = typeBounds(key);
		const parts = path.split(".");
		return doc =>
			valuesAt(doc, parts).some(value => {
				const own = indexKeyOf(value);
				return (
					compareKeys(own, from) >= 0 && compareKeys(own, to) < 0 && holds(compareKeys(own, key))
				);
			});
	};

/** All of the query language there is: what is not here makes a filter throw instead of being passed over. */
const context = Context.init({
	query: {
		...{ $and, $or, $nor, $not, $eq, $ne, $in, $nin, $exists, $size, $all, $elemMatch, $regex },
		$gt: rangeOperator(order => order > 0),
		$gte: rangeOperator(order => order >= 0),
		$lt: rangeOperator(order => order < 0),
		$lte: rangeOperator(order => order <= 0)
	}
});

/** MongoDB's answer to whether a value matches; throws on an unknown operator or an `undefined` in the filter. */
export function compileFilter(where: Where): (value: unknown) => boolean {
	refuseUndefined(where, "");
	const query = new Query<Record<string, unknown>>(where, { context, scriptEnabled: false });
	return value => isPlainObject(value) && query.test(value);
}

/** `{ userId: undefined }` would match every document without the field: a forgotten value must not widen a filter. */
function refuseUndefined(value: unknown, path: string): void {
	if (value === undefined) throw new TypeError(`A filter compares ${path} with undefined`);
	if (Array.isArray(value)) value.forEach(item => refuseUndefined(item, path));
	else if (isPlainObject(value))
		for (const [key, below] of Object.entries(value))
			refuseUndefined(below, key.startsWith("$") ? path : key);
}

export type Bound = { readonly key: IndexKey; readonly exclusive: boolean };

/** What a filter demands of one path, in the terms of an index. */
export type PathConstraint = {
	values?: readonly IndexKey[];
	/** Of an array that has to hold several: one out of each list, beside `values`. */
	moreValues?: (readonly IndexKey[])[];
	low?: Bound;
	high?: Bound;
	present?: true;
};

export type Constraints = {
	readonly byPath: ReadonlyMap<string, PathConstraint>;
	/** `byPath` says all that the filter says. */
	readonly complete: boolean;
	/** The branches of an `$or` beside the demands. */
	readonly orBranches?: readonly Where[];
};

/** What of a filter an index could answer. Whatever is not understood here is left to `matcher`. */
export function extractConstraints(where: Where): Constraints {
	const byPath = new Map<string, PathConstraint>();
	let complete = true;
	let either: readonly Where[] | undefined;
	const read = (filter: Where): void => {
		for (const [path, condition] of Object.entries(filter)) {
			if (path === "$and" && Array.isArray(condition) && condition.length > 0) {
				condition.filter(isPlainObject).forEach(read);
				if (!condition.every(isPlainObject)) complete = false;
			} else if (path === "$or" && Array.isArray(condition)) {
				either = condition.filter(isPlainObject);
				complete = false;
			} else if (path.startsWith("$")) complete = false;
			else {
				const demand = byPath.get(path) ?? {};
				if (!addCondition(demand, condition)) complete = false;
				byPath.set(path, demand);
			}
		}
	};
	read(where);
	return { byPath, complete, ...(either && { orBranches: either }) };
}

/** Adds a condition to the demand; false when some of it is not in there. */
function addCondition(demand: PathConstraint, condition: unknown): boolean {
	if (isScalar(condition)) return addValues(demand, [condition]);
	if (!isPlainObject(condition)) return false;
	const entries = Object.entries(condition);
	let whole = entries.length > 0;
	for (const [operator, operand] of entries) if (!addOperator(demand, operator, operand)) whole = false;
	return whole;
}

function addOperator(demand: PathConstraint, operator: string, operand: unknown): boolean {
	if (operator === "$eq") return isScalar(operand) && addValues(demand, [operand]);
	if (operator === "$in")
		return Array.isArray(operand) && operand.every(isScalar) && addValues(demand, operand);
	if (operator === "$exists" && operand === true) {
		demand.present = true;
		return false; // that a field is there says a sparse index, but not that it isn't null
	}
	const side = operator.startsWith("$g") ? "low" : "high";
	if (!/^\$[gl]te?$/.test(operator) || !isScalar(operand) || operand === null || demand[side]) return false;
	const key = indexKeyOf(operand);
	const other = demand.low ?? demand.high;
	if (other && compareKeys(typeBounds(other.key)[0], typeBounds(key)[0]) !== 0) return false;
	demand[side] = { key, exclusive: !operator.endsWith("e") };
	return demand.values === undefined;
}

function addValues(demand: PathConstraint, values: readonly unknown[]): boolean {
	const keys = values.map(indexKeyOf).sort(compareKeys);
	const distinct = keys.filter((key, i) => i === 0 || compareKeys(keys[i - 1] ?? NULL_KEY, key) !== 0);
	if (demand.values) (demand.moreValues ??= []).push(distinct);
	else demand.values = distinct;
	return !demand.low && !demand.high && !keys.includes(NULL_KEY);
}

const isScalar = (value: unknown): boolean =>
	value === null ||
	value instanceof Date ||
	typeof value === "string" ||
	typeof value === "number" ||
	typeof value === "boolean";
