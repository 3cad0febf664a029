import { describeCode } from "../../schemas/refusal-types";
import { buildOpenApi } from "../../services/api/openapi";
import { PUBLISHED_ROUTES } from "../support/published-routes";

type Json = any;
const document: Json = buildOpenApi();
const inDocument = ({ http }: (typeof PUBLISHED_ROUTES)[number]): Json => {
	const path = (http.root ? "" : "/api/v1") + http.path.replace(/[:*](\w+)/g, "{$1}");
	return document.paths[path]?.[http.method.toLowerCase()];
};
const operations: Json[] = Object.values<Json>(document.paths).flatMap(path => Object.values(path));
const every = PUBLISHED_ROUTES.map(route => [route.route, route] as const);
const spoken = every.filter(([, { http }]) => !http.raw);
const fieldsOf = ({ http, params }: (typeof PUBLISHED_ROUTES)[number]) =>
	Object.keys(params).filter(
		name =>
			!name.startsWith("$$") &&
			!(http.keyed && name === "key") &&
			!new RegExp(`[:*]${name}\\b`).test(http.path)
	);

it("has every route of the contracts and those of the system, and no other", () => {
	const system = ["/health/live", "/health/ready", "/metrics", "/openapi.json"];

	expect(PUBLISHED_ROUTES.filter(route => !inDocument(route)).map(({ route }) => route)).toEqual([]);
	expect(operations).toHaveLength(PUBLISHED_ROUTES.length + system.length);
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

it("refers to nothing that is not there", () => {
	const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = ""]) =>
		path.split("/")
	);

	expect(refs.length).toBeGreaterThan(0);
	for (const path of refs) expect(path.reduce((at: Json, key) => at?.[key], document)).toBeDefined();
});

it.each(every)("says of %s who may, with what, and what may come of it", (_, route) => {
	const { http } = route;
	const operation = inDocument(route);
	const parameters = (operation.parameters ?? []).map((p: Json) =>
		p.$ref ? document.components.parameters[p.$ref.split("/").at(-1)] : p
	);
	const placed = (where: string) => parameters.filter((p: Json) => p.in === where).map((p: Json) => p.name);
	const open =
		http.policy === "public" ? [] : http.policy === "guest" ? [{}, { bearer: [] }] : [{ bearer: [] }];
	const refusals: Json = (status: number) => operation.responses[status]?.description.split(", ");

	expect(operation.summary).toBe(http.about);
	expect(operation.security).toEqual(open);
	for (const parameter of parameters) expect(parameter.schema).toBeDefined();
	expect(placed("path")).toEqual([...http.path.matchAll(/[:*](\w+)/g)].map(([, name]) => name));
	expect(placed("header").includes("Idempotency-Key")).toBe(http.keyed);
	for (const code of http.errors) expect(refusals(describeCode(code).status)).toContain(code);
	if (http.policy !== "public") expect(refusals(401)).toContain("UNAUTHORIZED");
	if (typeof http.policy !== "string") {
		expect(refusals(403)).toContain("FORBIDDEN");
		for (const role of http.policy) expect(operation.description).toMatch(role);
	}
	if (http.keyed) expect(refusals(422)).toEqual(["IDEMPOTENCY_KEY_REUSED"]);
	expect(refusals(500)).toEqual(["INTERNAL_ERROR"]);
});

it.each(spoken)(
	"has each field of %s in the query or the body, and the envelope around its answer",
	(_, route) => {
		const { http } = route;
		const operation = inDocument(route);
		const inQuery = (operation.parameters ?? [])
			.filter((p: Json) => p.in === "query")
			.map((p: Json) => p.name);
		const content = operation.requestBody?.content ?? {};
		const asked = (content["application/json"] ?? content["multipart/form-data"])?.schema;
		const inBody = Object.keys(asked?.properties ?? {});
		const answered = operation.responses[http.status].content["application/json"].schema;

		expect([...inQuery, ...inBody].toSorted()).toEqual(
			(http.upload === undefined ? fieldsOf(route) : [http.upload]).toSorted()
		);
		if (http.method === "GET" || http.method === "DELETE") expect(operation.requestBody).toBeUndefined();
		else expect(inQuery).toEqual([]);
		expect(answered.required).toEqual(["code", "message", "data", "requestId"]);
		expect(answered.properties.data).not.toEqual({});
	}
);

it("says of every range of time that its beginning belongs to it and its end does not", () => {
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
