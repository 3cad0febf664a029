import { MAX_CLOCK_SKEW_MS } from "../../schemas/clock-skew";

export const MAX_WRONG_PASSWORDS = 5;
/** After this a try that never told its outcome is forgotten: its process died. */
const ATTEMPT_LEASE_MS = 30_000;

/** Tries of passwords for one phone, whether or not it has an account. */
export type LockoutState = {
	readonly wrong: number;
	/** Locked out until then (ms); 0 when it is not. */
	readonly until: number;
	/** Tries under way, and since when. */
	readonly flights: Readonly<Record<string, number>>;
};
const NONE: LockoutState = { wrong: 0, until: 0, flights: {} };

/** What stands after a try asked for leave. It has it when it is among the flights: together with the wrong ones never over the limit. */
export function beginAttempt(
	before: LockoutState | null,
	attempt: string,
	now: number,
	lockoutMs: number
): LockoutState {
	// One that would last longer than any was begun by a clock that was wrong.
	const locked = before && before.until > now && before.until <= now + lockoutMs + MAX_CLOCK_SKEW_MS;
	const tries = before && (before.until === 0 || locked) ? before : NONE;
	const flights = Object.fromEntries(
		Object.entries(tries.flights).filter(([, at]) => Math.abs(now - at) < ATTEMPT_LEASE_MS)
	);
	const room = tries.wrong + Object.keys(flights).length < MAX_WRONG_PASSWORDS;
	return { ...tries, flights: room ? { ...flights, [attempt]: now } : flights };
}

export type AttemptOutcome = "right" | "wrong" | "unknown";

/** What stands after a try ended: the fifth wrong one locks, a right one forgets the wrong ones. */
export function endAttempt(
	before: LockoutState | null,
	attempt: string,
	outcome: AttemptOutcome,
	until: number
): LockoutState | null {
	const { wrong, until: locked, flights } = before ?? NONE;
	const { [attempt]: _done, ...others } = flights;
	const count = outcome === "right" ? 0 : wrong + (outcome === "wrong" ? 1 : 0);
	if (count === 0 && Object.keys(others).length === 0) return null;
	return {
		wrong: count,
		until: count >= MAX_WRONG_PASSWORDS ? until : outcome === "right" ? 0 : locked,
		flights: others
	};
}
