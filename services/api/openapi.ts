import { objectSchema, toJsonSchema, type JsonSchema } from "../../schemas/kit/json-schema";
import type { Action, Http } from "../../schemas/kit/contract";
import type { Rule } from "../../schemas/kit/rules";
import { describeCode, ERROR_CODES, type RefusalType } from "../../schemas/errors/error-codes";
import { contracts } from "../../schemas/registry";
import packageJson from "../../package.json";
import { EVENT_ROUTES } from "./live-events/event-routes";
import { BASE, listRoutes, type Route } from "./routes";

const json = (schema: JsonSchema) => ({ "application/json": { schema } });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** Refusals that a route can answer: those that it declares and those of every route of its kind. */
function listRefusals(
	{ policy, keyed, upload, hasBody, stepUp, errors }: Http,
	params: Action["params"]
): RefusalType[] {
	const found = new Set<RefusalType>([
		...errors,
		"TOO_MANY_REQUESTS",
		"SERVICE_UNAVAILABLE",
		"REQUEST_TIMEOUT"
	]);
	if (Object.keys(params).some(name => !name.startsWith("$$"))) found.add("VALIDATION_ERROR");
	if (hasBody)
		for (const code of ["MALFORMED_JSON", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"] as const)
			found.add(code);
	if (policy !== "public")
		for (const code of ["UNAUTHORIZED", "TOKEN_EXPIRED", "ACCOUNT_DISABLED"] as const) found.add(code);
	if (typeof policy !== "string")
		for (const code of ["FORBIDDEN", "TOTP_SETUP_REQUIRED"] as const) found.add(code);
	if (stepUp) found.add("STEP_UP_REQUIRED");
	if (upload !== undefined) found.add("VALIDATION_ERROR");
	if (keyed)
		for (const code of [
			"IDEMPOTENCY_KEY_REQUIRED",
			"IDEMPOTENCY_IN_PROGRESS",
			"IDEMPOTENCY_KEY_REUSED"
		] as const)
			found.add(code);
	return [...found];
}

function errorResponses(codes: readonly RefusalType[]): Record<string, object> {
	const codesByStatus = Map.groupBy(codes, code => describeCode(code).status);
	const responses = [...codesByStatus].map(([status, group]) => [
		String(status),
		{ description: group.join(", "), content: json(ref("Error")) }
	]);
	return {
		...(Object.fromEntries(responses) as Record<string, object>),
		500: { description: "INTERNAL_ERROR", content: json(ref("Error")) }
	};
}

const envelope = (answer: Rule<unknown>): JsonSchema => ({
	type: "object",
	required: ["code", "message", "data", "requestId"],
	properties: {
		code: { type: "string", const: "OK" },
		message: { type: "string" },
		data: toJsonSchema(answer),
		requestId: { type: "string" }
	}
});

function describeInputs({ action, path }: Route) {
	const { http } = action;
	const names = [...path.matchAll(/[:*](\w+)/g)].map(([, name = ""]) => name);
	const rules = Object.entries(action.params).filter(
		(entry): entry is [string, Rule<unknown>] =>
			typeof entry[1] === "object" && !(http.keyed && entry[0] === "key")
	);
	const inPath = names.map(name => {
		const rule = rules.find(([field]) => field === name)?.[1];
		return { name, in: "path", required: true, schema: rule ? toJsonSchema(rule) : { type: "string" } };
	});
	const rest = rules.filter(([name]) => !names.includes(name));
	const inHeader = [
		...(http.keyed ? [{ $ref: "#/components/parameters/IdempotencyKey" }] : []),
		...(http.policy === "guest" ? [{ $ref: "#/components/parameters/CartId" }] : [])
	];
	if (http.hasBody) return { parameters: [...inPath, ...inHeader], body: rest };
	const inQuery = rest.map(([name, rule]) => {
		// Viewers such as Swagger UI show the description of a parameter, not that of its schema.
		const { description, ...schema } = toJsonSchema(rule);
		const style =
			schema["type"] === "array"
				? { style: "form", explode: false }
				: schema["type"] === "object"
					? { style: "deepObject", explode: true, description: `Or with a dot: ${name}.key=value` }
					: {};
		return { name, in: "query", required: rule["optional"] !== true, description, ...style, schema };
	});
	return { parameters: [...inPath, ...inQuery, ...inHeader], body: [] };
}

function describeBody({ upload }: Http, rules: readonly (readonly [string, Rule<unknown>])[]) {
	if (upload !== undefined) {
		const fields = Object.fromEntries(rules.filter(([name]) => name !== "image"));
		const file: Rule<string> = { type: "string", format: "binary" };
		const form = objectSchema({ ...fields, [upload.field]: file });
		return { requestBody: { required: true, content: { "multipart/form-data": { schema: form } } } };
	}
	if (rules.length === 0) return {};
	const required = rules.some(([, rule]) => rule["optional"] !== true);
	return { requestBody: { required, content: json(objectSchema(Object.fromEntries(rules))) } };
}

function describeOperation(route: Route) {
	const { name, action } = route;
	const { http } = action;
	const { parameters, body } = describeInputs(route);
	const ok = http.raw
		? { description: "As its protocol demands" }
		: { description: "Done", content: json(envelope(action.answer)) };
	return {
		operationId: name.replace(".", "_"),
		tags: [name.split(".")[0]],
		summary: http.about,
		...(http.policy === "public"
			? { security: [] }
			: { security: http.policy === "guest" ? [{}, { bearer: [] }] : [{ bearer: [] }] }),
		...(typeof http.policy !== "string" && {
			description: `Roles: ${[...http.policy, "admin"].join(", ")}`
		}),
		...(parameters.length && !http.raw && { parameters }),
		...(http.raw && { parameters: parameters.filter(p => "in" in p && p.in === "path") }),
		...(!http.raw && describeBody(http, body)),
		responses: { [http.status]: ok, ...errorResponses(listRefusals(http, action.params)) }
	};
}

const SYSTEM_ROUTES = {
	"/health/live": "200 while the process runs",
	"/health/ready": "200 when every needed service and store answers, else 503 naming what does not",
	"/metrics": "Prometheus text",
	"/openapi.json": "This document",
	"/asyncapi.json": "AsyncAPI 3: every fact with its payload",
	"/docs/events": "The event catalogue as a page"
};

function describeSystemRoutes() {
	const entries = Object.entries(SYSTEM_ROUTES).map(([path, about]) => {
		const operationId = `system${path.replace(/[/.](\w)/g, (_, c: string) => `_${c}`)}`;
		const responses = { 200: { description: about }, "4XX": { description: "Not available from here" } };
		return [path, { get: { operationId, tags: ["system"], summary: about, security: [], responses } }];
	});
	return Object.fromEntries(entries) as Record<string, object>;
}

const EVENT_STREAM = {
	schema: {
		type: "string",
		description: "`id:` the fact's id, `event:` its name, `data:` its payload (AsyncAPI)"
	}
};

/** The streams of live events, which are no actions. */
function describeEventRoutes() {
	const entries = EVENT_ROUTES.map(({ path, policy, about, takesTopics }) => {
		const lastId = { name: "Last-Event-ID", in: "header", required: false, schema: { type: "string" } };
		const topic = {
			name: "topic",
			in: "query",
			required: false,
			description: "`order.paid`, `order.*` or `*`; several are separated by commas",
			schema: { type: "string" }
		};
		const refusals: RefusalType[] = [
			"UNAUTHORIZED",
			"TOKEN_EXPIRED",
			"ACCOUNT_DISABLED",
			"TOO_MANY_REQUESTS"
		];
		if (takesTopics) refusals.push("VALIDATION_ERROR", "FORBIDDEN", "TOTP_SETUP_REQUIRED");
		return [
			BASE + path,
			{
				get: {
					operationId: takesTopics ? "events_followAll" : "events_followOwn",
					tags: ["events"],
					summary: about,
					security: [{ bearer: [] }],
					...(typeof policy !== "string" && { description: `Roles: ${policy.join(", ")}` }),
					parameters: takesTopics ? [topic, lastId] : [lastId],
					responses: {
						200: {
							description: "An endless stream",
							content: { "text/event-stream": EVENT_STREAM }
						},
						...errorResponses([...refusals, "SERVICE_UNAVAILABLE"])
					}
				}
			}
		];
	});
	return Object.fromEntries(entries) as Record<string, object>;
}

/** Descriptions of the groups of routes, by service. */
const TAGS = {
	system: "Health, metrics and this document",
	auth: "One-time codes, signing in and out",
	users: "Profiles, addresses, administration of users",
	categories: "The category tree",
	brands: "Brands",
	tags: "Labels of products",
	promotions: "Promotions, and how they change prices",
	coupons: "Coupon templates, and the coupons of users",
	points: "Points of users",
	members: "Member levels and price lists",
	attributes: "Attributes of products, by category",
	products: "Products with their SKUs, from draft to shelf",
	content: "Banners, notices, sections of the home page, and pages",
	demoPictures: "Pictures of the demo catalogue",
	uploads: "Uploaded pictures",
	carts: "Carts of guests and users, and the quote",
	inventory: "Stock and its ledger",
	orders: "Orders from their placing to their end",
	payments: "Payments, refunds, the channels' notifications",
	config: "Config values of the running shop",
	audit: "The audit log: who changed what",
	statistics: "The figures of the shop",
	traces: "The steps of an order's life",
	deadLetters: "Events that a consumer gave up on",
	events: "Live events: facts as they happen",
	sandbox: "Emulators of phones and payment channels; never in production"
};

const toTemplate = (path: string) => path.replace(/[:*](\w+)/g, "{$1}");

/** Builds the OpenAPI 3.1 document from the contracts, so that it says what the gateway checks. */
export function buildOpenApi(): object {
	const paths: Record<string, Record<string, object>> = {};
	for (const route of listRoutes(contracts))
		(paths[toTemplate(route.path)] ??= {})[route.action.http.method.toLowerCase()] =
			describeOperation(route);
	return {
		openapi: "3.1.0",
		info: {
			title: "zjMall",
			version: packageJson.version,
			summary: packageJson.description,
			license: { name: "MIT", identifier: "MIT" }
		},
		servers: [{ url: "/", description: "Where this document came from" }],
		tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
		paths: { ...describeSystemRoutes(), ...describeEventRoutes(), ...paths },
		components: {
			securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
			parameters: {
				IdempotencyKey: {
					name: "Idempotency-Key",
					in: "header",
					required: true,
					description:
						"Chosen by the caller, once for each intended effect: the same key gets the first answer again",
					schema: { type: "string", minLength: 8, maxLength: 128 }
				},
				CartId: {
					name: "X-Cart-Id",
					in: "header",
					required: false,
					description: "A guest's cart, as the first write gave it",
					schema: { type: "string", maxLength: 128 }
				}
			},
			schemas: {
				Error: {
					type: "object",
					required: ["code", "message", "data", "requestId"],
					properties: {
						code: { type: "string", enum: Object.keys(ERROR_CODES) },
						message: { type: "string" },
						data: { description: "Details, e.g. the fields of a VALIDATION_ERROR" },
						requestId: { type: "string" }
					}
				}
			}
		}
	};
}
