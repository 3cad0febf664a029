import FastestValidator, { type CompilationFunction } from "fastest-validator";
import { INVISIBLE } from "../values/text";

const LENGTH = "var len = value.length;";
/** Half of a surrogate pair is rare enough to be looked for before anything is counted. */
const CODE_POINTS = "var len = /[\\ud800-\\udbff]/.test(value) ? Array.from(value).length : value.length;";
const CONDENSE = `if (typeof value === "string") value = value.replace(${INVISIBLE.toString()}, "");`;

/**
 * Makes `min` and `max` of texts count code points, as JSON Schema's `minLength` and `maxLength` do. A `condensed` text is
 * taken without everything invisible in it, which is what its limits and the action then see.
 */
function countCodePoints(validator: FastestValidator): void {
	const { string } = validator.rules as unknown as Record<"string", CompilationFunction>;
	validator.add("string", function (this: FastestValidator, rule, path, context) {
		const { condensed } = rule.schema as { readonly condensed?: boolean };
		const { sanitized = false, source } = string.call(this, rule, path, context);
		if (!source.includes(LENGTH))
			throw new Error("This version of fastest-validator measures a text in another way");
		const measured = source.replace(LENGTH, CODE_POINTS);
		return condensed ? { sanitized: true, source: CONDENSE + measured } : { sanitized, source: measured };
	});
}

/** Gives dictionaries a limit of entries, `max`. */
function limitEntries(validator: FastestValidator): void {
	const { record } = validator.rules as unknown as Record<"record", CompilationFunction>;
	validator.add("record", function (this: FastestValidator, rule, path, context) {
		const { max } = rule.schema as { readonly max?: number };
		const { sanitized = false, source } = record.call(this, rule, path, context);
		if (max === undefined) return { sanitized, source };
		const { messages } = rule;
		const fault = this.makeError({ type: "recordMax", expected: max, actual: "entries", messages });
		const check = `
			var entries = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value).length : 0;
			if (entries > ${max}) { ${fault} return value; }`;
		return { sanitized, source: check + source };
	});
}

/** Options of every validator of contract rules: null is a value, and only a nullable rule takes it. */
export const VALIDATOR_OPTIONS = {
	considerNullAsAValue: true,
	messages: { recordMax: "The '{field}' field must have at most {expected} entries." },
	plugins: [countCodePoints, limitEntries]
};
export const newValidator = (): FastestValidator => new FastestValidator(VALIDATOR_OPTIONS);
