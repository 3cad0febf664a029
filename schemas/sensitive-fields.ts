import type { Action, Event } from "./kit/contract";
import type { AnyRule, Rule, Sensitivity } from "./kit/rules";
import { contracts, events } from "./registry";

type ListedContract = { readonly actions: Readonly<Record<string, Pick<Action, "params" | "answer">>> };

/**
 * The names of the fields that contracts and facts mark as secret or personal. A name that is marked in one place and has
 * another meaning in another, such as the `description` of a case and of a product, is among them only if it is a secret's.
 */
export function listSensitiveFields(
	all: readonly ListedContract[],
	facts: readonly Event[]
): ReadonlyMap<string, Sensitivity> {
	const found = new Map<string, Sensitivity>();
	const otherwise = new Set<string>();
	const visit = (name: string, rule: Rule<unknown> | boolean) => {
		if (typeof rule !== "object") return;
		const { type, sensitivity, items, props, value }: AnyRule = rule;
		if (sensitivity !== undefined && found.get(name) !== "secret") found.set(name, sensitivity);
		if (sensitivity === undefined && type === "string") otherwise.add(name);
		if (items) visit(name, items);
		if (value) visit(name, value);
		for (const [inner, of] of Object.entries(props ?? {})) visit(inner, of);
	};
	for (const { actions } of all)
		for (const { params, answer } of Object.values(actions)) {
			for (const [name, rule] of Object.entries(params)) visit(name, rule);
			visit("", answer);
		}
	for (const { params } of facts) for (const [name, rule] of Object.entries(params)) visit(name, rule);
	for (const name of otherwise) if (found.get(name) === "personal") found.delete(name);
	return found;
}

/** What stands in logs and in the audit log in place of such a value. */
export const HIDDEN = "[hidden]";

/** Of this shop. Logs hide them all, the audit log hides secrets. */
export const SENSITIVE_FIELDS = listSensitiveFields(Object.values(contracts), Object.values<Event>(events));
/** Fields that no contract of this shop has, such as those of services that joined, are secrets by such a name. */
const SECRET_NAME = /password|secret|token/i;
export const isSecret = (name: string): boolean =>
	SENSITIVE_FIELDS.get(name) === "secret" || SECRET_NAME.test(name);
