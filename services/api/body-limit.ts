import type { Action, Http } from "../../schemas/kit/contract";
import type { AnyRule, Rule } from "../../schemas/kit/rules";

/** Bytes that every route accepts. */
const DEFAULT_LIMIT = 100 * 1024;
/** A character outside the BMP as JSON escapes: `\ud83d\ude00`. */
const BYTES_PER_CHARACTER = 12;
const BYTES_PER_NUMBER = 25;
/** Comma, colon, and the line breaks and indentation of pretty-printed JSON. */
const BYTES_AROUND_A_VALUE = 32;

const textBytes = (characters: number) => 2 + characters * BYTES_PER_CHARACTER;

/** Most bytes of JSON that a value of the rule can take; Infinity for a rule without a limit. */
export function computeMaxJsonBytes(rule: Rule<unknown>): number {
	return BYTES_AROUND_A_VALUE + Math.max("null".length, maxBytesOfType(rule));
}

function maxBytesOfType({
	type,
	max = Infinity,
	values = [],
	items,
	props = {},
	key,
	value
}: AnyRule): number {
	switch (type) {
		case "string":
			return textBytes(max);
		case "number":
			return BYTES_PER_NUMBER;
		case "boolean":
			return "false".length;
		case "enum":
			return textBytes(Math.max(...values.map(word => word.length)));
		case "array":
			return 2 + max * (items ? computeMaxJsonBytes(items) : Infinity);
		case "object":
			return objectBytes(props);
		case "record":
			return 2 + max * (key && value ? maxBytesOfType(key) + computeMaxJsonBytes(value) : Infinity);
		case "equal":
			return "null".length;
		default:
			return Infinity;
	}
}

const objectBytes = (props: Readonly<Record<string, Rule<unknown>>>): number =>
	Object.entries(props).reduce(
		(sum, [name, rule]) => sum + textBytes(name.length) + computeMaxJsonBytes(rule),
		2
	);

/** Values that every route accepts in a body: those of its largest body, and others that are refused by their names. */
const DEFAULT_VALUES = 2_000;

/** Most values, with the lists and objects that hold them, that a value of the rule can have; Infinity without a limit. */
export function computeMaxValues({ type, max = Infinity, items, props = {}, value }: AnyRule): number {
	switch (type) {
		case "array":
			return 1 + max * (items ? computeMaxValues(items) : Infinity);
		case "object":
			return Object.values(props).reduce((sum, rule) => sum + computeMaxValues(rule), 1);
		case "record":
			return 1 + max * (value ? computeMaxValues(value) : Infinity);
		case "any":
			return Infinity;
		default:
			return 1;
	}
}

/** The rules of the parameters that a route takes from its body: all except the idempotency key and those in the path. */
export const selectBodyRules = (
	{ params }: Pick<Action, "params">,
	{ path, keyed }: Pick<Http, "path" | "keyed">
): Readonly<Record<string, Rule<unknown>>> =>
	Object.fromEntries(
		Object.entries(params).filter(
			(entry): entry is [string, Rule<unknown>] =>
				typeof entry[1] === "object" &&
				!(keyed && entry[0] === "key") &&
				!path.split("/").includes(`:${entry[0]}`)
		)
	);

/** The most that a route reads of a body. */
export type BodyLimit = { readonly bytes: number; readonly values: number };

/**
 * The most that a route reads of a body: enough for the largest body that its contract allows, in any spelling. A contract
 * without a limit (a value whose rule is known only at run time) gets the default.
 */
export function computeBodyLimit(
	action: Pick<Action, "params">,
	http: Pick<Http, "path" | "keyed">
): BodyLimit {
	const rules = selectBodyRules(action, http);
	const orDefault = (largest: number, least: number) =>
		Number.isFinite(largest) ? Math.max(least, largest) : least;
	return {
		bytes: orDefault(objectBytes(rules), DEFAULT_LIMIT),
		values: orDefault(computeMaxValues({ type: "object", props: rules }), DEFAULT_VALUES)
	};
}
