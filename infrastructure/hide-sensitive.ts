import { HIDDEN, SENSITIVE_FIELDS } from "../schemas/sensitive-fields";
import { isLogCode } from "./log-codes";

/** Deeper parts of an object, and more of them, are left out of a line. */
const MAX_DEPTH = 8;
const MAX_VALUES = 2_000;
/** Moleculer's contexts hold parameters, callers and the broker itself. */
const LEFT_OUT = new Set(["ctx", "authorization", "cookie"]);

/**
 * Copies what a log line has to say, without the values of fields that the contracts mark as secret or personal, at any depth.
 * A validator's fault names the value that it found as `actual`, which is hidden unless it is a number: a length.
 */
export function hideSensitive(line: object): Record<string, unknown> {
	return copyObject(line, 0, { values: MAX_VALUES }) as Record<string, unknown>;
}

type Room = { values: number };

function copyObject(object: object, depth: number, room: Room): unknown {
	if (object instanceof Date) return object;
	if (ArrayBuffer.isView(object)) return `[${object.byteLength} bytes]`;
	if (depth > MAX_DEPTH) return "[deep]";
	const copy = (name: string, value: unknown) => {
		if (mustHide(name, value, object, depth)) return HIDDEN;
		if (typeof value !== "object" || value === null) return value;
		return room.values-- > 0 ? copyObject(value, depth + 1, room) : "[more]";
	};
	if (Array.isArray(object)) return object.map(item => copy("", item));
	const parts = object instanceof Error ? readParts(object) : object;
	return Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, copy(name, value)]));
}

/** An error's own fields, and those that JSON leaves out. A `type` of its own, as Moleculer's errors have, comes before the name. */
const readParts = (err: Error) =>
	Object.assign(
		{
			type: err.name,
			name: err.name,
			message: err.message,
			stack: err.stack,
			cause: err.cause,
			errors: err instanceof AggregateError ? err.errors : undefined
		},
		err
	);

function mustHide(name: string, value: unknown, parent: object, depth: number): boolean {
	if (value === null || value === undefined) return false;
	if (LEFT_OUT.has(name)) return true;
	if (name === "actual") return typeof value !== "number";
	if (!SENSITIVE_FIELDS.has(name)) return false;
	// The stable code of a line and that of an error are no secret, unlike the code of an SMS.
	return name !== "code" || !(depth === 0 ? isLogCode(value) || "stack" in parent : "stack" in parent);
}
