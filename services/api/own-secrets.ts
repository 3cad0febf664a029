import type { Action } from "../../schemas/kit/contract";
import { listSensitiveFields } from "../../schemas/sensitive-fields";

/** What stands in the audit log in place of a secret. */
export const HIDDEN = "[hidden]";

/** The fields that an action marks as secret. The registry does not know those of a service that joined. */
export const listSecretNames = (action: Pick<Action, "params" | "answer">): ReadonlySet<string> =>
	new Set(
		[...listSensitiveFields([{ actions: { action } }], [])]
			.filter(([, sensitivity]) => sensitivity === "secret")
			.map(([name]) => name)
	);

/** Copies parameters without the values of these fields, at any depth. */
export const hideSecrets = (
	params: Readonly<Record<string, unknown>>,
	names: ReadonlySet<string>
): Readonly<Record<string, unknown>> => (names.size === 0 ? params : hideInObject(params, names));

const hideInObject = (object: object, names: ReadonlySet<string>): Record<string, unknown> =>
	Object.fromEntries(
		Object.entries(object).map(([name, value]) => [
			name,
			names.has(name) ? HIDDEN : hideInValue(value, names)
		])
	);

function hideInValue(value: unknown, names: ReadonlySet<string>): unknown {
	if (Array.isArray(value)) return value.map(item => hideInValue(item, names));
	return typeof value === "object" && value !== null ? hideInObject(value, names) : value;
}
