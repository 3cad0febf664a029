import FastestValidator, { type CompilationFunction } from "fastest-validator";
import { MAX_FAULTS } from "../errors/errors";
import { INVISIBLE } from "../values/text";

type Compiled = ReturnType<CompilationFunction>;

/** Puts `patch` around the check that the validator generates for rules of the type. */
function patchRule(
	validator: FastestValidator,
	type: string,
	patch: (
		compiled: Compiled,
		rule: Parameters<CompilationFunction>[0],
		makeError: (fault: { type: string; expected?: number; actual?: string }) => string
	) => Compiled
): void {
	const original = (validator.rules as unknown as Record<string, CompilationFunction>)[type];
	if (!original) throw new Error(`This version of fastest-validator has no rule ${type}`);
	validator.add(type, function (this: FastestValidator, rule, path, context) {
		const makeError = (fault: { type: string; expected?: number; actual?: string }) =>
			this.makeError({ ...fault, messages: rule.messages });
		return patch(original.call(this, rule, path, context), rule, makeError);
	});
}

/** Replaces a part of a generated check; throws when this version of the validator generates another one. */
function replaceSource(source: string, from: string, to: string): string {
	if (!source.includes(from))
		throw new Error(`This version of fastest-validator checks in another way: no ${from}`);
	return source.replace(from, to);
}

const CONDENSE = `if (typeof value === "string") value = value.replace(${INVISIBLE.toString()}, "");`;

/**
 * Makes `min` and `max` of texts count code points, as JSON Schema's `minLength` and `maxLength` do; a text over its maximum
 * is not looked at further. A `condensed` text is taken without everything invisible in it, which is what its limits and the
 * action then see.
 */
const limitTexts = (validator: FastestValidator): void =>
	patchRule(validator, "string", ({ sanitized = false, source }, { schema }, makeError) => {
		const { condensed, max } = schema as { readonly condensed?: boolean; readonly max?: number };
		// Half of a surrogate pair is rare enough to be looked for before anything is counted. A text of more than twice as many
		// UTF-16 units as allowed is too long in code points as well.
		const countable = max === undefined ? "true" : `len <= ${2 * max}`;
		const count = `var len = value.length;
			if (${countable} && /[\\ud800-\\udbff]/.test(value)) len = Array.from(value).length;`;
		const tooLong = makeError({
			type: "stringMax",
			actual: "len",
			...(max !== undefined && { expected: max })
		});
		const refuse = max === undefined ? "" : `if (len > ${max}) { ${tooLong} return value; }`;
		const limited = replaceSource(source, "var len = value.length;", count + refuse);
		return condensed ? { sanitized: true, source: CONDENSE + limited } : { sanitized, source: limited };
	});

/** Refuses a list over its maximum before any of its items is judged, and judges none after the last fault that is reported. */
const limitLists = (validator: FastestValidator): void =>
	patchRule(validator, "array", ({ sanitized = false, source }, { schema }, makeError) => {
		const { max, items } = schema as { readonly max?: number; readonly items?: unknown };
		const tooMany = makeError({
			type: "arrayMax",
			actual: "len",
			...(max !== undefined && { expected: max })
		});
		const refuse = max === undefined ? "" : `if (len > ${max}) { ${tooMany} return value; }`;
		const limited = replaceSource(source, "var len = value.length;", `var len = value.length; ${refuse}`);
		return {
			sanitized,
			source: items
				? replaceSource(
						limited,
						"i < arr.length;",
						`i < arr.length && errors.length < ${MAX_FAULTS};`
					)
				: limited
		};
	});

/** Gives dictionaries a maximum of entries, `max`, with the same order of checks as lists. */
const limitEntries = (validator: FastestValidator): void =>
	patchRule(validator, "record", ({ sanitized = false, source }, { schema }, makeError) => {
		const { max = Infinity } = schema as { readonly max?: number };
		const judged = replaceSource(
			source,
			"for (let key in value) {",
			`for (let key in value) { if (errors.length >= ${MAX_FAULTS}) break;`
		);
		if (max === Infinity) return { sanitized, source: judged };
		const tooMany = makeError({ type: "recordMax", expected: max, actual: "entries" });
		const refuse = `
			var entries = 0;
			if (typeof value === "object" && value !== null && !Array.isArray(value))
				for (const key in value) if (++entries > ${max}) break;
			if (entries > ${max}) { ${tooMany} return value; }`;
		return { sanitized, source: refuse + judged };
	});

/** Names at most as many unknown fields of an object as are reported. */
const limitUnknownFields = (validator: FastestValidator): void =>
	patchRule(validator, "object", ({ sanitized = false, source }, { schema }) => {
		if ((schema as { readonly strict?: boolean }).strict !== true) return { sanitized, source };
		const stop = `i < props.length && invalidProps.length < ${MAX_FAULTS};`;
		return { sanitized, source: replaceSource(source, "i < props.length;", stop) };
	});

/** Gives the number of a page a maximum of depth: `maxDepth.items` limits its product with the sibling field `pageSize`. */
const limitDepth = (validator: FastestValidator): void =>
	patchRule(validator, "number", ({ sanitized = false, source }, { schema }, makeError) => {
		const { maxDepth } = schema as {
			readonly maxDepth?: { readonly items: number; readonly pageSize: number };
		};
		if (!maxDepth) return { sanitized, source };
		const { items, pageSize } = maxDepth;
		const tooDeep = makeError({ type: "pageDepth", expected: items, actual: "value" });
		const check = `
			if (typeof value === "number" && value * (Number(parent && parent.pageSize) || ${pageSize}) > ${items}) {
				${tooDeep}
				return value;
			}`;
		return { sanitized, source: check + source };
	});

/** Options of every validator of contract rules: null is a value, and only a nullable rule takes it. */
export const VALIDATOR_OPTIONS = {
	considerNullAsAValue: true,
	messages: {
		recordMax: "The '{field}' field must have at most {expected} entries.",
		pageDepth: "The '{field}' field leads beyond the first {expected} entries; go on by cursor."
	},
	plugins: [limitTexts, limitLists, limitEntries, limitUnknownFields, limitDepth]
};
export const newValidator = (): FastestValidator => new FastestValidator(VALIDATOR_OPTIONS);
