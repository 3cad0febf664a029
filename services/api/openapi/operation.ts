import type { Http } from "../../../schemas/kit/contract";
import {
	objectSchema,
	toJsonSchema,
	type JsonSchema,
	type NamedSchemas
} from "../../../schemas/kit/json-schema";
import type { Rule } from "../../../schemas/kit/rules";
import type { Lang } from "../../../schemas/errors/messages";
import type { Route } from "../routes";
import { describeBareErrors, describeErrors } from "./error-responses";
import { EXAMPLES, type Example } from "./examples";
import { chooseSummary } from "./summaries";

/** What the operations of a document share by reference. */
export type Shared = {
	readonly lang: Lang;
	readonly schemas: NamedSchemas;
	readonly responses: Map<string, object>;
};

const ref = (kind: "schemas" | "parameters", name: string) => ({ $ref: `#/components/${kind}/${name}` });

const envelopeOf = (answer: Rule<unknown>, schemas: NamedSchemas): JsonSchema => ({
	allOf: [
		ref("schemas", "Envelope"),
		{ type: "object", required: ["data"], properties: { data: toJsonSchema(answer, schemas) } }
	]
});

function describeInputs({ name: action, action: { http, params }, path }: Route, { schemas }: Shared) {
	const names = [...path.matchAll(/[:*](\w+)/g)].map(([, name = ""]) => name);
	const example: Example = EXAMPLES[action] ?? {};
	const rules = Object.entries(params).filter(
		(entry): entry is [string, Rule<unknown>] =>
			typeof entry[1] === "object" &&
			!(http.keyed && entry[0] === "key") &&
			!(http.file && entry[0] === "file") &&
			!(http.pieces && entry[0] === "state")
	);
	const inPath = names.map(name => {
		const rule = rules.find(([field]) => field === name)?.[1];
		const schema = rule ? toJsonSchema(rule, schemas) : { type: "string" };
		return { name, in: "path", required: true, schema, ...exampleOf(example.path, name) };
	});
	const rest = rules.filter(([name]) => !names.includes(name));
	const inHeader = [
		...(http.keyed ? [ref("parameters", "IdempotencyKey")] : []),
		...(http.policy === "guest" ? [ref("parameters", "CartId")] : [])
	];
	if (http.hasBody) return { parameters: [...inPath, ...inHeader], body: rest };
	const inQuery = rest.map(([name, rule]) => describeQueryParameter(name, rule, example.query));
	return { parameters: [...inPath, ...inQuery, ...inHeader], body: [] };
}

const exampleOf = (values: Readonly<Record<string, unknown>> | undefined, name: string) =>
	values?.[name] === undefined ? {} : { example: values[name] };

/** Parameters of every list, which are described once. */
const LIST_PARAMETERS: Readonly<Record<string, string>> = {
	page: "Page",
	pageSize: "PageSize",
	cursor: "Cursor"
};

function describeQueryParameter(name: string, rule: Rule<unknown>, example: Example["query"]) {
	const shared = LIST_PARAMETERS[name];
	if (shared !== undefined && rule["optional"] === true) return ref("parameters", shared);
	// Viewers such as Swagger UI show the description of a parameter, not that of its schema.
	const { description, ...schema } = toJsonSchema(rule);
	const style =
		schema["type"] === "array"
			? { style: "form", explode: false }
			: schema["type"] === "object"
				? { style: "deepObject", explode: true, description: `Or with a dot: ${name}.key=value` }
				: {};
	const required = rule["optional"] !== true;
	return { name, in: "query", required, description, ...style, schema, ...exampleOf(example, name) };
}

function describeBody(
	{ name, action: { http } }: Route,
	rules: readonly (readonly [string, Rule<unknown>])[],
	{ schemas }: Shared
) {
	const { upload }: Http = http;
	if (upload !== undefined) {
		const fields = Object.fromEntries(rules.filter(([field]) => field !== "image"));
		const file: Rule<string> = { type: "string", format: "binary" };
		const form = objectSchema({ ...fields, [upload.field]: file }, schemas);
		return { requestBody: { required: true, content: { "multipart/form-data": { schema: form } } } };
	}
	if (http.file !== undefined) {
		const form = objectSchema({ [http.file.field]: { type: "string", format: "binary" } }, schemas);
		return { requestBody: { required: true, content: { "multipart/form-data": { schema: form } } } };
	}
	if (rules.length === 0) return {};
	const required = rules.some(([, rule]) => rule["optional"] !== true);
	const schema = objectSchema(Object.fromEntries(rules), schemas);
	const example = EXAMPLES[name]?.body;
	return {
		requestBody: {
			required,
			content: { "application/json": { schema, ...(example !== undefined && { example }) } }
		}
	};
}

export function describeOperation(route: Route, shared: Shared): object {
	const { name, action } = route;
	const { http } = action;
	const { parameters, body } = describeInputs(route, shared);
	const inPath = parameters.filter(p => "in" in p && p.in === "path");
	const ok = http.raw
		? { description: "As its protocol demands" }
		: http.pieces
			? {
					description: "The file",
					content: { [http.pieces.type.split(";")[0] ?? ""]: { schema: { type: "string" } } }
				}
			: {
					description: "Done",
					content: { "application/json": { schema: envelopeOf(action.answer, shared.schemas) } }
				};
	return {
		operationId: name.replace(".", "_"),
		tags: [name.split(".")[0]],
		summary: chooseSummary(name, http.about, shared.lang),
		...(http.policy === "public"
			? { security: [] }
			: { security: http.policy === "guest" ? [{}, { bearer: [] }] : [{ bearer: [] }] }),
		...(typeof http.policy !== "string" && {
			description: `${shared.lang === "zh" ? "角色" : "Roles"}: ${[...http.policy, "admin"].join(", ")}`
		}),
		...(http.raw ? { parameters: inPath } : parameters.length > 0 && { parameters }),
		...(!http.raw && describeBody(route, body, shared)),
		responses: {
			[http.status]: ok,
			...(http.raw ? describeBareErrors(route) : describeErrors(route, shared.responses))
		}
	};
}
