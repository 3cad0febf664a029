import { Context } from "mingo/core";
import * as operators from "mingo/operators/query";
import { Query } from "mingo/query";
import type { Where } from "../collection";
import { isPlain } from "./codec";
import { compareKeys, keyOf, NULL, typeBounds, valuesAt, type Key } from "./order";

const { $and, $or, $nor, $not, $eq, $ne, $in, $nin, $exists, $size, $all, $elemMatch, $regex } = operators;

/** mingo compares text by UTF-16 units; ranges are ours, so that a filter and an index agree on every string. */
const range =
	(holds: (order: number) => boolean): typeof operators.$gt =>
	(path, bound) => {
		const key = keyOf(bound);
		const [from, to] = typeBounds(key);
		const parts = path.split(".");
		return doc =>
			valuesAt(doc, parts).some(value => {
				const own = keyOf(value);
				return (
					compareKeys(own, from) >= 0 && compareKeys(own, to) < 0 && holds(compareKeys(own, key))
				);
			});
	};

/** All of the query language there is: what is not here makes a filter throw instead of being passed over. */
const context = Context.init({
	query: {
		...{ $and, $or, $nor, $not, $eq, $ne, $in, $nin, $exists, $size, $all, $elemMatch, $regex },
		$gt: range(order => order > 0),
		$gte: range(order => order >= 0),
		$lt: range(order => order < 0),
		$lte: range(order => order <= 0)
	}
});

/** MongoDB's answer to whether a value matches; throws on an unknown operator or an `undefined` in the filter. */
export function matcher(where: Where): (value: unknown) => boolean {
	refuseUndefined(where, "");
	const query = new Query<Record<string, unknown>>(where, { context, scriptEnabled: false });
	return value => isPlain(value) && query.test(value);
}

/** `{ userId: undefined }` would match every document without the field: a forgotten value must not widen a filter. */
function refuseUndefined(value: unknown, path: string): void {
	if (value === undefined) throw new TypeError(`A filter compares ${path} with undefined`);
	if (Array.isArray(value)) value.forEach(item => refuseUndefined(item, path));
	else if (isPlain(value))
		for (const [key, below] of Object.entries(value))
			refuseUndefined(below, key.startsWith("$") ? path : key);
}

export type Bound = { readonly key: Key; readonly open: boolean };

/** What a filter demands of one path, in the terms of an index. */
export type Demand = {
	values?: readonly Key[];
	/** Of an array that has to hold several: one out of each list, beside `values`. */
	more?: (readonly Key[])[];
	low?: Bound;
	high?: Bound;
	present?: true;
};

export type Demands = {
	readonly byPath: ReadonlyMap<string, Demand>;
	/** `byPath` says all that the filter says. */
	readonly complete: boolean;
	/** The branches of an `$or` beside the demands. */
	readonly either?: readonly Where[];
};

/** What of a filter an index could answer. Whatever is not understood here is left to `matcher`. */
export function demandsOf(where: Where): Demands {
	const byPath = new Map<string, Demand>();
	let complete = true;
	let either: readonly Where[] | undefined;
	const read = (filter: Where): void => {
		for (const [path, condition] of Object.entries(filter)) {
			if (path === "$and" && Array.isArray(condition) && condition.length > 0) {
				condition.filter(isPlain).forEach(read);
				if (!condition.every(isPlain)) complete = false;
			} else if (path === "$or" && Array.isArray(condition)) {
				either = condition.filter(isPlain);
				complete = false;
			} else if (path.startsWith("$")) complete = false;
			else {
				const demand = byPath.get(path) ?? {};
				if (!demanded(demand, condition)) complete = false;
				byPath.set(path, demand);
			}
		}
	};
	read(where);
	return { byPath, complete, ...(either && { either }) };
}

/** Adds a condition to the demand; false when some of it is not in there. */
function demanded(demand: Demand, condition: unknown): boolean {
	if (isScalar(condition)) return addValues(demand, [condition]);
	if (!isPlain(condition)) return false;
	const entries = Object.entries(condition);
	let whole = entries.length > 0;
	for (const [operator, operand] of entries) if (!addOperator(demand, operator, operand)) whole = false;
	return whole;
}

function addOperator(demand: Demand, operator: string, operand: unknown): boolean {
	if (operator === "$eq") return isScalar(operand) && addValues(demand, [operand]);
	if (operator === "$in")
		return Array.isArray(operand) && operand.every(isScalar) && addValues(demand, operand);
	if (operator === "$exists" && operand === true) {
		demand.present = true;
		return false; // that a field is there says a sparse index, but not that it isn't null
	}
	const side = operator.startsWith("$g") ? "low" : "high";
	if (!/^\$[gl]te?$/.test(operator) || !isScalar(operand) || operand === null || demand[side]) return false;
	const key = keyOf(operand);
	const other = demand.low ?? demand.high;
	if (other && compareKeys(typeBounds(other.key)[0], typeBounds(key)[0]) !== 0) return false;
	demand[side] = { key, open: !operator.endsWith("e") };
	return demand.values === undefined;
}

function addValues(demand: Demand, values: readonly unknown[]): boolean {
	const keys = values.map(keyOf).sort(compareKeys);
	const distinct = keys.filter((key, i) => i === 0 || compareKeys(keys[i - 1] ?? NULL, key) !== 0);
	if (demand.values) (demand.more ??= []).push(distinct);
	else demand.values = distinct;
	return !demand.low && !demand.high && !keys.includes(NULL);
}

const isScalar = (value: unknown): boolean =>
	value === null ||
	value instanceof Date ||
	typeof value === "string" ||
	typeof value === "number" ||
	typeof value === "boolean";
