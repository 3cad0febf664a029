import { isEqual } from "mingo/util";
import type { Update, Where } from "../collection";
import { copyPlain, isPlainObject } from "./codec";
import { compileFilter } from "./filter";
import { compareKeys, indexKeyOf } from "./value-order";

type Fields = Record<string, unknown>;
type Path = readonly string[];
type Operator = {
	/** Creates the objects on the way to the field where they are missing. */
	readonly creates: boolean;
	/** The next value of the field; `undefined` removes the field. */
	next(current: unknown, operand: unknown, path: string): unknown;
};

/**
 * MongoDB's update operators, written here since those of mingo 7.2.7 differ: mingo ignores an update that it cannot apply
 * (`$push` on a string, `$set` below a number), refuses two fields of one array element, and skips `$slice` on the first `$push`.
 */
const OPERATORS: Readonly<Record<string, Operator>> = {
	$set: { creates: true, next: (_, operand) => copyPlain(operand) },
	$unset: { creates: false, next: () => undefined },
	$inc: {
		creates: true,
		next: (current, by, path) => requireNumber(current ?? 0, path, current) + requireNumber(by, path)
	},
	$mul: {
		creates: true,
		next: (current, by, path) => requireNumber(current ?? 0, path, current) * requireNumber(by, path) + 0
	},
	$min: { creates: true, next: (current, bound) => nearest(current, bound, -1) },
	$max: { creates: true, next: (current, bound) => nearest(current, bound, 1) },
	$push: { creates: true, next: push },
	$addToSet: { creates: true, next: addToSet },
	$pull: { creates: false, next: pull }
};

/**
 * Changes the document in place; after a throw the document is half changed and must be dropped. Paths with `$[]` and
 * `$[name]` are resolved before anything changes, so that changing a field of an array filter doesn't hide its elements.
 */
export function applyUpdate(doc: object, update: Update, arrayFilters: readonly Where[] = []): void {
	const filters = new Map(arrayFilters.map(filter => [identifierOf(filter), compileFilter(filter)]));
	const used = new Set<string>();
	const steps: { path: Path; operator: Operator; operand: unknown }[] = [];
	for (const [name, fields] of Object.entries(update)) {
		if (name === "$rename") steps.push(...renameSteps(doc, fields));
		else
			for (const [path, operand] of Object.entries(fields)) {
				const operator = OPERATORS[name];
				if (!operator) throw new TypeError(`Unknown update operator ${name}`);
				if (operand === undefined) continue; // an undefined value is no value, as in documents
				for (const place of resolvePaths(doc, path.split("."), filters, used))
					steps.push({ path: place, operator, operand });
			}
	}
	for (const name of filters.keys())
		if (!used.has(name)) throw new TypeError(`The array filter ${name} is not used in the update`);
	refuseConflicts(steps.map(step => step.path));
	for (const { path, operator, operand } of steps) applyOperator(doc, path, operator, operand);
}

/** The steps that move values to new paths; none for a path that does not exist. */
function renameSteps(doc: object, fields: Readonly<Fields>) {
	return Object.entries(fields).flatMap(([from, to]) => {
		if (typeof to !== "string") throw new TypeError("$rename takes the new path as a string");
		const value = from
			.split(".")
			.reduce<unknown>((at, key) => (isPlainObject(at) ? at[key] : undefined), doc);
		const write: Operator = { creates: true, next: () => value };
		const remove: Operator = { creates: false, next: () => undefined };
		if (value === undefined) return [];
		return [
			{ path: from.split("."), operator: remove, operand: undefined },
			{ path: to.split("."), operator: write, operand: undefined }
		];
	});
}

/** The concrete paths in this document for a path with `$[]` or `$[name]`. */
function resolvePaths(
	at: unknown,
	path: Path,
	filters: ReadonlyMap<string, (value: unknown) => boolean>,
	used: Set<string>
): Path[] {
	const [key, ...rest] = path;
	if (key === undefined) return [[]];
	if (key === "$") throw new TypeError("The positional $ is not supported: use arrayFilters");
	const name = /^\$\[(\w*)\]$/.exec(key)?.[1];
	if (name === undefined) {
		if (key === "" || key === "__proto__" || key.startsWith("$"))
			throw new TypeError(`An update cannot go through a field ${JSON.stringify(key)}`);
		const below = typeof at === "object" && at !== null && Object.hasOwn(at, key);
		return resolvePaths(below ? (at as Fields)[key] : undefined, rest, filters, used).map(p => [
			key,
			...p
		]);
	}
	const wanted = name === "" ? () => true : filters.get(name);
	if (!wanted) throw new TypeError(`No array filter for ${key}`);
	used.add(name);
	if (!Array.isArray(at)) {
		if (at === undefined) return [];
		throw new TypeError(`${key} stands for the elements of an array, and there is none`);
	}
	return at.flatMap((element: unknown, i) =>
		wanted({ [name]: element })
			? resolvePaths(element, rest, filters, used).map(p => [String(i), ...p])
			: []
	);
}

/** The identifier of an array filter: `l` for `{"l.sku": …, "l.state": …}`. */
function identifierOf(filter: Where): string {
	const names = new Set<string>();
	const read = (part: unknown): void => {
		if (!isPlainObject(part)) return;
		for (const [key, value] of Object.entries(part)) {
			if (key.startsWith("$") && Array.isArray(value)) value.forEach(read);
			else names.add(key.split(".")[0] ?? key);
		}
	};
	read(filter);
	const [name] = names;
	if (name === undefined || names.size > 1) throw new TypeError("An array filter is about one identifier");
	return name;
}

/** Throws, as MongoDB does, where two changes concern one path, or a path and a field inside it: they have no order. */
function refuseConflicts(paths: readonly Path[]): void {
	const all = paths.map(path => path.join(".")).sort();
	for (const path of all) {
		if (path === "_id" || path.startsWith("_id.")) throw new TypeError("An update cannot change _id");
		if (all.some(other => other.startsWith(`${path}.`)) || all.indexOf(path) !== all.lastIndexOf(path))
			throw new TypeError(`An update changes ${path} twice`);
	}
}

function applyOperator(doc: object, path: Path, operator: Operator, operand: unknown): void {
	let at: unknown = doc;
	for (const [depth, key] of path.entries()) {
		const container = containerFor(at, key, path, operator.creates);
		if (!container) return;
		const current = Object.hasOwn(container, key) ? container[key] : undefined;
		if (depth < path.length - 1) {
			if (current === undefined && !operator.creates) return;
			at = current === undefined ? setKey(container, key, {}) : current;
			continue;
		}
		const next = operator.next(current, operand, path.join("."));
		if (next !== undefined) setKey(container, key, next);
		else if (current !== undefined) {
			if (Array.isArray(container)) setKey(container, key, null);
			else delete container[key];
		}
	}
}

/** The value as a container of the key: an object, or an array for an index. Throws where the operator has to create one. */
function containerFor(at: unknown, key: string, path: Path, creates: boolean): Fields | undefined {
	if (isPlainObject(at) || (Array.isArray(at) && /^\d+$/.test(key))) return at as Fields;
	if (!creates) return undefined;
	throw new TypeError(`Cannot create the field ${key} of ${path.join(".")}: what is there can't hold it`);
}

/** Sets a key. An array grows by nulls up to the index, as in MongoDB, but by at most 1,000: a far index is a mistake. */
function setKey<V>(container: Fields, key: string, value: V): V {
	if (Array.isArray(container)) {
		if (Number(key) > container.length + 1_000) throw new TypeError(`The index ${key} is too far`);
		while (container.length < Number(key)) container.push(null);
	}
	container[key] = value;
	return value;
}

function requireNumber(value: unknown, path: string, present: unknown = value): number {
	if (typeof value === "number" && Number.isFinite(value) && present !== null) return value;
	throw new TypeError(`Cannot count with ${present === null ? "null" : typeof value} at ${path}`);
}

const nearest = (current: unknown, bound: unknown, side: 1 | -1): unknown =>
	current === undefined || compareKeys(indexKeyOf(bound), indexKeyOf(current)) * side > 0
		? copyPlain(bound)
		: current;

function requireArray(current: unknown, path: string): unknown[] {
	if (current === undefined) return [];
	if (Array.isArray(current)) return current;
	throw new TypeError(`There is no array at ${path}`);
}

/** The elements of an operand: the operand itself, or those of `$each`. Throws on other modifiers than the given ones. */
export function pushedElements(operand: unknown, modifiers: readonly string[]): unknown[] {
	if (!isPlainObject(operand) || !Object.keys(operand).some(key => key.startsWith("$")))
		return [copyPlain(operand)];
	for (const key of Object.keys(operand))
		if (!modifiers.includes(key)) throw new TypeError(`Unknown modifier ${key} in an update`);
	if (!Array.isArray(operand["$each"])) throw new TypeError("$each takes an array");
	return operand["$each"].map(copyPlain);
}

function push(current: unknown, operand: unknown, path: string): unknown[] {
	const pushed = [...requireArray(current, path), ...pushedElements(operand, ["$each", "$slice"])];
	const slice = isPlainObject(operand) ? operand["$slice"] : undefined;
	if (slice === undefined) return pushed;
	if (!Number.isInteger(slice)) throw new TypeError("$slice takes a whole number");
	const size = Number(slice);
	return size < 0 ? pushed.slice(size) : pushed.slice(0, size);
}

function addToSet(current: unknown, operand: unknown, path: string): unknown[] {
	const members = [...requireArray(current, path)];
	for (const value of pushedElements(operand, ["$each"]))
		if (!members.some(member => isEqual(member, value))) members.push(value);
	return members;
}

function pull(current: unknown, condition: unknown, path: string): unknown {
	if (current === undefined) return undefined;
	const isPulled = compilePullCondition(condition);
	return requireArray(current, path).filter(element => !isPulled(element));
}

/** A test for elements that `$pull` removes: equal to a value, or matching a condition (`{ qty: { $lt: 1 } }`, `{ $gt: 5 }`). */
export function compilePullCondition(condition: unknown): (element: unknown) => boolean {
	const onFields = isPlainObject(condition) && !Object.keys(condition).some(key => key.startsWith("$"));
	const matches = compileFilter(onFields ? condition : { element: condition });
	return element => matches(onFields ? element : { element });
}
