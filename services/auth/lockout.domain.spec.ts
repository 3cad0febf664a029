import fc from "fast-check";
import {
	beginAttempt as begunWithin,
	endAttempt,
	MAX_WRONG_PASSWORDS,
	type AttemptOutcome,
	type LockoutState
} from "./lockout.domain";

const NOW = 1_800_000_000_000;
const LOCKOUT = 900_000;
const UNTIL = NOW + LOCKOUT;
const begun = (before: LockoutState | null, attempt: string, now: number) =>
	begunWithin(before, attempt, now, LOCKOUT);
const hasLeave = (tries: LockoutState | null, attempt: string) => tries !== null && attempt in tries.flights;

function wrongTries(n: number): LockoutState | null {
	let tries: LockoutState | null = null;
	for (let i = 0; i < n; i++) tries = endAttempt(begun(tries, String(i), NOW), String(i), "wrong", UNTIL);
	return tries;
}

it("locks at the fifth wrong try, not before", () => {
	expect(wrongTries(MAX_WRONG_PASSWORDS - 1)).toMatchObject({ wrong: 4, until: 0 });
	expect(wrongTries(MAX_WRONG_PASSWORDS)).toMatchObject({ wrong: 5, until: UNTIL });
});

it("gives no leave while it is locked, and starts anew afterwards", () => {
	const locked = wrongTries(MAX_WRONG_PASSWORDS);

	const during = begun(locked, "x", UNTIL - 1);
	const after = begun(locked, "x", UNTIL);

	expect(hasLeave(during, "x")).toBe(false);
	expect(during.until).toBe(UNTIL);
	expect(after).toEqual({ wrong: 0, until: 0, flights: { x: UNTIL } });
});

it("forgets wrong tries after a right one, and itself when nothing is left", () => {
	const tries = begun(wrongTries(4), "x", NOW);

	expect(endAttempt(tries, "x", "right", UNTIL)).toBeNull();
});

it("does not count a try whose outcome nobody knows", () => {
	const tries = begun(wrongTries(2), "x", NOW);

	expect(endAttempt(tries, "x", "unknown", UNTIL)).toEqual({ wrong: 2, until: 0, flights: {} });
});

it("gives the place of a try that died back after half a minute", () => {
	let tries: LockoutState | null = null;
	for (const id of ["a", "b", "c", "d", "e"]) tries = begun(tries, id, NOW);

	expect(hasLeave(begun(tries, "f", NOW + 29_999), "f")).toBe(false);
	expect(hasLeave(begun(tries, "f", NOW + 30_000), "f")).toBe(true);
});

it("locks nobody out for what a clock said that was an hour ahead", () => {
	const HOUR = 3_600_000;
	let begunAhead: LockoutState | null = null;
	for (const id of ["a", "b", "c", "d", "e"]) begunAhead = begun(begunAhead, id, NOW + HOUR);
	const lockedAhead = endAttempt(wrongTries(4), "x", "wrong", UNTIL + HOUR);

	expect(hasLeave(begun(begunAhead, "x", NOW), "x")).toBe(true);
	expect(hasLeave(begun(lockedAhead, "x", NOW), "x")).toBe(true);
});

it("never lets more than five wrong passwords through without a right one, in whatever order tries begin and end", () => {
	const steps = fc.array(
		fc.record({
			begin: fc.boolean(),
			which: fc.nat(9),
			outcome: fc.constantFrom<AttemptOutcome>("wrong", "unknown")
		}),
		{ maxLength: 60 }
	);
	fc.assert(
		fc.property(steps, all => {
			let tries: LockoutState | null = null;
			let wrong = 0;
			const flying: string[] = [];
			all.forEach(({ begin, which, outcome }, i) => {
				if (begin) {
					tries = begun(tries, `t${i}`, NOW);
					if (hasLeave(tries, `t${i}`)) flying.push(`t${i}`);
				} else if (flying.length) {
					const [id = ""] = flying.splice(which % flying.length, 1);
					if (outcome === "wrong") wrong++;
					tries = endAttempt(tries, id, outcome, UNTIL);
				}
			});

			expect(wrong + flying.length).toBeLessThanOrEqual(MAX_WRONG_PASSWORDS);
		})
	);
});
