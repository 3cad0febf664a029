import { describeCode } from "../../schemas/errors/error-codes";
import { EVENT_ROUTES } from "../../services/api/live-events/event-routes";
import { buildOpenApi } from "../../services/api/openapi/openapi";
import { PUBLISHED_ROUTES, type PublishedRoute } from "../support/published-routes";

type Json = any;
const document: Json = buildOpenApi();
const inDocument = ({ http }: PublishedRoute): Json => {
	const path = (http.root ? "" : "/api/v1") + http.path.replace(/[:*](\w+)/g, "{$1}");
	return document.paths[path]?.[http.method.toLowerCase()];
};
/** What a reference within the document refers to; anything else as it is. */
const resolve = (part: Json): Json =>
	part?.$ref
		? part.$ref
				.slice(2)
				.split("/")
				.reduce((at: Json, key: string) => at[key], document)
		: part;
const operations: Json[] = Object.values<Json>(document.paths).flatMap(path => Object.values(path));
const fieldsOf = ({ http, params }: PublishedRoute) =>
	Object.keys(params).filter(
		name =>
			!name.startsWith("$$") &&
			!(http.keyed && name === "key") &&
			!new RegExp(`[:*]${name}\\b`).test(http.path)
	);
const rolesOf = ({ policy }: PublishedRoute["http"]): readonly string[] =>
	typeof policy === "string" ? [] : policy;
/** One row a route, so that a failure shows every difference. */
const tableOf = <Row>(routes: readonly PublishedRoute[], row: (route: PublishedRoute) => Row) =>
	Object.fromEntries(routes.map(route => [route.route, row(route)]));

it("has every route of the contracts and those of the system, and no other", () => {
	const system = [
		"/health/live",
		"/health/ready",
		"/metrics",
		"/openapi.json",
		"/docs",
		"/asyncapi.json",
		"/docs/events"
	];

	expect(PUBLISHED_ROUTES.filter(route => !inDocument(route)).map(({ route }) => route)).toEqual([]);
	expect(operations).toHaveLength(PUBLISHED_ROUTES.length + system.length + EVENT_ROUTES.length);
	for (const path of system) expect(document.paths[path].get).toBeDefined();
});

it("names every operation once", () => {
	const names = operations.map(({ operationId }) => operationId);

	expect(new Set(names).size).toBe(names.length);
	for (const name of names) expect(name).toMatch(/^\w+$/);
});

it("describes every group of operations", () => {
	const described = document.tags.map(({ name, description }: Json) => description && name);
	const used = new Set(operations.flatMap(({ tags }) => tags));

	expect([...used].filter(tag => !described.includes(tag))).toEqual([]);
});

it("has no dangling reference", () => {
	const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = ""]) =>
		path.split("/")
	);

	expect(refs.length).toBeGreaterThan(0);
	for (const path of refs) expect(path.reduce((at: Json, key) => at?.[key], document)).toBeDefined();
});

it("gives the access policy, the headers and the possible answers of every route", () => {
	const said = (route: PublishedRoute) => {
		const { http } = route;
		const operation = inDocument(route);
		const parameters: Json[] = (operation.parameters ?? []).map(resolve);
		const placed = (where: string) => parameters.filter(p => p.in === where).map(({ name }) => name);
		const refusals = (status: number | "default"): string[] =>
			resolve(operation.responses[status])?.description.split(", ") ?? [];
		const codes = [
			...http.errors.map(code => [describeCode(code).status, code] as const),
			...(http.policy === "public" ? [] : [[401, "UNAUTHORIZED"] as const]),
			...(rolesOf(http).length ? [[403, "FORBIDDEN"] as const] : [])
		];
		return {
			about: operation.summary,
			security: operation.security,
			withoutSchema: parameters.filter(({ schema }) => schema === undefined),
			inPath: placed("path"),
			keyed: placed("header").includes("Idempotency-Key"),
			ofKey: http.keyed ? refusals(422) : [],
			ofFailures: refusals("default"),
			unsaidCodes: codes.filter(
				([status, code]) => !refusals(status).includes(code) && !refusals("default").includes(code)
			),
			unsaidRoles: rolesOf(http).filter(role => !operation.description.includes(role))
		};
	};

	expect(tableOf(PUBLISHED_ROUTES, said)).toEqual(
		tableOf(PUBLISHED_ROUTES, ({ http }) => ({
			about: http.about,
			security:
				http.policy === "public" ? [] : [...(http.policy === "guest" ? [{}] : []), { bearer: [] }],
			withoutSchema: [],
			inPath: [...http.path.matchAll(/[:*](\w+)/g)].map(([, name]) => name),
			keyed: http.keyed,
			ofKey: http.keyed ? ["IDEMPOTENCY_KEY_REUSED"] : [],
			ofFailures: ["TOO_MANY_REQUESTS", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE", "REQUEST_TIMEOUT"],
			unsaidCodes: [],
			unsaidRoles: []
		}))
	);
});

it("has each field of every route in the query or the body, and the envelope around its answer", () => {
	const withEnvelope = PUBLISHED_ROUTES.filter(({ http }) => !http.raw && !http.file && !http.pieces);
	const hasNoBody = ({ http }: PublishedRoute) => !http.hasBody;
	const shown = (route: PublishedRoute) => {
		const { parameters = [], requestBody, responses } = inDocument(route);
		const content = requestBody?.content ?? {};
		const asked = (content["application/json"] ?? content["multipart/form-data"])?.schema;
		const inQuery = parameters
			.map(resolve)
			.filter((p: Json) => p.in === "query")
			.map((p: Json) => p.name);
		const [envelope, answered] = responses[route.http.status].content["application/json"].schema.allOf;
		return {
			inQuery: inQuery.toSorted(),
			inBody: Object.keys(asked?.properties ?? {}).toSorted(),
			bodyOfNone: hasNoBody(route) && requestBody !== undefined,
			envelope: [...resolve(envelope).required, ...answered.required],
			describesData: Object.keys(answered.properties.data).length > 0
		};
	};

	expect(withEnvelope.length).toBeGreaterThan(100);
	expect(tableOf(withEnvelope, shown)).toEqual(
		tableOf(withEnvelope, route => {
			const { upload } = route.http;
			const fields = fieldsOf(route)
				.map(name => (upload && name === "image" ? upload.field : name))
				.toSorted();
			return {
				inQuery: hasNoBody(route) ? fields : [],
				inBody: hasNoBody(route) ? [] : fields,
				bodyOfNone: false,
				envelope: ["code", "message", "requestId", "data"],
				describesData: true
			};
		})
	);
});

it("describes the data of every error code, and shares named objects by reference", () => {
	const { schemas } = document.components;
	const notFound = schemas.NotFoundError.properties.data;
	const order = resolve(operations.find(({ operationId }) => operationId === "orders_get").responses[200]);

	expect(schemas.OutOfStockError.properties.data.properties.items.items.required).toEqual([
		"skuId",
		"requested",
		"available"
	]);
	expect(notFound.properties.what.enum).toContain("order");
	expect(order.content["application/json"].schema.allOf[1].properties.data).toEqual({
		$ref: "#/components/schemas/Order"
	});
	expect(schemas.Order.properties.items.items).toEqual({ $ref: "#/components/schemas/OrderItem" });
});

it("says that every time range includes its beginning and excludes its end", () => {
	const bounds = operations
		.flatMap(({ parameters = [] }) => parameters)
		.filter((p: Json) => p.in === "query" && p.schema.format === "date-time");
	const described = (name: string) =>
		bounds.filter((p: Json) => p.name === name).map((p: Json) => p.description);

	expect(bounds.length).toBeGreaterThan(0);
	expect(bounds.every((p: Json) => p.name === "from" || p.name === "to")).toBe(true);
	expect(new Set(described("from"))).toEqual(new Set([expect.stringContaining("from ≤ time")]));
	expect(new Set(described("to"))).toEqual(new Set([expect.stringContaining("time < to")]));
});
