import type { Update } from "../collection";
import { copyPlain } from "../language/codec";
import { pushedElements, compilePullCondition } from "../language/update";

type Fields = Record<string, unknown>;

/** Conversion of each operator's operand for the server. An operator that is not listed is refused. */
const OPERANDS: Readonly<Record<string, (operand: unknown) => unknown>> = {
	$set: copyPlain,
	$unset: () => "",
	$inc: copyPlain,
	$mul: copyPlain,
	$min: copyPlain,
	$max: copyPlain,
	$rename: copyPlain,
	$push: operand => ({ $each: pushedElements(operand, ["$each", "$slice"]), ...sliceOf(operand) }),
	$addToSet: operand => ({ $each: pushedElements(operand, ["$each"]) }),
	$pull: condition => {
		compilePullCondition(condition); // throws where this is no condition
		return condition;
	}
};

/**
 * Converts an update for the server. Throws on operators that the embedded store lacks, although a server may have them. Drops
 * undefined values, and operators without fields.
 */
export function toMongoUpdate(update: Update): Record<string, Fields> {
	const wire: Record<string, Fields> = {};
	for (const [name, fields] of Object.entries(update)) {
		const operand = OPERANDS[name];
		if (!operand) throw new TypeError(`Unknown update operator ${name}`);
		const kept: Fields = {};
		for (const [path, value] of Object.entries(fields)) {
			if (value === undefined) continue;
			refuseUnsupportedPath(path);
			kept[path] = operand(value);
		}
		if (Object.keys(kept).length > 0) wire[name] = kept;
	}
	return wire;
}

/** Throws on paths that the embedded store refuses, such as the positional `$`: servers differ in what it stands for. */
function refuseUnsupportedPath(path: string): void {
	for (const key of path.split("."))
		if (key === "" || key === "__proto__" || (key.startsWith("$") && !/^\$\[\w*\]$/.test(key)))
			throw new TypeError(`An update cannot go through a field ${JSON.stringify(key)}`);
}

const sliceOf = (operand: unknown) =>
	typeof operand === "object" && operand !== null && "$slice" in operand ? { $slice: operand.$slice } : {};
