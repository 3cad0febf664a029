import { CASES } from "./cases";
import { casesWithTests } from "./titles";

it("has tests for each case of money going wrong, and names no other", () => {
	const shown = [...casesWithTests()].toSorted((a, b) => a - b);

	expect(shown).toEqual([...CASES.keys()]);
});
