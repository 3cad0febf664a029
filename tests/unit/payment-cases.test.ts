import { CASES } from "../support/payments/cases";
import { findTestedCases } from "../support/payments/test-titles";

it("has tests for each case of money going wrong, and names no other", () => {
	const shown = [...findTestedCases()].toSorted((a, b) => a - b);

	expect(shown).toEqual([...CASES.keys()]);
});
