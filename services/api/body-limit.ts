import type { Action, Http } from "../../schemas/kit/contract";
import type { Rule } from "../../schemas/kit/rules";

type AnyRule = Rule<unknown> & {
	readonly max?: number;
	readonly values?: readonly string[];
	readonly items?: Rule<unknown>;
	readonly props?: Readonly<Record<string, Rule<unknown>>>;
	readonly key?: Rule<unknown>;
	readonly value?: Rule<unknown>;
};

/** Bytes of a body for which every route has room. */
const USUAL_LIMIT = 100 * 1024;
/** JSON may write any character as an escape: `\ud83d\ude00`. */
const BYTES_A_CHARACTER = 12;
const BYTES_A_NUMBER = 25;
/** The comma, the colon, and the line breaks and indentation that a printer for people puts around a value. */
const BYTES_AROUND_A_VALUE = 32;

const textBytes = (characters: number) => 2 + characters * BYTES_A_CHARACTER;

/** How many bytes of JSON a value of the rule takes at the most; Infinity where the rule sets no limit. */
export function maxJsonBytes(rule: Rule<unknown>): number {
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
			return BYTES_A_NUMBER;
		case "boolean":
			return "false".length;
		case "enum":
			return textBytes(Math.max(...values.map(word => word.length)));
		case "array":
			return 2 + max * (items ? maxJsonBytes(items) : Infinity);
		case "object":
			return objectBytes(props);
		case "record":
			return 2 + max * (key && value ? maxBytesOfType(key) + maxJsonBytes(value) : Infinity);
		case "equal":
			return "null".length;
		default:
			return Infinity;
	}
}

const objectBytes = (props: Readonly<Record<string, Rule<unknown>>>): number =>
	Object.entries(props).reduce((sum, [name, rule]) => sum + textBytes(name.length) + maxJsonBytes(rule), 2);

/** The rules of what a route takes from its body. */
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

/**
 * How many bytes a route reads of a body: room for whatever its contract allows, so that no such body is called too large.
 * Where the contract sets no limit (a value whose rule is known only at run time), the usual limit stands.
 */
export function bodyLimit(action: Pick<Action, "params">, http: Pick<Http, "path" | "keyed">): number {
	const largest = objectBytes(selectBodyRules(action, http));
	return Number.isFinite(largest) ? Math.max(USUAL_LIMIT, largest) : USUAL_LIMIT;
}
