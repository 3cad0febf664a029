import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { events } from "../../schemas/registry";
import { objectSchema } from "../../schemas/kit/json-schema";
import type { Shape } from "../../schemas/kit/rules";
import { makeGoldenFacts, type GoldenFact } from "../fixtures/golden-facts";
import { ROOT } from "../support/root";

// In a rolling upgrade two versions publish facts to each other, and facts of the last version wait in queues and outboxes.
// The file is kept by `npm run fixture:facts` once a version is released.
const golden = JSON.parse(readFileSync(join(ROOT, "tests/fixtures/facts.json"), "utf8")) as Record<
	string,
	GoldenFact
>;
const present = makeGoldenFacts();
const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
const checks = new Map(
	Object.entries(events).map(([name, { params }]) => [name, ajv.compile(objectSchema(params as Shape))])
);

/** What today's contract has against a payload: a field that it does not know, one that it misses, a value that it refuses. */
function findFaults(name: string, payload: unknown): string[] {
	const check = checks.get(name);
	if (!check) return [`${name} is gone`];
	check(payload);
	return (check.errors ?? []).map(
		({ instancePath, message, params }) => `${name}${instancePath} ${message} ${JSON.stringify(params)}`
	);
}

/** The paths of all fields, those of the items of lists too. */
const listFields = (value: unknown, path = ""): string[] =>
	typeof value === "object" && value !== null
		? Object.entries(value).flatMap(([field, inside]) => {
				const own = Array.isArray(value) ? `${path}[]` : `${path}.${field}`;
				return [own, ...listFields(inside, own)];
			})
		: [];

it("understands every payload that the last version may have published", () => {
	const faults = Object.entries(golden).flatMap(([name, { minimal, full, variants }]) =>
		[minimal, full, ...variants].flatMap(payload => findFaults(name, payload))
	);

	expect(Object.keys(golden).length).toBeGreaterThan(40);
	expect(faults).toEqual([]);
});

it("publishes every field on which the last version may rely", () => {
	const missing = Object.entries(golden).flatMap(([name, { minimal }]) => {
		const published = new Set(listFields(present[name]?.minimal));
		return listFields(minimal)
			.filter(field => !published.has(field))
			.map(field => name + field);
	});

	expect(missing).toEqual([]);
});
