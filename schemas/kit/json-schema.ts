import type { AnyRule, Rule, Shape } from "./rules";

export type JsonSchema = { readonly [keyword: string]: unknown };
/** Limits of `r.int()` without limits of its own are those of safe integers, which the schema need not repeat. */
const stated = (limit: number | undefined) =>
	limit !== undefined && Number.isSafeInteger(limit) && Math.abs(limit) < Number.MAX_SAFE_INTEGER
		? limit
		: undefined;
const withoutUndefined = (schema: Record<string, unknown>): JsonSchema =>
	Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));

/** Collects the schemas of named objects, to which the converted rules then refer. */
export type NamedSchemas = Map<string, JsonSchema>;

/**
 * Converts a rule to JSON Schema 2020-12, the dialect of OpenAPI 3.1. With `named`, objects that have a name become references
 * to entries of `named`.
 */
export function toJsonSchema(rule: Rule<unknown>, named?: NamedSchemas): JsonSchema {
	const { nullable, about }: AnyRule = rule;
	const nonNull = toNonNullSchema(rule, named);
	const schema = about ? { ...nonNull, description: about } : nonNull;
	if (!nullable || nonNull["type"] === "null" || Object.keys(nonNull).length === 0) return schema;
	return typeof nonNull["type"] === "string" && !nonNull["enum"]
		? { ...schema, type: [nonNull["type"], "null"] }
		: { anyOf: [schema, { type: "null" }] };
}

function toNonNullSchema(rule: Rule<unknown>, named?: NamedSchemas): JsonSchema {
	const { type, min, max, pattern, values, items, value, integer, format, unique }: AnyRule = rule;
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
			const item = items && toJsonSchema(items, named);
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
			return toObjectSchema(rule, named);
		case "record":
			return withoutUndefined({
				type: "object",
				additionalProperties: value ? toJsonSchema(value, named) : true,
				maxProperties: max
			});
		case "equal":
			return { type: "null" };
		default:
			return {};
	}
}

function toObjectSchema({ schemaName, props = {} }: AnyRule, named?: NamedSchemas): JsonSchema {
	if (schemaName === undefined || !named) return objectSchema(props, named);
	const schema = objectSchema(props, named);
	const known = named.get(schemaName);
	if (known && JSON.stringify(known) !== JSON.stringify(schema))
		throw new Error(`Two different objects have the name ${schemaName}`);
	named.set(schemaName, schema);
	return { $ref: `#/components/schemas/${schemaName}` };
}

/** The schema of an object with these fields and no others. */
export function objectSchema(props: Shape, named?: NamedSchemas): JsonSchema {
	const entries = Object.entries(props);
	const required = entries.filter(([, rule]) => rule["optional"] !== true).map(([name]) => name);
	return {
		type: "object",
		properties: Object.fromEntries(entries.map(([name, rule]) => [name, toJsonSchema(rule, named)])),
		...(required.length && { required }),
		additionalProperties: false
	};
}
