import type { AnyRule, Rule } from "./rules";

const AN_INSTANT = "2026-01-31T08:00:00.000Z";
const A_DAY = "2026-01-31";
const AN_ID = "01KGA2V8E0Q4Z6T1M3N5P7R9SB";

/** A value that the rule accepts, for documents. `name` is its field's: the example of an id says of what it is. */
export function toExample(rule: Rule<unknown>, name = "value"): unknown {
	const { type, min = 0, values, items, props, format, pattern, integer }: AnyRule = rule;
	switch (type) {
		case "string":
			if (format === "date-time") return AN_INSTANT;
			if (pattern?.test(A_DAY) && !pattern.test("x")) return A_DAY;
			return /(Id|^id)$/.test(name) ? AN_ID : `a ${name}`;
		case "number":
			return integer ? Math.max(min, 1) : Math.max(min, 0.5);
		case "boolean":
			return true;
		case "enum":
			return values?.[0] ?? null;
		case "array":
			return items ? [toExample(items, name.replace(/s$/, ""))] : [];
		case "object":
			return Object.fromEntries(
				Object.entries(props ?? {}).map(([field, of]) => [field, toExample(of, field)])
			);
		case "record":
			return {};
		default:
			return null;
	}
}
