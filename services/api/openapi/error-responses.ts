import type { Action, Http } from "../../../schemas/kit/contract";
import { toJsonSchema, type JsonSchema, type NamedSchemas } from "../../../schemas/kit/json-schema";
import {
	describeCode,
	ERROR_CODES,
	type ErrorCode,
	type RefusalType
} from "../../../schemas/errors/error-codes";
import { ERROR_DATA } from "../../../schemas/errors/error-data";
import type { Route } from "../routes";

/** Failures that every route can have. */
const FAILURES = ["TOO_MANY_REQUESTS", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE", "REQUEST_TIMEOUT"] as const;

/** Refusals that a route can answer: those that it declares and those of every route of its kind. */
function listRefusals({ path, action: { http, params } }: Route): RefusalType[] {
	const { policy, keyed, upload, hasBody, stepUp, errors }: Http = http;
	const found = new Set<RefusalType>(errors);
	const add = (...codes: readonly RefusalType[]) => codes.forEach(code => found.add(code));
	if (upload !== undefined || hasParameters(params)) add("VALIDATION_ERROR");
	if (/[:*]/.test(path)) add("NOT_FOUND");
	if (hasBody) add("MALFORMED_JSON", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE");
	if (policy !== "public") add("UNAUTHORIZED", "TOKEN_EXPIRED", "ACCOUNT_DISABLED");
	if (typeof policy !== "string") add("FORBIDDEN", "TOTP_SETUP_REQUIRED");
	if (stepUp) add("STEP_UP_REQUIRED");
	if (keyed) add("IDEMPOTENCY_KEY_REQUIRED", "IDEMPOTENCY_IN_PROGRESS", "IDEMPOTENCY_KEY_REUSED");
	return [...found];
}
const hasParameters = (params: Action["params"]) => Object.keys(params).some(name => !name.startsWith("$$"));

const ORDER = Object.keys(ERROR_CODES);
const byOrder = (a: ErrorCode, b: ErrorCode) => ORDER.indexOf(a) - ORDER.indexOf(b);

/**
 * The responses of a route's refusals by status. Each is a reference to `responses`, where one with the same codes is shared.
 * What any route can answer, failures, is its `default`.
 */
export const describeErrors = (route: Route, responses: Map<string, object>): Record<string, object> =>
	describeRefusals(listRefusals(route), responses);

/** `describeErrors` for a raw route, whose protocol has bodies of its own for refusals. */
export function describeBareErrors(route: Route): Record<string, object> {
	const shared = new Map<string, object>();
	return Object.fromEntries(
		Object.entries(describeErrors(route, shared)).map(
			([status, { $ref = "" }]: [string, { $ref?: string }]) => {
				const [codes = ""] = $ref.split("/").slice(-1);
				return [status, { description: codes.replaceAll(".", ", ") }];
			}
		)
	);
}

/** `describeErrors` for a route that is no action. */
export function describeRefusals(
	refusals: readonly RefusalType[],
	responses: Map<string, object>
): Record<string, object> {
	const own = refusals.filter(code => !FAILURES.some(failure => failure === code));
	const byStatus = Map.groupBy(own.toSorted(byOrder), code => describeCode(code).status);
	return {
		...Object.fromEntries(
			[...byStatus].map(([status, codes]) => [status, shareResponse(codes, responses)])
		),
		default: shareResponse(FAILURES, responses)
	};
}

function shareResponse(codes: readonly ErrorCode[], responses: Map<string, object>): object {
	const name = codes.join(".");
	const schemas = codes.map(code => ({ $ref: `#/components/schemas/${toSchemaName(code)}` }));
	responses.set(name, {
		description: codes.join(", "),
		content: { "application/json": { schema: schemas.length === 1 ? schemas[0] : { oneOf: schemas } } }
	});
	return { $ref: `#/components/responses/${name}` };
}

const toSchemaName = (code: ErrorCode) =>
	`${code
		.toLowerCase()
		.replace(/(^|_)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase())
		.replace(/Error$/, "")}Error`;

/** A schema for each error code, with the type of its data. */
export function buildErrorSchemas(named: NamedSchemas): Record<string, JsonSchema> {
	const rules: Partial<Record<ErrorCode, (typeof ERROR_DATA)[keyof typeof ERROR_DATA]>> = ERROR_DATA;
	return Object.fromEntries(
		(Object.keys(ERROR_CODES) as ErrorCode[]).map(code => {
			const rule = rules[code];
			const data = rule ? toJsonSchema(rule, named) : { type: "null" };
			return [
				toSchemaName(code),
				{
					type: "object",
					required: ["code", "message", "data", "requestId"],
					properties: {
						code: { type: "string", const: code },
						message: { type: "string" },
						data: isOptional(code) ? { anyOf: [data, { type: "null" }] } : data,
						requestId: { type: "string" }
					}
				}
			];
		})
	);
}

/** Codes whose data is null where the refusal has nothing to say. */
const isOptional = (code: ErrorCode) =>
	code === "TOO_MANY_REQUESTS" || code === "SERVICE_UNAVAILABLE" || code === "IDEMPOTENCY_IN_PROGRESS";
