import { Context } from "mingo/core";
import * as operators from "mingo/operators/query";
import { Query } from "mingo/query";
import type { Where } from "../collection";
import { isPlainObject } from "./codec";
import { compareKeys, indexKeyOf, NULL_KEY, typeBounds, valuesAt, type IndexKey } from "./value-order";

const { $and, $or, $nor, $not, $eq, $ne, $in, $nin, $exists, $size, $all, $elemMatch, $regex } = operators;

/** Range operators compare index keys instead of mingo's UTF-16 order, so that filters and indexes agree on every string. */
const rangeOperator = (holds: (order: number) => boolean) => (path: string, bound: unknown) => {
	const key = indexKeyOf(bound);
	const [from, to] = typeBounds(key);
	const parts = path.split(".");
	return (doc: unknown): boolean =>
		valuesAt(doc, parts).some(value => {
			const own = indexKeyOf(value);
			return compareKeys(own, from) >= 0 && compareKeys(own, to) < 0 && holds(compareKeys(own, key));
		});
};

const ranges = {
	$gt: rangeOperator(order => order > 0),
	$gte: rangeOperator(order => order >= 0),
	$lt: rangeOperator(order => order < 0),
	$lte: rangeOperator(order => order <= 0)
};

/** The whole query language. An operator that is not listed makes a filter throw instead of being ignored. */
const context = Context.init({
	query: {
		...{ $and, $or, $nor, $not, $eq, $ne, $in, $nin, $exists, $size, $all, $elemMatch, $regex },
		...(ranges as unknown as Record<keyof typeof ranges, typeof operators.$gt>) // mingo passes options too
	}
});

type Fields = Readonly<Record<string, unknown>>;
type Test = (doc: Fields) => boolean;

/** A test for matching values, with MongoDB's results. Throws on an unknown operator or an `undefined` in the filter. */
export function compileFilter(where: Where): (value: unknown) => boolean {
	refuseUndefined(where, "");
	const tests = compileComparisons(where);
	if (tests) return value => isPlainObject(value) && tests.every(test => test(value));
	const query = new Query<Record<string, unknown>>(where, { context, scriptEnabled: false });
	return value => isPlainObject(value) && query.test(value);
}

/**
 * The tests of a filter that only compares fields with texts, numbers and booleans, as most do: a tenth of the work of mingo's
 * query. Null for any other filter.
 */
function compileComparisons(where: Where): Test[] | null {
	const tests: Test[] = [];
	for (const [path, condition] of Object.entries(where)) {
		if (path.startsWith("$") || /(^|\.)\d+(\.|$)/.test(path)) return null;
		const comparisons = isPlainObject(condition) ? Object.entries(condition) : [["$eq", condition]];
		if (comparisons.length === 0) return null;
		for (const [operator, operand] of comparisons as [string, unknown][]) {
			const test = compileComparison(path, operator, operand);
			if (!test) return null;
			tests.push(test);
		}
	}
	return tests;
}

function compileComparison(path: string, operator: string, operand: unknown): Test | null {
	if (isRange(operator)) return isPrimitive(operand) ? ranges[operator](path, operand) : null;
	const isList = operator === "$in" || operator === "$nin";
	if (!isList && operator !== "$eq" && operator !== "$ne") return null;
	if (isList && !Array.isArray(operand)) return null;
	const wanted: readonly unknown[] = Array.isArray(operand) && isList ? operand : [operand];
	if (!wanted.every(isPrimitive)) return null;
	const parts = path.split(".");
	const holds: Test = doc =>
		someValueAt(doc, parts, value => (wanted as readonly unknown[]).includes(value));
	return operator === "$eq" || operator === "$in" ? holds : doc => !holds(doc);
}

const isRange = (operator: string): operator is keyof typeof ranges => Object.hasOwn(ranges, operator);
const isPrimitive = (value: unknown): value is string | number | boolean =>
	typeof value === "string" || typeof value === "number" || typeof value === "boolean";

function someValueAt(doc: Fields, parts: readonly string[], holds: (value: unknown) => boolean): boolean {
	const [field = ""] = parts;
	if (parts.length > 1) return valuesAt(doc, parts).some(holds);
	const value = Object.hasOwn(doc, field) ? doc[field] : undefined;
	return Array.isArray(value) ? value.some(holds) : holds(value);
}

/** Throws on `{ userId: undefined }`: a forgotten value would match every document without the field. */
function refuseUndefined(value: unknown, path: string): void {
	if (value === undefined) throw new TypeError(`A filter compares ${path} with undefined`);
	if (Array.isArray(value)) value.forEach(item => refuseUndefined(item, path));
	else if (isPlainObject(value))
		for (const [key, below] of Object.entries(value))
			refuseUndefined(below, key.startsWith("$") ? path : key);
}

export type Bound = { readonly key: IndexKey; readonly exclusive: boolean };

/** Conditions of a filter on one path, as far as an index can answer them. */
export type PathConstraint = {
	/** Keys of which the path must equal one, ascending. */
	values?: readonly IndexKey[];
	/** Further lists like `values`: an array may have to hold one element of each. */
	moreValues?: (readonly IndexKey[])[];
	low?: Bound;
	high?: Bound;
	/** The path must exist. */
	present?: true;
};

export type Constraints = {
	readonly byPath: ReadonlyMap<string, PathConstraint>;
	/** `byPath` covers the whole filter. */
	readonly complete: boolean;
	/** The branches of an `$or` that must hold as well. */
	readonly orBranches?: readonly Where[];
};

/** Reads the conditions that an index could answer. All others make the result incomplete: `compileFilter` tests them. */
export function extractConstraints(where: Where): Constraints {
	const byPath = new Map<string, PathConstraint>();
	let complete = true;
	let orBranches: readonly Where[] | undefined;
	const read = (filter: Where): void => {
		for (const [path, condition] of Object.entries(filter)) {
			if (path === "$and" && Array.isArray(condition) && condition.length > 0) {
				condition.filter(isPlainObject).forEach(read);
				if (!condition.every(isPlainObject)) complete = false;
			} else if (path === "$or" && Array.isArray(condition)) {
				orBranches = condition.filter(isPlainObject);
				complete = false;
			} else if (path.startsWith("$")) complete = false;
			else {
				const constraint = byPath.get(path) ?? {};
				if (!addCondition(constraint, condition)) complete = false;
				byPath.set(path, constraint);
			}
		}
	};
	read(where);
	return { byPath, complete, ...(orBranches && { orBranches }) };
}

/** Adds a condition to a path's constraint; returns false where the constraint does not cover the whole condition. */
function addCondition(constraint: PathConstraint, condition: unknown): boolean {
	if (isScalar(condition)) return addValues(constraint, [condition]);
	if (!isPlainObject(condition)) return false;
	const entries = Object.entries(condition);
	let whole = entries.length > 0;
	for (const [operator, operand] of entries) if (!addOperator(constraint, operator, operand)) whole = false;
	return whole;
}

function addOperator(constraint: PathConstraint, operator: string, operand: unknown): boolean {
	if (operator === "$eq") return isScalar(operand) && addValues(constraint, [operand]);
	if (operator === "$in")
		return Array.isArray(operand) && operand.every(isScalar) && addValues(constraint, operand);
	if (operator === "$exists" && operand === true) {
		constraint.present = true;
		return false; // no proof: null and a missing field have the same key
	}
	const side = operator.startsWith("$g") ? "low" : "high";
	if (!/^\$[gl]te?$/.test(operator) || !isScalar(operand) || operand === null || constraint[side])
		return false;
	const key = indexKeyOf(operand);
	const other = constraint.low ?? constraint.high;
	if (other && compareKeys(typeBounds(other.key)[0], typeBounds(key)[0]) !== 0) return false;
	constraint[side] = { key, exclusive: !operator.endsWith("e") };
	return constraint.values === undefined;
}

function addValues(constraint: PathConstraint, values: readonly unknown[]): boolean {
	const keys = values.map(indexKeyOf).sort(compareKeys);
	const distinct = keys.filter((key, i) => i === 0 || compareKeys(keys[i - 1] ?? NULL_KEY, key) !== 0);
	if (constraint.values) (constraint.moreValues ??= []).push(distinct);
	else constraint.values = distinct;
	return !constraint.low && !constraint.high && !keys.includes(NULL_KEY);
}

const isScalar = (value: unknown): boolean =>
	value === null ||
	value instanceof Date ||
	typeof value === "string" ||
	typeof value === "number" ||
	typeof value === "boolean";
