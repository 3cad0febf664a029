import type { Action } from "../../schemas/kit/contract";
import { HIDDEN, isSecret, listSensitiveFields } from "../../schemas/sensitive-fields";
import { truncate } from "../../schemas/values/text";

const MAX_JSON_LENGTH = 2000;

/** The fields that an action marks as secret. The registry does not know those of a service that joined. */
export const listSecretNames = (action: Pick<Action, "params" | "answer">): ReadonlySet<string> =>
	new Set(
		[...listSensitiveFields([{ actions: { action } }], [])]
			.filter(([, sensitivity]) => sensitivity === "secret")
			.map(([name]) => name)
	);

/** Parameters as the audit log gets them: without secrets at any depth, those of `secretNames` included, and cut where they are long. */
export const toRecordedParams = (
	params: Readonly<Record<string, unknown>>,
	secretNames: ReadonlySet<string>
): Readonly<Record<string, unknown>> =>
	Object.fromEntries(
		Object.entries(params).map(([name, value]) => [
			name,
			mustHide(name, secretNames) ? HIDDEN : toRecordedValue(value, secretNames)
		])
	);

const mustHide = (name: string, secretNames: ReadonlySet<string>) => secretNames.has(name) || isSecret(name);

/** The value, or the beginning of its JSON where that is long. Looks at no more of a value than it keeps. */
function toRecordedValue(value: unknown, secretNames: ReadonlySet<string>): unknown {
	const room = { left: MAX_JSON_LENGTH };
	const kept = takeBeginning(value, room, secretNames);
	const json = JSON.stringify(kept);
	return room.left > 0 && json.length <= MAX_JSON_LENGTH ? kept : `${truncate(json, MAX_JSON_LENGTH)}…`;
}

/** Copies a value as long as there is room for characters of texts and names and for values. */
function takeBeginning(value: unknown, room: { left: number }, secretNames: ReadonlySet<string>): unknown {
	room.left -= typeof value === "string" ? value.length : 1;
	if (typeof value === "string") return value.slice(0, MAX_JSON_LENGTH);
	if (typeof value !== "object" || value === null) return value;
	const kept: [string, unknown][] = [];
	for (const name in value) {
		if (room.left <= 0) break;
		room.left -= name.length;
		const inner = (value as Record<string, unknown>)[name];
		kept.push([name, mustHide(name, secretNames) ? HIDDEN : takeBeginning(inner, room, secretNames)]);
	}
	return Array.isArray(value) ? kept.map(([, inner]) => inner) : Object.fromEntries(kept);
}
