import type { Rule } from "./kit/rules";

export type JsonSchema = { readonly [keyword: string]: unknown };
type Inner = Rule<unknown> & {
	readonly min?: number;
	readonly max?: number;
	readonly pattern?: RegExp;
	readonly values?: readonly string[];
	readonly items?: Rule<unknown>;
	readonly props?: Readonly<Record<string, Rule<unknown>>>;
	readonly value?: unknown;
	readonly integer?: boolean;
	readonly nullable?: boolean;
	readonly about?: string;
	readonly format?: string;
	readonly unique?: boolean;
};
const isRule = (value: unknown): value is Rule<unknown> =>
	typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
const bound = (value: number | undefined) =>
	value !== undefined && Number.isSafeInteger(value) ? value : undefined;
const withoutGaps = (schema: Record<string, unknown>): JsonSchema =>
	Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));

/** A rule of the contract kit as JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
export function toJsonSchema(rule: Rule<unknown>): JsonSchema {
	const { nullable, about }: Inner = rule;
	const bare = bareSchema(rule);
	const schema = about ? { ...bare, description: about } : bare;
	if (!nullable || bare["type"] === "null" || Object.keys(bare).length === 0) return schema;
	return typeof bare["type"] === "string" && !bare["enum"]
		? { ...schema, type: [bare["type"], "null"] }
		: { anyOf: [schema, { type: "null" }] };
}

function bareSchema(rule: Rule<unknown>): JsonSchema {
	const { type, min, max, pattern, values, items, props, value, integer, format, unique }: Inner = rule;
	switch (type) {
		case "string":
			return withoutGaps({
				type: "string",
				minLength: min ?? (rule["empty"] === false ? 1 : undefined),
				maxLength: max,
				pattern: pattern?.source,
				format
			});
		case "number": {
			const safe = (limit: number | undefined) =>
				limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER ? bound(limit) : undefined;
			return withoutGaps({
				type: integer ? "integer" : "number",
				minimum: safe(min),
				maximum: safe(max)
			});
		}
		case "boolean":
			return { type: "boolean" };
		case "enum":
			return { type: "string", enum: values };
		case "array": {
			const item = items && toJsonSchema(items);
			const array = withoutGaps({
				type: "array",
				items: item,
				minItems: min,
				maxItems: max,
				uniqueItems: unique
			});
			return rule["convert"] === true ? { anyOf: [item, array] } : array;
		}
		case "object":
			return objectSchema(props ?? {});
		case "record":
			return withoutGaps({
				type: "object",
				additionalProperties: isRule(value) ? toJsonSchema(value) : true,
				maxProperties: max
			});
		case "equal":
			return { type: "null" };
		default:
			return {};
	}
}

/** An object of named rules; nothing else may be in it. */
export function objectSchema(props: Readonly<Record<string, Rule<unknown>>>): JsonSchema {
	const entries = Object.entries(props);
	const required = entries.filter(([, rule]) => rule["optional"] !== true).map(([name]) => name);
	return {
		type: "object",
		properties: Object.fromEntries(entries.map(([name, rule]) => [name, toJsonSchema(rule)])),
		...(required.length && { required }),
		additionalProperties: false
	};
}
