import type { Doc, Sort } from "../collection";
import { encodeJson } from "./codec";

/**
 * The key of a value in an index. SQLite and `compareKeys` order keys as MongoDB orders values: empty array, null or missing,
 * numbers, strings by code point, objects, arrays, booleans, Dates. The keys of the last four are bytes that begin with the
 * BSON type, since SQLite puts blobs last. SQL's NULL is not used: it never conflicts in a unique index, and a primary key
 * refuses it.
 */
export type IndexKey = number | string | Uint8Array;

export const EMPTY_ARRAY_KEY = -Infinity;
export const NULL_KEY = -Number.MAX_VALUE;
const OBJECT = 3;
const ARRAY = 4;
const BOOLEAN = 8;
const DATE = 9;

export function indexKeyOf(value: unknown): IndexKey {
	if (typeof value === "string" || typeof value === "number") return value;
	if (value === null || value === undefined) return NULL_KEY;
	if (typeof value === "boolean") return Uint8Array.of(BOOLEAN, Number(value));
	if (value instanceof Date) return dateKey(value);
	if (Array.isArray(value)) return value.length === 0 ? EMPTY_ARRAY_KEY : textKey(ARRAY, value);
	return textKey(OBJECT, value);
}

function dateKey(date: Date): Uint8Array {
	const bytes = new Uint8Array(9);
	bytes[0] = DATE;
	const high = Math.floor(date.getTime() / 2 ** 32);
	const view = new DataView(bytes.buffer);
	view.setUint32(1, high + 2 ** 31); // unsigned, with 1969 before 1970
	view.setUint32(5, date.getTime() - high * 2 ** 32);
	return bytes;
}

function textKey(type: number, value: unknown): Uint8Array {
	const text = new TextEncoder().encode(encodeJson(value));
	const bytes = new Uint8Array(text.length + 1);
	bytes[0] = type;
	bytes.set(text, 1);
	return bytes;
}

/** The lowest key of the type of `key`, and the first key beyond that type. A range never crosses types. */
export function typeBounds(key: IndexKey): readonly [IndexKey, IndexKey] {
	if (typeof key === "string") return ["", new Uint8Array()];
	if (typeof key === "object") return [Uint8Array.of(key[0] ?? 0), Uint8Array.of((key[0] ?? 0) + 1)];
	return key <= NULL_KEY ? [key, NULL_KEY + AFTER_NULL] : [NULL_KEY + AFTER_NULL, ""];
}
/** The smallest step away from the largest double. */
const AFTER_NULL = 2 ** 971;

export function compareKeys(a: IndexKey, b: IndexKey): number {
	if (typeof a === "number") return typeof b === "number" ? a - b || 0 : -1;
	if (typeof b === "number") return 1;
	if (typeof a === "string") return typeof b === "string" ? compareText(a, b) : -1;
	return typeof b === "string" ? 1 : Buffer.compare(a, b);
}

/** Compares by code point, as UTF-8 bytes do. `<` compares UTF-16 units, which puts emoji before full-width letters. */
function compareText(a: string, b: string): number {
	const shorter = Math.min(a.length, b.length);
	for (let i = 0; i < shorter; i++) {
		const x = a.charCodeAt(i);
		const y = b.charCodeAt(i);
		if (x !== y) return codePointRank(x) - codePointRank(y);
	}
	return a.length - b.length;
}
const codePointRank = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/**
 * Adds the values at the end of a path to `values`: each element of an array on the way or at the end, `undefined` where the
 * path does not exist. Returns whether there was an array, that is, whether the number of values may differ from one.
 */
export function collectValues(value: unknown, path: readonly string[], values: unknown[], at = 0): boolean {
	const key = path[at];
	if (Array.isArray(value)) {
		if (key !== undefined && /^\d+$/.test(key))
			return collectValues(value[Number(key)], path, values, at + 1);
		if (key === undefined) values.push(...(value.length ? (value as unknown[]) : [value]));
		else if (value.length === 0) values.push(undefined);
		else for (const item of value) collectValues(item, path, values, at);
		return true;
	}
	if (key !== undefined) {
		const below = typeof value === "object" && value !== null && Object.hasOwn(value, key);
		return collectValues(
			below ? (value as Record<string, unknown>)[key] : undefined,
			path,
			values,
			at + 1
		);
	}
	values.push(value);
	return false;
}

export function valuesAt(value: unknown, path: readonly string[]): unknown[] {
	const values: unknown[] = [];
	collectValues(value, path, values);
	return values;
}

/** Sorts documents in memory as an index would: an array counts as its lowest element, or descending as its highest. */
export function sortDocuments<T extends Doc>(docs: readonly T[], sort: Sort): T[] {
	const fields = Object.entries(sort).map(([path, direction]) => ({ path: path.split("."), direction }));
	const keyed = docs.map(doc => ({
		doc,
		keys: fields.map(({ path, direction }) =>
			valuesAt(doc, path)
				.map(indexKeyOf)
				.reduce((first, key) => (direction * compareKeys(key, first) < 0 ? key : first))
		)
	}));
	keyed.sort((a, b) => {
		for (const [i, { direction }] of fields.entries()) {
			const order = compareKeys(a.keys[i] ?? NULL_KEY, b.keys[i] ?? NULL_KEY);
			if (order !== 0) return order * direction;
		}
		return 0;
	});
	return keyed.map(({ doc }) => doc);
}
