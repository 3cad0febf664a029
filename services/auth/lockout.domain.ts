import { MAX_CLOCK_SKEW_MS } from "../../schemas/values/clock-skew";

export const MAX_WRONG_PASSWORDS = 5;
/** A running attempt without an outcome after this time is dropped: its process died. */
const ATTEMPT_LEASE_MS = 30_000;

/** Password attempts for one phone, whether or not the phone has an account. */
export type LockoutState = {
	/** Number of wrong passwords. */
	readonly wrong: number;
	/** End of the lockout, epoch ms; 0 without one. */
	readonly until: number;
	/** Running attempts by id, with their start in epoch ms. */
	readonly runningAttempts: Readonly<Record<string, number>>;
};
const NO_ATTEMPTS: LockoutState = { wrong: 0, until: 0, runningAttempts: {} };

/**
 * The state after an attempt asked to start. It may proceed if the result lists it in `runningAttempts`. Wrong and running attempts
 * together never exceed MAX_WRONG_PASSWORDS, so concurrent attempts can't guess more often.
 */
export function beginAttempt(
	before: LockoutState | null,
	attemptId: string,
	now: number,
	lockoutMs: number
): LockoutState {
	// A lockout that ends later than any lockout can was written by a process whose clock was wrong: it is ignored.
	const isLocked = before && before.until > now && before.until <= now + lockoutMs + MAX_CLOCK_SKEW_MS;
	const state = before && (before.until === 0 || isLocked) ? before : NO_ATTEMPTS;
	const runningAttempts = Object.fromEntries(
		Object.entries(state.runningAttempts).filter(([, at]) => Math.abs(now - at) < ATTEMPT_LEASE_MS)
	);
	const isAllowed = state.wrong + Object.keys(runningAttempts).length < MAX_WRONG_PASSWORDS;
	return {
		...state,
		runningAttempts: isAllowed ? { ...runningAttempts, [attemptId]: now } : runningAttempts
	};
}

export type AttemptOutcome = "right" | "wrong" | "unknown";

/**
 * The state after an attempt ended, null for nothing to store. The fifth wrong password locks the phone until
 * `lockedUntil`; a right one resets the count.
 */
export function endAttempt(
	before: LockoutState | null,
	attemptId: string,
	outcome: AttemptOutcome,
	lockedUntil: number
): LockoutState | null {
	const { wrong: wrongBefore, until, runningAttempts: running } = before ?? NO_ATTEMPTS;
	const { [attemptId]: _ended, ...runningAttempts } = running;
	const wrong = outcome === "right" ? 0 : wrongBefore + (outcome === "wrong" ? 1 : 0);
	if (wrong === 0 && Object.keys(runningAttempts).length === 0) return null;
	return {
		wrong,
		until: wrong >= MAX_WRONG_PASSWORDS ? lockedUntil : outcome === "right" ? 0 : until,
		runningAttempts
	};
}
