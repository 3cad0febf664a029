import { Refusal } from "../../schemas/errors";
import type { Action, Http, Rule } from "../../schemas/kit";

export type Given = {
	readonly path: Readonly<Record<string, unknown>>;
	readonly query: URLSearchParams;
	readonly body: Readonly<Record<string, unknown>>;
	readonly key: string | undefined;
	readonly image: string | undefined;
};
type Inner = Rule<unknown> & { readonly items?: Rule<unknown>; readonly value?: unknown };
type Fault = {
	readonly field: string;
	readonly type: string;
	readonly message: string;
	readonly expected?: unknown;
};

/** Parameters that the gateway itself provides; a client can't send them under their name. */
const PROVIDED: Readonly<Record<string, (http: Http) => boolean>> = {
	key: http => http.keyed,
	image: http => http.upload !== undefined
};
/** Sent by habit to lists that have no pages; harmless there. */
const HABIT = new Set(["page", "pageSize"]);

/**
 * Makes an action's parameters of a request. Every parameter has one source: the path, else the query (GET, DELETE) or the
 * body; another's value for it, or an unknown name, is refused, never merged. Texts of the query become what the rule says.
 */
export function paramsOf({ params: rules }: Action, http: Http, given: Given): Record<string, unknown> {
	const inBody = http.method !== "GET" && http.method !== "DELETE";
	const params: Record<string, unknown> = {};
	const faults: Fault[] = [];
	const unknown = (field: string) =>
		faults.push({ field, type: "unknown", message: "is not a known field" });
	for (const [name, value] of Object.entries(inBody ? given.body : fromQuery(rules, given.query))) {
		const known =
			Object.hasOwn(rules, name) && !name.startsWith("$$") && !Object.hasOwn(given.path, name);
		if (known && !PROVIDED[name]?.(http)) params[name] = value;
		else unknown(name);
	}
	if (inBody) for (const name of given.query.keys()) if (!HABIT.has(name)) unknown(name);
	if (faults.length) throw new Refusal("VALIDATION_ERROR", "Unknown fields", faults);
	return {
		...params,
		...given.path,
		...(http.keyed && { key: given.key }),
		...(http.upload !== undefined && { image: given.image })
	};
}

/** An entry of a dictionary: `attr.颜色`, or `attr[颜色]` as OpenAPI writes it. */
const ENTRY = /^([^.[]+)(?:\.(.+)|\[(.+)\])$/s;

function fromQuery(rules: Action["params"], query: URLSearchParams): Record<string, unknown> {
	const values = new Map<string, unknown>();
	const twice = (field: string) =>
		new Refusal("VALIDATION_ERROR", "A parameter came twice", [
			{ field, type: "duplicate", message: "must be given once" }
		]);
	for (const [name, text] of query) {
		const [, head = name, dotted, bracketed] = ENTRY.exec(name) ?? [];
		const tail = dotted ?? bracketed;
		const rule = Object.hasOwn(rules, head) ? rules[head] : undefined;
		if (typeof rule !== "object") {
			if (!HABIT.has(name)) values.set(name, text);
		} else if (tail && rule.type === "record") {
			const entries = values.get(head) ?? {};
			if (typeof entries !== "object" || Object.hasOwn(entries, tail)) throw twice(name);
			values.set(head, { ...entries, [tail]: text });
		} else if (values.has(name)) throw twice(name);
		else values.set(name, converted(rule, text));
	}
	return Object.fromEntries(values);
}

/** A text as the rule's type; what does not fit stays a text, for the validator to refuse. */
function converted({ type, items }: Inner, text: string): unknown {
	if (type === "number" && /^-?\d{1,16}(\.\d+)?$/.test(text)) return Number(text);
	if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
	if (type === "array" && items)
		return text === "" ? [] : text.split(",").map(part => converted(items, part));
	return text;
}
