import { pauseAfterCheckMs, confirmViolations } from "./confirmed";

it("counts what two checks in a row have found", () => {
	const before = { I1: ["a", "b"], I2: ["c"], I3: [] };
	const now = { I1: ["b", "a", "d"], I2: ["e"], I3: ["a"] };

	const both = confirmViolations(before, now);

	expect(both).toEqual({ I1: ["b", "a"], I2: [], I3: [] });
});

it("counts nothing at the first check", () => {
	expect(confirmViolations({}, { I1: ["a"], I2: [] })).toEqual({ I1: [], I2: [] });
});

it("pauses for nine times as long as the check took, and for the interval besides", () => {
	expect(pauseAfterCheckMs(60_000, 0)).toBe(60_000);
	expect(pauseAfterCheckMs(60_000, 30_000)).toBe(330_000);
});
