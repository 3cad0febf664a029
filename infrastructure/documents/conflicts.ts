import { setTimeout } from "node:timers/promises";
import { Refusal } from "../../schemas/errors/errors";

/** Attempts at one write, about two seconds with the pauses. Of 100 concurrent writers of one document none needs half of them. */
const ATTEMPTS = 30;
const LONGEST_PAUSE_MS = 200;

/** Pause before the next attempt; `conflicts` is the number of attempts that failed. */
export type Backoff = (conflicts: number) => Promise<void>;

/** Exponential backoff with full jitter, which spreads concurrent writers out until their attempts no longer overlap. */
export const jitteredBackoff: Backoff = conflicts =>
	setTimeout(Math.random() * Math.min(2 ** conflicts, LONGEST_PAUSE_MS));

/**
 * Repeats an attempt at an optimistic write while it resolves to null, which means that another write came first. An attempt
 * reads again, decides and writes under a guard, so repeating it is safe. Refuses with SERVICE_UNAVAILABLE after 30 attempts,
 * when nothing has been written and the caller may try again.
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
	const { collection, id } = target;
	throw new Refusal("SERVICE_UNAVAILABLE", `Too many concurrent writes to an entry of ${collection}`, {
		id
	});
}
