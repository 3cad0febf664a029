import { Refusal } from "../errors/errors";
import { MAX_CLOCK_SKEW_MS } from "./clock-skew";

/** How long a proof of identity (a log-in or a step-up) opens what asks for one. */
export const STEP_UP_MS = 5 * 60_000;

/** Whether the session's proof is still fresh. One that lasts longer than any can was written by a wrong clock. */
export function isSteppedUp(caller: { readonly stepUpUntil?: string | undefined }, now: Date): boolean {
	const remainingMs = new Date(caller.stepUpUntil ?? 0).getTime() - now.getTime();
	return remainingMs > 0 && remainingMs <= STEP_UP_MS + MAX_CLOCK_SKEW_MS;
}

/** Refuses with STEP_UP_REQUIRED a caller without a fresh proof. */
export function assertSteppedUp(
	caller: { readonly stepUpUntil?: string | undefined } | null | undefined,
	now: Date
): void {
	if (!isSteppedUp(caller ?? {}, now))
		throw new Refusal("STEP_UP_REQUIRED", "A recent proof of identity is needed");
}
