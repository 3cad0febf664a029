import fc from "fast-check";
import { toJsonSchema } from "./json-schema";
import * as r from "./rules";
import { newValidator } from "./validator";

const validator = newValidator();
const faultsOf = (rule: r.Rule<unknown>, value: unknown) => {
	const verdict = validator.compile({ $$root: true, ...rule })(value);
	return verdict === true ? [] : (verdict as { type: string }[]).map(({ type }) => type);
};

it.each(["😀", "𠮷", "中", "x"])("counts %s as one character", character => {
	expect(faultsOf(r.str({ min: 3, max: 3 }), character.repeat(3))).toEqual([]);
	expect(faultsOf(r.str({ max: 3 }), character.repeat(4))).toEqual(["stringMax"]);
	expect(faultsOf(r.str({ min: 3 }), character.repeat(2))).toEqual(["stringMin"]);
});

it("takes a text by its length where JSON Schema does", () => {
	const rule = r.text({ min: 2, max: 5 });
	const { minLength, maxLength } = toJsonSchema(rule) as { minLength: number; maxLength: number };
	const characters = fc.constantFrom("a", "中", "😀", "é", "e\u0301", "👨‍👩‍👧", "\u200c", "क्ष");
	fc.assert(
		fc.property(fc.array(characters, { maxLength: 7 }), parts => {
			const value = parts.join("");
			const { length } = Array.from(value);

			expect(faultsOf(rule, value)).toEqual([
				...(length < minLength ? ["stringMin"] : []),
				...(length > maxLength ? ["stringMax"] : [])
			]);
		})
	);
});
