import { invalidFields, type FieldFault } from "../../schemas/errors";
import type { Action, Http } from "../../schemas/kit/contract";
import type { Rule } from "../../schemas/kit/rules";

export type RequestParts = {
	readonly path: Readonly<Record<string, unknown>>;
	readonly query: URLSearchParams;
	readonly body: Readonly<Record<string, unknown>>;
	readonly key: string | undefined;
	readonly image: string | undefined;
};
type AnyRule = Rule<unknown> & { readonly items?: Rule<unknown>; readonly value?: Rule<unknown> };

/** Parameters that the gateway itself provides; a client can't send them under their name. */
const PROVIDED: Readonly<Record<string, (http: Http) => boolean>> = {
	key: http => http.keyed,
	image: http => http.upload !== undefined
};
/** Sent by habit to lists that have no pages; harmless there. */
const IGNORED = new Set(["page", "pageSize"]);

/**
 * Makes an action's parameters of a request. Every parameter has one source: the path, else the query (GET, DELETE) or the
 * body; another's value for it, or an unknown name, is refused, never merged. Texts of the query become what the rule says;
 * an empty one, as a form sends for a field that was left out, counts as not given where the rule takes no empty text.
 * A parameter comes once, but an entry of a dictionary of lists as often as its list has items.
 */
export function readParams(
	{ params: rules }: Action,
	http: Http,
	given: RequestParts
): Record<string, unknown> {
	const inBody = http.method !== "GET" && http.method !== "DELETE";
	const params: Record<string, unknown> = {};
	const faults: FieldFault[] = [];
	const unknown = (field: string) => faults.push({ field, type: "unknown" });
	for (const [name, value] of Object.entries(inBody ? given.body : readQuery(rules, given.query))) {
		const known =
			Object.hasOwn(rules, name) && !name.startsWith("$$") && !Object.hasOwn(given.path, name);
		if (known && !PROVIDED[name]?.(http)) params[name] = value;
		else unknown(name);
	}
	if (inBody) for (const name of given.query.keys()) if (!IGNORED.has(name)) unknown(name);
	if (faults.length) throw invalidFields(faults);
	return {
		...params,
		...given.path,
		...(http.keyed && { key: given.key }),
		...(http.upload !== undefined && { image: given.image })
	};
}

/** An entry of a dictionary: `attr.颜色`, or `attr[颜色]` as OpenAPI writes it. */
const ENTRY = /^([^.[]+)(?:\.(.+)|\[(.+)\])$/s;

/** A parameter's field, its entry where the field is a dictionary, and the rule of its value; undefined if it is unknown. */
function resolveParameter(rules: Action["params"], name: string) {
	const [, field = name, dotted, bracketed] = ENTRY.exec(name) ?? [];
	const entry = dotted ?? bracketed;
	const rule: AnyRule | boolean | undefined = Object.hasOwn(rules, field) ? rules[field] : undefined;
	if (typeof rule !== "object") return undefined;
	if (entry === undefined) return { field, entry, rule };
	return rule.type === "record" && rule.value ? { field, entry, rule: rule.value } : undefined;
}

function readQuery(rules: Action["params"], query: URLSearchParams): Record<string, unknown> {
	const values = new Map<string, unknown>();
	const twice = (field: string) => invalidFields([{ field, type: "duplicate" }]);
	for (const [name, text] of query) {
		const place = resolveParameter(rules, name);
		if (!place) {
			if (!IGNORED.has(name)) values.set(name, text);
			continue;
		}
		const { field, entry, rule } = place;
		if (text === "" && !takesEmptyText(rule)) continue;
		if (entry !== undefined) {
			const entries = (values.get(field) ?? {}) as Readonly<Record<string, unknown>>;
			const before = Object.hasOwn(entries, entry) ? entries[entry] : undefined;
			if (before !== undefined && rule.type !== "array") throw twice(name);
			const value = rule.type === "array" ? [before ?? [], text].flat() : text;
			values.set(field, { ...entries, [entry]: value });
		} else if (values.has(field)) throw twice(name);
		else values.set(field, convertText(rule, text));
	}
	return Object.fromEntries(values);
}

const takesEmptyText = ({ type, empty }: AnyRule): boolean => type === "string" && empty !== false;

/** A text as the rule's type; what does not fit stays a text, for the validator to refuse. */
function convertText({ type, items }: AnyRule, text: string): unknown {
	if (type === "number" && /^-?\d{1,16}(\.\d+)?$/.test(text)) return Number(text);
	if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
	if (type === "array" && items) return text.split(",").map(part => convertText(items, part));
	return text;
}
