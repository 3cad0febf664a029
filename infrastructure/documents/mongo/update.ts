import type { Update } from "../collection";
import { copyPlain } from "../language/codec";
import { pushedElements, compilePullCondition } from "../language/update";

type Fields = Record<string, unknown>;

/** How the operand of each operator goes to the server; an operator that is not here is refused. */
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
		compilePullCondition(condition); // throws on what is no condition
		return condition;
	}
};

/**
 * The update in the words for MongoDB: one language in both stores, so what the embedded one does not know is refused here
 * too, although a server might. Undefined fields are no fields; an operator without fields is left out.
 */
export function toMongoUpdate(update: Update): Record<string, Fields> {
	const wire: Record<string, Fields> = {};
	for (const [name, fields] of Object.entries(update)) {
		const operand = OPERANDS[name];
		if (!operand) throw new TypeError(`Unknown update operator ${name}`);
		const kept: Fields = {};
		for (const [path, value] of Object.entries(fields)) {
			if (value === undefined) continue;
			refuseForeign(path);
			kept[path] = operand(value);
		}
		if (Object.keys(kept).length > 0) wire[name] = kept;
	}
	return wire;
}

/** The positional `$` among them: it depends on what the filter matched, which is not the same everywhere. */
function refuseForeign(path: string): void {
	for (const key of path.split("."))
		if (key === "" || key === "__proto__" || (key.startsWith("$") && !/^\$\[\w*\]$/.test(key)))
			throw new TypeError(`An update cannot go through a field ${JSON.stringify(key)}`);
}

const sliceOf = (operand: unknown) =>
	typeof operand === "object" && operand !== null && "$slice" in operand ? { $slice: operand.$slice } : {};
