import type { Lang } from "../../../schemas/errors/messages";
import { MAX_LIST_DEPTH } from "../../../schemas/kit/rules";
import type { NamedSchemas } from "../../../schemas/kit/json-schema";
import { contracts } from "../../../schemas/registry";
import packageJson from "../../../package.json";
import { listRoutes, type Route } from "../routes";
import { buildErrorSchemas } from "./error-responses";
import { describeEventRoutes } from "./event-operations";
import { describeOperation, type Shared } from "./operation";
import { describeTags, SYSTEM_ROUTES } from "./summaries";

function describeSystemRoutes(lang: Lang) {
	const entries = Object.entries(SYSTEM_ROUTES).map(([path, texts]) => {
		const operationId = `system${path.replace(/[/.](\w)/g, (_, c: string) => `_${c}`)}`;
		const responses = {
			200: { description: texts[lang] },
			"4XX": { description: "Not available from here" }
		};
		return [
			path,
			{ get: { operationId, tags: ["system"], summary: texts[lang], security: [], responses } }
		];
	});
	return Object.fromEntries(entries) as Record<string, object>;
}

const PARAMETERS = {
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
	},
	Page: {
		name: "page",
		in: "query",
		required: false,
		description: `page × pageSize ≤ ${MAX_LIST_DEPTH}; deeper in a list leads only \`cursor\``,
		schema: { type: "integer", minimum: 1, maximum: 1_000_000 }
	},
	PageSize: {
		name: "pageSize",
		in: "query",
		required: false,
		schema: { type: "integer", minimum: 1, maximum: 100 }
	},
	Cursor: {
		name: "cursor",
		in: "query",
		required: false,
		description: "`nextCursor` of the page before",
		schema: { type: "string", minLength: 1, maxLength: 64, pattern: "^[\\w.:-]+$" }
	}
};

const ENVELOPE = {
	type: "object",
	required: ["code", "message", "requestId"],
	properties: {
		code: { type: "string", const: "OK" },
		message: { type: "string" },
		requestId: { type: "string" }
	}
};

const toTemplate = (path: string) => path.replace(/[:*](\w+)/g, "{$1}");
const sorted = <V>(entries: Iterable<readonly [string, V]>) =>
	Object.fromEntries([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)));

/**
 * Builds the OpenAPI 3.1 document from the contracts, so that it says what the gateway checks; with the routes of services that
 * joined.
 */
export function buildOpenApi(lang: Lang = "en", joined: readonly Route[] = []): object {
	const schemas: NamedSchemas = new Map();
	const shared: Shared = { lang, schemas, responses: new Map() };
	const paths: Record<string, Record<string, object>> = {};
	for (const route of [...listRoutes(contracts), ...joined])
		(paths[toTemplate(route.path)] ??= {})[route.action.http.method.toLowerCase()] = describeOperation(
			route,
			shared
		);
	const events = describeEventRoutes(shared);
	const errors = buildErrorSchemas(schemas);
	return {
		openapi: "3.1.0",
		info: {
			title: "zjMall",
			version: packageJson.version,
			summary: packageJson.description,
			license: { name: "MIT", identifier: "MIT" }
		},
		servers: [{ url: "/", description: "Where this document came from" }],
		tags: describeTags(lang),
		paths: { ...describeSystemRoutes(lang), ...events, ...paths },
		components: {
			securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
			parameters: PARAMETERS,
			responses: sorted(shared.responses),
			schemas: { Envelope: ENVELOPE, ...sorted(schemas), ...errors }
		}
	};
}
