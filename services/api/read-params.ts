import { invalidFields, MAX_FAULTS, type FieldFault } from "../../schemas/errors/errors";
import type { Action, Http } from "../../schemas/kit/contract";
import type { AnyRule } from "../../schemas/kit/rules";

export type RequestParts = {
	readonly path: Readonly<Record<string, unknown>>;
	readonly query: URLSearchParams;
	readonly body: Readonly<Record<string, unknown>>;
	readonly key: string | undefined;
	readonly image: string | undefined;
	readonly file?: string | undefined;
};

/** Parameters that the gateway provides from a header or an upload. A client can't send them by name. */
const PROVIDED: Readonly<Record<string, (http: Http) => boolean>> = {
	key: http => http.keyed,
	image: http => http.upload !== undefined,
	file: http => http.file !== undefined,
	state: http => http.pieces !== undefined
};
/** Parameters that clients send to every list, also to those without pages; ignored there. */
const IGNORED = new Set(["page", "pageSize"]);

/**
 * Builds an action's parameters from a request. Every parameter has one source: the path, or the query (mostly GET, DELETE), or the
 * body. A value from another source and an unknown name are refused, never merged.
 *
 * Texts of the query are converted to the type of their rule. An empty text, as a form sends it for an empty field, counts
 * as absent if the rule takes no empty text. A parameter may be given once; an entry of a dictionary of lists once for each
 * item.
 */
export function readParams(
	{ params: rules }: Action,
	http: Http,
	parts: RequestParts
): Record<string, unknown> {
	const inBody = http.hasBody;
	const params: Record<string, unknown> = {};
	const faults: FieldFault[] = [];
	const unknown = (field: string) => faults.push({ field, type: "unknown" });
	for (const [name, value] of Object.entries(inBody ? parts.body : readQuery(rules, parts.query))) {
		const isKnown =
			Object.hasOwn(rules, name) && !name.startsWith("$$") && !Object.hasOwn(parts.path, name);
		if (isKnown && !PROVIDED[name]?.(http)) params[name] = value;
		else unknown(name);
		if (faults.length >= MAX_FAULTS) break;
	}
	if (inBody)
		for (const name of parts.query.keys())
			if (!IGNORED.has(name) && faults.length < MAX_FAULTS) unknown(name);
	if (faults.length) throw invalidFields(faults);
	return {
		...params,
		...parts.path,
		...(http.keyed && { key: parts.key }),
		...(http.upload !== undefined && { image: parts.image }),
		...(http.file !== undefined && { file: parts.file })
	};
}

/** An entry of a dictionary: `attr.颜色`, or `attr[颜色]` in OpenAPI's deepObject style. */
const ENTRY = /^([^.[]+)(?:\.(.+)|\[(.+)\])$/s;

/** The field of a query parameter, the entry if the field is a dictionary, and the rule of the value; undefined if unknown. */
function resolveParameter(rules: Action["params"], name: string) {
	const [, field = name, dotted, bracketed] = ENTRY.exec(name) ?? [];
	const entry = dotted ?? bracketed;
	const rule: AnyRule | boolean | undefined = Object.hasOwn(rules, field) ? rules[field] : undefined;
	if (typeof rule !== "object") return undefined;
	if (entry === undefined) return { field, entry, rule };
	return rule.type === "record" && rule.value ? { field, entry, rule: rule.value } : undefined;
}

/** Most parameters of a query; the longest query that a contract allows has fewer. */
const MAX_PARAMETERS = 500;

function readQuery(rules: Action["params"], query: URLSearchParams): Record<string, unknown> {
	if (query.size > MAX_PARAMETERS)
		throw invalidFields([{ field: "query", type: "parametersMax", expected: MAX_PARAMETERS }]);
	const values = new Map<string, unknown>();
	const dictionaries = new Map<string, Map<string, unknown>>();
	const duplicate = (field: string) => invalidFields([{ field, type: "duplicate" }]);
	for (const [name, text] of query) {
		const parameter = resolveParameter(rules, name);
		if (!parameter) {
			if (!IGNORED.has(name)) values.set(name, text);
			continue;
		}
		const { field, entry, rule } = parameter;
		if (text === "" && !takesEmptyText(rule)) continue;
		if (entry !== undefined) {
			const entries = dictionaries.get(field) ?? new Map<string, unknown>();
			const before = entries.get(entry);
			if (before !== undefined && rule.type !== "array") throw duplicate(name);
			if (Array.isArray(before)) before.push(text);
			else entries.set(entry, rule.type === "array" ? [text] : text);
			dictionaries.set(field, entries);
		} else if (values.has(field)) throw duplicate(name);
		else values.set(field, convertText(rule, text));
	}
	for (const [field, entries] of dictionaries) {
		if (values.has(field)) throw duplicate(field);
		values.set(field, Object.fromEntries(entries));
	}
	return Object.fromEntries(values);
}

const takesEmptyText = ({ type, empty }: AnyRule): boolean => type === "string" && empty !== false;

/** Converts a text to the rule's type. A text that does not fit stays as it is, for the validator to refuse. */
function convertText({ type, items }: AnyRule, text: string): unknown {
	if (type === "number" && /^-?\d{1,16}(\.\d+)?$/.test(text)) return Number(text);
	if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
	if (type === "array" && items) return text.split(",").map(part => convertText(items, part));
	return text;
}
