import fc from "fast-check";
import {
	beginAttempt,
	endAttempt,
	MAX_WRONG_PASSWORDS,
	type AttemptOutcome,
	type LockoutState
} from "./lockout.domain";

const NOW = 1_800_000_000_000;
const LOCKOUT = 900_000;
const UNTIL = NOW + LOCKOUT;
const begin = (before: LockoutState | null, attemptId: string, now: number) =>
	beginAttempt(before, attemptId, now, LOCKOUT);
const mayProceed = (state: LockoutState | null, attemptId: string) =>
	state !== null && attemptId in state.runningAttempts;

function wrongAttempts(n: number): LockoutState | null {
	let state: LockoutState | null = null;
	for (let i = 0; i < n; i++) state = endAttempt(begin(state, String(i), NOW), String(i), "wrong", UNTIL);
	return state;
}

it("locks at the fifth wrong attempt, not before", () => {
	expect(wrongAttempts(MAX_WRONG_PASSWORDS - 1)).toMatchObject({ wrong: 4, until: 0 });
	expect(wrongAttempts(MAX_WRONG_PASSWORDS)).toMatchObject({ wrong: 5, until: UNTIL });
});

it("allows no attempt while it is locked, and starts anew afterwards", () => {
	const locked = wrongAttempts(MAX_WRONG_PASSWORDS);

	const during = begin(locked, "x", UNTIL - 1);
	const after = begin(locked, "x", UNTIL);

	expect(mayProceed(during, "x")).toBe(false);
	expect(during.until).toBe(UNTIL);
	expect(after).toEqual({ wrong: 0, until: 0, runningAttempts: { x: UNTIL } });
});

it("forgets wrong attempts after a right one, and stores nothing when nothing is left", () => {
	const state = begin(wrongAttempts(4), "x", NOW);

	expect(endAttempt(state, "x", "right", UNTIL)).toBeNull();
});

it("does not count an attempt with an unknown outcome", () => {
	const state = begin(wrongAttempts(2), "x", NOW);

	expect(endAttempt(state, "x", "unknown", UNTIL)).toEqual({ wrong: 2, until: 0, runningAttempts: {} });
});

it("drops a running attempt whose process died after half a minute", () => {
	let state: LockoutState | null = null;
	for (const id of ["a", "b", "c", "d", "e"]) state = begin(state, id, NOW);

	expect(mayProceed(begin(state, "f", NOW + 29_999), "f")).toBe(false);
	expect(mayProceed(begin(state, "f", NOW + 30_000), "f")).toBe(true);
});

it("ignores times of a clock that was an hour ahead", () => {
	const HOUR = 3_600_000;
	let runningAhead: LockoutState | null = null;
	for (const id of ["a", "b", "c", "d", "e"]) runningAhead = begin(runningAhead, id, NOW + HOUR);
	const lockedAhead = endAttempt(wrongAttempts(4), "x", "wrong", UNTIL + HOUR);

	expect(mayProceed(begin(runningAhead, "x", NOW), "x")).toBe(true);
	expect(mayProceed(begin(lockedAhead, "x", NOW), "x")).toBe(true);
});

it("never lets more than five wrong passwords through without a right one, in whatever order attempts begin and end", () => {
	const steps = fc.array(
		fc.record({
			begins: fc.boolean(),
			which: fc.nat(9),
			outcome: fc.constantFrom<AttemptOutcome>("wrong", "unknown")
		}),
		{ maxLength: 60 }
	);
	fc.assert(
		fc.property(steps, all => {
			let state: LockoutState | null = null;
			let wrong = 0;
			const running: string[] = [];
			all.forEach(({ begins, which, outcome }, i) => {
				if (begins) {
					state = begin(state, `t${i}`, NOW);
					if (mayProceed(state, `t${i}`)) running.push(`t${i}`);
				} else if (running.length) {
					const [id = ""] = running.splice(which % running.length, 1);
					if (outcome === "wrong") wrong++;
					state = endAttempt(state, id, outcome, UNTIL);
				}
			});

			expect(wrong + running.length).toBeLessThanOrEqual(MAX_WRONG_PASSWORDS);
		})
	);
});
