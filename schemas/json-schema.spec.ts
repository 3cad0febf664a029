import {
	any,
	bool,
	fen,
	id,
	int,
	list,
	nothing,
	num,
	obj,
	oneOf,
	oneOrMore,
	opt,
	orNull,
	record,
	str,
	text,
	time,
	type Rule
} from "./kit";
import { objectSchema, toJsonSchema } from "./json-schema";
import { contracts } from "./registry";
import { newValidator } from "./validator";

describe("toJsonSchema", () => {
	it.each<[string, Rule<unknown>, object]>([
		["a text with something in it", str(), { type: "string", minLength: 1 }],
		["a text that may be empty", text({ max: 5 }), { type: "string", maxLength: 5 }],
		["a pattern", str({ pattern: /^\d+$/ }), { type: "string", minLength: 1, pattern: "^\\d+$" }],
		["any whole number, without the bounds of doubles", int(), { type: "integer" }],
		["a bounded whole number", int({ min: 1, max: 9 }), { type: "integer", minimum: 1, maximum: 9 }],
		["a fraction", num({ min: 0 }), { type: "number", minimum: 0 }],
		["a truth", bool(), { type: "boolean" }],
		["one of some words", oneOf("a", "b"), { type: "string", enum: ["a", "b"] }],
		[
			"a list",
			list(bool(), { min: 1, max: 3, unique: true }),
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
			oneOrMore(bool(), { max: 3 }),
			{
				anyOf: [
					{ type: "boolean" },
					{ type: "array", items: { type: "boolean" }, minItems: 1, maxItems: 3 }
				]
			}
		],
		["a dictionary", record(bool()), { type: "object", additionalProperties: { type: "boolean" } }],
		["nothing", nothing, { type: "null" }],
		["anything", any(), {}],
		["what may be null", orNull(bool()), { type: ["boolean", "null"] }],
		[
			"a word or null",
			orNull(oneOf("a")),
			{ anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }] }
		],
		[
			"money, with its unit",
			fen(),
			{ type: "integer", minimum: 0, maximum: 1_000_000_000, description: "fen" }
		]
	])("has %s", (_, rule, schema) => {
		expect(toJsonSchema(rule)).toEqual(schema);
	});

	it("names a time's format beside its pattern", () => {
		expect(toJsonSchema(time())).toMatchObject({ type: "string", format: "date-time", maxLength: 30 });
	});

	it("closes objects and asks for what is not optional", () => {
		const schema = objectSchema({ a: bool(), b: opt(bool()), c: orNull(bool()) });

		expect(schema).toMatchObject({ required: ["a", "c"], additionalProperties: false });
	});

	it("asks for nothing where all is optional", () => {
		expect(objectSchema({ a: opt(bool()) })).not.toHaveProperty("required");
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
	const takesNull = (rule: Rule<unknown>) => validate.compile({ $$root: true, ...rule })(null) === true;

	for (const rule of [
		str(),
		text(),
		int(),
		num(),
		bool(),
		id(),
		list(bool()),
		oneOrMore(bool()),
		obj({}),
		record(bool()),
		oneOf("a")
	]) {
		expect(takesNull(rule)).toBe(false);
		expect(takesNull(opt(rule))).toBe(false);
		expect(takesNull(orNull(rule))).toBe(true);
	}
});

function schemas() {
	return Object.values(contracts).flatMap(({ actions }) =>
		Object.values(actions).map(({ params, answer }) => {
			const rules = Object.entries(params).filter(
				(entry): entry is [string, Rule<unknown>] => typeof entry[1] === "object"
			);
			return [objectSchema(Object.fromEntries(rules)), toJsonSchema(answer)];
		})
	);
}
