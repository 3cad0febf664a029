import { setTimeout } from "node:timers/promises";
import { Refusal } from "../../schemas/errors";

/** Attempts at one optimistic write: about two seconds with their pauses. Of 100 concurrent writers none needs more than half. */
const ATTEMPTS = 30;
const LONGEST_PAUSE_MS = 200;

/** Waits before the next attempt; `conflicts` counts the attempts that failed. */
export type Backoff = (conflicts: number) => Promise<void>;

/** Exponential backoff with full jitter: the pauses of concurrent writers spread out, so that they stop colliding. */
export const jitteredBackoff: Backoff = conflicts =>
	setTimeout(Math.random() * Math.min(2 ** conflicts, LONGEST_PAUSE_MS));

/**
 * Repeats an attempt at an optimistic write while it resolves to null, which means that another write came first. An attempt
 * reads anew, decides and writes under a guard, so a repetition is safe. After 30 attempts refuses with SERVICE_UNAVAILABLE: nothing was written, and the caller may try again.
 */
export async function retryConflicts<R>(
	target: { readonly collection: string; readonly id: string },
	attempt: () => Promise<R | null>,
	backoff: Backoff = jitteredBackoff
): Promise<R> {
	for (let conflicts = 0; conflicts < ATTEMPTS; conflicts++) {
		if (conflicts > 0) await backoff(conflicts);
		const result = await attempt();
		if (result !== null) return result;
	}
	throw new Refusal(
		"SERVICE_UNAVAILABLE",
		`Too many concurrent writes to an entry of ${target.collection}`,
		{
			id: target.id
		}
	);
}
