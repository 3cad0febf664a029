import { configKeys } from "../config-keys";
import { FAULTS, formatFieldMessage, MESSAGES, type Lang } from "./messages";
import { contracts } from "../registry";
import { newValidator } from "../kit/validator";

/** Every type of error that the validator's checks of these rules can answer with. */
function errorTypesOf(rules: readonly object[]): Set<string> {
	const validator = newValidator();
	const types = new Set<string>();
	const makeError = validator.makeError.bind(validator);
	jest.spyOn(validator, "makeError").mockImplementation(error => {
		types.add(String(error.type));
		return makeError(error);
	});
	for (const rule of rules) validator.compile({ ...rule });
	return types;
}
const wordsOf = (type: string, lang: Lang) => formatFieldMessage(type, ["x"], lang, "no words");
const ofContracts = errorTypesOf([
	...Object.values(contracts).flatMap(({ actions }) => Object.values(actions).map(({ params }) => params)),
	...Object.values(configKeys).map(({ rule }) => ({ value: rule }))
]);
/** The gateway makes `unknown` of it, for each of the fields. */
ofContracts.delete("objectStrict");

it("has the words of both languages for whatever a rule of a contract can find wrong", () => {
	const without = [...ofContracts].filter(
		type => wordsOf(type, "zh") === "no words" || wordsOf(type, "en") === "no words"
	);

	expect(ofContracts.size).toBeGreaterThan(15);
	expect(without).toEqual([]);
});

it.each([...ofContracts, "unknown", "null", "enum", ...Object.keys(FAULTS)])(
	"says %s in Chinese where Chinese is asked for, and in English where English is",
	type => {
		expect(wordsOf(type, "zh")).toMatch(/\p{Script=Han}/u);
		expect(wordsOf(type, "en")).not.toMatch(/\p{Script=Han}/u);
	}
);

it.each(Object.entries(MESSAGES))("says %s in both languages", (_, { zh, en }) => {
	expect(zh).toMatch(/\p{Script=Han}/u);
	expect(en).not.toMatch(/\p{Script=Han}/u);
});
