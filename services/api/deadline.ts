import { setTimeout as pause } from "node:timers/promises";
import type { CallingOptions } from "moleculer";
import { Refusal, isRefusal } from "../../schemas/errors";
import { ATTEMPT_HEADER, isRetryable, RETRY_POLICY } from "../../schemas/retries";

/** Who gets no answer by then is told that the outcome is unknown; what was begun goes on to its own end. */
export function withDeadline<R>(deadline: number, work: Promise<R>): Promise<R> {
	const { promise, reject } = Promise.withResolvers<never>();
	const tooLate = () => reject(new Refusal("REQUEST_TIMEOUT", "No answer in time"));
	const timer = setTimeout(tooLate, deadline - Date.now());
	return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

type RetryLimits = { readonly deadline: number; readonly tryMs: number; readonly repeatable: boolean };

/** Tries again, where that is allowed, what failed early: by the deadline there is an answer, however often that was. */
export async function retryUntil<R>(
	{ deadline, tryMs, repeatable }: RetryLimits,
	work: (options: CallingOptions) => Promise<R>
): Promise<R> {
	for (let tries = 1; ; tries++)
		try {
			const timeout = Math.max(Math.min(deadline - Date.now(), tryMs), 1);
			return await work({ timeout, retries: 0, headers: { [ATTEMPT_HEADER]: tries } });
		} catch (err) {
			const pauseMs = RETRY_POLICY.delay * RETRY_POLICY.factor ** (tries - 1);
			if (!repeatable || !isWorthRetrying(err) || Date.now() + 2 * pauseMs > deadline) throw err;
			await pause(pauseMs);
		}
}

/** Whether it may be another time soon: a node that left, a queue that was full. Not an order that is still being placed. */
const isWorthRetrying = (err: unknown): boolean =>
	isRetryable(err) && !isRefusal(err, "IDEMPOTENCY_IN_PROGRESS");
