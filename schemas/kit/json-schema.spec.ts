import * as r from "./rules";
import { objectSchema, toJsonSchema } from "./json-schema";
import { contracts } from "../registry";
import { newValidator } from "./validator";

describe("toJsonSchema", () => {
	it.each<[string, r.Rule<unknown>, object]>([
		["a text with something in it", r.str(), { type: "string", minLength: 1 }],
		["a text that may be empty", r.text({ max: 5 }), { type: "string", maxLength: 5 }],
		["a pattern", r.str({ pattern: /^\d+$/ }), { type: "string", minLength: 1, pattern: "^\\d+$" }],
		["any whole number, without the bounds of doubles", r.int(), { type: "integer" }],
		["a bounded whole number", r.int({ min: 1, max: 9 }), { type: "integer", minimum: 1, maximum: 9 }],
		["a fraction", r.num({ min: 0 }), { type: "number", minimum: 0 }],
		["a truth", r.bool(), { type: "boolean" }],
		["one of some words", r.oneOf("a", "b"), { type: "string", enum: ["a", "b"] }],
		[
			"a list",
			r.list(r.bool(), { min: 1, max: 3, unique: true }),
			{
				type: "array",
				items: { type: "boolean" },
				minItems: 1,
				maxItems: 3,
				uniqueItems: true
			}
		],
		[
			"a list or one item of it",
			r.oneOrMore(r.bool(), { max: 3 }),
			{
				anyOf: [
					{ type: "boolean" },
					{ type: "array", items: { type: "boolean" }, minItems: 1, maxItems: 3 }
				]
			}
		],
		["a dictionary", r.record(r.bool()), { type: "object", additionalProperties: { type: "boolean" } }],
		["nothing", r.nothing, { type: "null" }],
		["anything", r.any(), {}],
		["what may be null", r.orNull(r.bool()), { type: ["boolean", "null"] }],
		[
			"a word or null",
			r.orNull(r.oneOf("a")),
			{ anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }] }
		],
		[
			"money, with its unit",
			r.fen(),
			{ type: "integer", minimum: 0, maximum: 1_000_000_000, description: "fen" }
		]
	])("has %s", (_, rule, schema) => {
		expect(toJsonSchema(rule)).toEqual(schema);
	});

	it("names a time's format beside its pattern", () => {
		expect(toJsonSchema(r.time())).toMatchObject({ type: "string", format: "date-time", maxLength: 30 });
	});

	it("closes objects and asks for what is not optional", () => {
		const schema = objectSchema({ a: r.bool(), b: r.opt(r.bool()), c: r.orNull(r.bool()) });

		expect(schema).toMatchObject({ required: ["a", "c"], additionalProperties: false });
	});

	it("asks for nothing where all is optional", () => {
		expect(objectSchema({ a: r.opt(r.bool()) })).not.toHaveProperty("required");
	});
});

it("makes of every pattern of the contracts one that other tools can compile", () => {
	const patterns = [...JSON.stringify(schemas()).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)];

	expect(patterns.length).toBeGreaterThan(10);
	for (const [, quoted = ""] of patterns)
		expect(() => new RegExp(JSON.parse(quoted) as string, "u")).not.toThrow();
});

it("takes null nowhere but where a rule says so", () => {
	const validate = newValidator();
	const takesNull = (rule: r.Rule<unknown>) => validate.compile({ $$root: true, ...rule })(null) === true;

	for (const rule of [
		r.str(),
		r.text(),
		r.int(),
		r.num(),
		r.bool(),
		r.id(),
		r.list(r.bool()),
		r.oneOrMore(r.bool()),
		r.obj({}),
		r.record(r.bool()),
		r.oneOf("a")
	]) {
		expect(takesNull(rule)).toBe(false);
		expect(takesNull(r.opt(rule))).toBe(false);
		expect(takesNull(r.orNull(rule))).toBe(true);
	}
});

function schemas() {
	return Object.values(contracts).flatMap(({ actions }) =>
		Object.values(actions).map(({ params, answer }) => {
			const rules = Object.entries(params).filter(
				(entry): entry is [string, r.Rule<unknown>] => typeof entry[1] === "object"
			);
			return [objectSchema(Object.fromEntries(rules)), toJsonSchema(answer)];
		})
	);
}
