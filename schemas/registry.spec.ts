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
