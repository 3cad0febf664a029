import * as r from "../../schemas/kit/rules";
import { contracts } from "../../schemas/registry";
import { computeBodyLimit, computeMaxJsonBytes, computeMaxValues, selectBodyRules } from "./body-limit";
import { findExceededLimit } from "./scan-json";

type Inner = r.Rule<unknown> & {
	readonly max?: number;
	readonly values?: readonly string[];
	readonly items?: r.Rule<unknown>;
	readonly props?: Readonly<Record<string, r.Rule<unknown>>>;
	readonly value?: r.Rule<unknown>;
};
/** A value that takes as much room as the rule's limits allow, whether or not its texts fit their patterns. */
function largest({ type, max = 0, values, items, props, value }: Inner): unknown {
	const times = <V>(make: (n: number) => V) => Array.from({ length: max }, (_, n) => make(n));
	if (type === "string") return "😀".repeat(max);
	if (type === "number") return -1.234567890123456e-300;
	if (type === "enum") return values?.toSorted((a, b) => b.length - a.length)[0];
	if (type === "array" && items) return times(() => largest(items));
	if (type === "record" && value)
		return Object.fromEntries(times(n => [String(n).padStart(2, "0") + "😀".repeat(62), largest(value)]));
	if (type === "object")
		return Object.fromEntries(Object.entries(props ?? {}).map(([name, rule]) => [name, largest(rule)]));
	return false;
}
/** As a program writes it that keeps to ASCII and sets it out for people. */
const printed = (value: unknown) =>
	JSON.stringify(value, null, "  ").replace(
		/[^\0-\x7f]/g,
		unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
	);

const routes = Object.values(contracts).flatMap(({ name, actions }) =>
	Object.entries(actions).flatMap(([action, { params, http }]) =>
		http && !http.raw && http.upload === undefined && http.hasBody
			? [
					{
						name: `${name}.${action}`,
						rules: selectBodyRules({ params }, http),
						limit: computeBodyLimit({ params }, http)
					}
				]
			: []
	)
);

it.each(routes)("has room for the largest body of $name", ({ rules, limit }) => {
	const body = Buffer.from(printed(largest({ type: "object", props: rules })));

	expect(body.length).toBeLessThanOrEqual(limit.bytes);
	expect(findExceededLimit(body, { ...limit, depth: 32 })).toBeNull();
});

it("has an end for every route, which a message on the bus can hold", () => {
	const endless = routes.filter(
		({ rules }) => !Number.isFinite(computeMaxJsonBytes({ type: "object", props: rules }))
	);

	// The rule of a config value is known at run time only, and every config value is small.
	expect(endless.map(({ name }) => name)).toEqual(["config.set"]);
	expect(Math.max(...routes.map(({ limit }) => limit.bytes))).toBeLessThan(8 * 1024 * 1024);
});

it("is the usual one where the contract needs no more", () => {
	const limitOf = (name: string) => routes.find(route => route.name === name)?.limit;

	expect(["auth.login", "users.change", "config.set"].map(limitOf)).toEqual(
		Array(3).fill({ bytes: 100 * 1024, values: 2_000 })
	);
});

it.each<[string, r.Rule<unknown>]>([
	["a text", r.text({ max: 9 })],
	["a number", r.int()],
	["a truth", r.bool()],
	["a word", r.oneOf("a", "bcd")],
	["null", r.orNull(r.bool())],
	["a list", r.list(r.str({ max: 3 }), { max: 4 })],
	["an object", r.obj({ a: r.opt(r.bool()), bcd: r.list(r.int(), { max: 2 }) })],
	["a dictionary", r.record(r.str({ max: 5 }), { max: 3 })]
])("measures %s", (_, rule) => {
	const json = Buffer.from(printed(largest(rule)));

	expect(computeMaxJsonBytes(rule)).toBeGreaterThanOrEqual(json.length);
	expect(findExceededLimit(json, { values: 2 * computeMaxValues(rule), depth: 2 })).toBeNull();
	expect(Number.isFinite(computeMaxJsonBytes(rule))).toBe(true);
});

it.each<[string, r.Rule<unknown>]>([
	["a text", r.str()],
	["a list", r.list(r.bool())],
	["a dictionary", r.record(r.bool())],
	["anything", r.any()],
	["an object with one of them", r.obj({ a: r.text() })]
])("finds no end of %s without a limit", (_, rule) => {
	expect(computeMaxJsonBytes(rule)).toBe(Infinity);
});
