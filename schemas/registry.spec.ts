import type { AnyRule, Rule } from "./kit/rules";
import { contracts } from "./registry";
import { newValidator } from "./kit/validator";

const validator = newValidator();
const actions = Object.values(contracts).flatMap(({ name, actions: own }) =>
	Object.entries(own).map(([key, { params, answer }]) => [`${name}.${key}`, params, answer] as const)
);

// The shop compiles a rule at the first call of its action, so that no start would find an unsound one.
it("has a sound rule for the parameters and for the answer of every action", () => {
	const unsound = actions.filter(([, params, answer]) => {
		try {
			validator.compile(structuredClone(params));
			if (answer) validator.compile({ $$root: true, ...answer });
			return false;
		} catch {
			return true;
		}
	});

	expect(actions.length).toBeGreaterThan(100);
	expect(unsound.map(([name]) => name)).toEqual([]);
});

/** Paths of the lists, dictionaries and texts in a rule that have no maximum. */
function findUnlimited(rule: Rule<unknown> | boolean, path: string): string[] {
	if (typeof rule !== "object") return [];
	const { type, max, items, props, value }: AnyRule = rule;
	const isLimited = max !== undefined || !["array", "record", "string"].includes(type);
	return [
		...(isLimited ? [] : [path]),
		...(items ? findUnlimited(items, `${path}[]`) : []),
		...(value ? findUnlimited(value, `${path}.*`) : []),
		...Object.entries(props ?? {}).flatMap(([name, inner]) => findUnlimited(inner, `${path}.${name}`))
	];
}

it("has a maximum for every list, dictionary and text that a client can send", () => {
	const unlimited = Object.values(contracts).flatMap(({ name, actions: own }) =>
		Object.entries(own).flatMap(([key, { params, http }]) =>
			http && !http.raw && http.upload === undefined
				? findUnlimited(
						{ type: "object", props: params as Record<string, Rule<unknown>> },
						`${name}.${key}`
					)
				: []
		)
	);

	expect(unlimited).toEqual([]);
});
