import { addCheck, confirmViolations, pauseAfterCheckMs } from "./confirmed";

it("counts what two checks in a row have found", () => {
	const before = { I1: ["a", "b"], I2: ["c"], I3: [] };
	const now = { I1: ["b", "a", "d"], I2: ["e"], I3: ["a"] };

	const both = confirmViolations(before, now);

	expect(both).toEqual({ I1: ["b", "a"], I2: [], I3: [] });
});

it("counts nothing at the first check", () => {
	expect(confirmViolations({}, { I1: ["a"], I2: [] })).toEqual({ I1: [], I2: [] });
});

it("says nothing new of an invariant that the check has left out", () => {
	const before = { found: { I1: ["a"], I9: ["b", "c"] }, standing: { I1: [], I9: ["b"] } };

	const after = addCheck(before, { I1: ["a"] }, ["orders", "I9", "I10"]);

	expect(after).toEqual({ found: { I1: ["a"], I9: ["b", "c"] }, standing: { I1: ["a"], I9: ["b"] } });
});

it("pauses for nine times as long as the check took, and for the interval besides", () => {
	expect(pauseAfterCheckMs(60_000, 0)).toBe(60_000);
	expect(pauseAfterCheckMs(60_000, 30_000)).toBe(330_000);
});
