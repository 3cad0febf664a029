import fc from "fast-check";
import { findExceededLimit } from "./scan-json";

const scan = (text: string, values: number, depth: number) =>
	findExceededLimit(Buffer.from(text), { values, depth });

/** The values of a JSON value with itself, and its depth of lists and objects. */
function measure(value: unknown): { values: number; depth: number } {
	if (typeof value !== "object" || value === null) return { values: 1, depth: 0 };
	const inner = Object.values(value).map(measure);
	return {
		values: inner.reduce((sum, { values }) => sum + values, 1),
		depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth))
	};
}

it("admits any JSON within its limits, and none that is deeper or has more values", () => {
	fc.assert(
		fc.property(fc.jsonValue(), fc.boolean(), (value, pretty) => {
			const { values, depth } = measure(value);
			const text = JSON.stringify(value, null, pretty ? 2 : 0);
			// Empty lists and objects count twice at most.
			expect(scan(text, 2 * values, depth)).toBeNull();
			if (depth > 0) expect(scan(text, 2 * values, depth - 1)).toBe("depth");
			if (values > 1) expect(scan(text, values - 1, depth)).toBe("values");
		})
	);
});

it.each([
	['"[[[[,,,,"', null],
	['"\\"[[[[,,,,"', null],
	['"\\\\",[[[', "depth"],
	['"\\\\\\",[[["', null],
	['"[[[[,,,,', null]
])("looks at nothing within a text: %s", (text, expected) => {
	expect(scan(text, 5, 2)).toBe(expected);
});
