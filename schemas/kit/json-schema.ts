import type { AnyRule, Rule, Shape } from "./rules";

export type JsonSchema = { readonly [keyword: string]: unknown };
/** Limits of `r.int()` without limits of its own are those of safe integers, which the schema need not repeat. */
const stated = (limit: number | undefined) =>
	limit !== undefined && Number.isSafeInteger(limit) && Math.abs(limit) < Number.MAX_SAFE_INTEGER
		? limit
		: undefined;
const withoutUndefined = (schema: Record<string, unknown>): JsonSchema =>
	Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));

/** Converts a rule to JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
export function toJsonSchema(rule: Rule<unknown>): JsonSchema {
	const { nullable, about }: AnyRule = rule;
	const nonNull = toNonNullSchema(rule);
	const schema = about ? { ...nonNull, description: about } : nonNull;
	if (!nullable || nonNull["type"] === "null" || Object.keys(nonNull).length === 0) return schema;
	return typeof nonNull["type"] === "string" && !nonNull["enum"]
		? { ...schema, type: [nonNull["type"], "null"] }
		: { anyOf: [schema, { type: "null" }] };
}

function toNonNullSchema(rule: Rule<unknown>): JsonSchema {
	const { type, min, max, pattern, values, items, props, value, integer, format, unique }: AnyRule = rule;
	switch (type) {
		case "string":
			return withoutUndefined({
				type: "string",
				minLength: min ?? (rule["empty"] === false ? 1 : undefined),
				maxLength: max,
				pattern: pattern?.source,
				format
			});
		case "number":
			return withoutUndefined({
				type: integer ? "integer" : "number",
				minimum: stated(min),
				maximum: stated(max)
			});
		case "boolean":
			return { type: "boolean" };
		case "enum":
			return { type: "string", enum: values };
		case "array": {
			const item = items && toJsonSchema(items);
			const array = withoutUndefined({
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
			return withoutUndefined({
				type: "object",
				additionalProperties: value ? toJsonSchema(value) : true,
				maxProperties: max
			});
		case "equal":
			return { type: "null" };
		default:
			return {};
	}
}

/** The schema of an object with these fields and no others. */
export function objectSchema(props: Shape): JsonSchema {
	const entries = Object.entries(props);
	const required = entries.filter(([, rule]) => rule["optional"] !== true).map(([name]) => name);
	return {
		type: "object",
		properties: Object.fromEntries(entries.map(([name, rule]) => [name, toJsonSchema(rule)])),
		...(required.length && { required }),
		additionalProperties: false
	};
}
