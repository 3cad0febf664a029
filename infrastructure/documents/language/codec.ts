import type { Doc } from "../collection";

type Fields = Record<string, unknown>;

/**
 * Copies a value that a document may hold. The copy shares nothing with the original and lacks undefined fields. Throws on
 * values that JSON would change silently (NaN, class instances, functions), since the caller would read back another value.
 */
export function copyPlain(value: unknown): unknown {
	switch (typeof value) {
		case "string":
		case "boolean":
			return value;
		case "number":
			if (!Number.isFinite(value)) throw new TypeError(`A document cannot hold ${value}`);
			return value + 0; // JSON has no -0
		case "object":
			if (value === null) return null;
			if (Array.isArray(value)) return value.map(item => (item === undefined ? null : copyPlain(item)));
			if (value instanceof Date) return copyDate(value);
			if (!isPlainObject(value))
				throw new TypeError(`A document cannot hold a ${value.constructor.name}`);
			return copyPlainFields(value);
		default:
			throw new TypeError(`A document cannot hold a ${typeof value}`);
	}
}

function copyPlainFields(fields: Fields): Fields {
	const copy: Fields = {};
	for (const [key, value] of Object.entries(fields)) {
		if (value === undefined) continue;
		if (key.startsWith("$") || key === "__proto__")
			throw new TypeError(`A document cannot have a field ${key}`);
		copy[key] = copyPlain(value);
	}
	return copy;
}

function copyDate(date: Date): Date {
	if (Number.isNaN(date.getTime())) throw new TypeError("A document cannot hold an invalid Date");
	return new Date(date);
}

/** Whether a value is an object of fields: no array, no Date, no instance of a class. */
export function isPlainObject(value: unknown): value is Fields {
	if (typeof value !== "object" || value === null) return false;
	const proto: unknown = Object.getPrototypeOf(value);
	return proto === Object.prototype || proto === null;
}

/** JSON text of a value. A Date becomes `{"$date": ms}`; no document has such a field, since names must not begin with `$`. */
export const encodeJson = (value: unknown): string => JSON.stringify(tagDates(value));

const isObject = (value: unknown) => typeof value === "object" && value !== null;

/** The value itself where it holds no Date; else a copy of the parts that do. */
function tagDates(value: unknown): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (value instanceof Date) return { $date: value.getTime() };
	if (Array.isArray(value)) return value.some(isObject) ? value.map(tagDates) : value;
	const fields = value as Fields;
	let copy: Fields | undefined;
	for (const key in fields) {
		const field = fields[key];
		if (typeof field !== "object" || field === null) continue;
		const tagged = tagDates(field);
		if (tagged !== field) (copy ??= { ...fields })[key] = tagged;
	}
	return copy ?? fields;
}

/** Reads what `encodeJson` wrote: a new value at each call. */
export function decodeJson<T>(text: string): T {
	const value: unknown = JSON.parse(text);
	return (text.includes('{"$date":') ? reviveDates(value) : value) as T;
}

function reviveDates(value: unknown): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) {
		for (let i = 0; i < value.length; i++) value[i] = reviveDates(value[i]);
		return value;
	}
	const fields = value as Fields;
	if (typeof fields["$date"] === "number") return new Date(fields["$date"]);
	for (const key in fields) {
		const field = fields[key];
		if (typeof field === "object" && field !== null) fields[key] = reviveDates(field);
	}
	return fields;
}

/** A copy of the document with only these paths and `_id`. A path goes through arrays. */
export function projectFields<T extends Doc>(doc: T, paths: readonly string[]): T {
	const wanted: PathTree = new Map();
	for (const path of ["_id", ...paths]) {
		let at = wanted;
		for (const key of path.split(".")) {
			const next = at.get(key) ?? new Map<string, PathTree>();
			at.set(key, next);
			at = next;
		}
	}
	return pickFields(doc, wanted) as T;
}

type PathTree = Map<string, PathTree>;

function pickFields(value: unknown, wanted: PathTree): unknown {
	if (wanted.size === 0) return value;
	if (Array.isArray(value))
		return value.map(item => pickFields(item, wanted)).filter(item => item !== undefined);
	if (!isPlainObject(value)) return undefined;
	const picked: Fields = {};
	for (const [key, field] of Object.entries(value)) {
		const below = wanted.get(key);
		const part = below && pickFields(field, below);
		if (part !== undefined) picked[key] = part;
	}
	return picked;
}
