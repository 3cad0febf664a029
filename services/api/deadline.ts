import { setTimeout as pause } from "node:timers/promises";
import type { CallingOptions } from "moleculer";
import { Refusal, refusedAs } from "../../schemas/errors";
import { ATTEMPT_HEADER, isRetryable, RETRY_POLICY } from "../../schemas/retries";

/** Who gets no answer by then is told that the outcome is unknown; what was begun goes on to its own end. */
export function by<R>(deadline: number, work: Promise<R>): Promise<R> {
	const { promise, reject } = Promise.withResolvers<never>();
	const tooLate = () => reject(new Refusal("REQUEST_TIMEOUT", "No answer in time"));
	const timer = setTimeout(tooLate, deadline - Date.now());
	return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

type Tries = { readonly deadline: number; readonly tryMs: number; readonly repeatable: boolean };

/** Tries again, where that is allowed, what failed early: by the deadline there is an answer, however often that was. */
export async function inTime<R>(
	{ deadline, tryMs, repeatable }: Tries,
	work: (options: CallingOptions) => Promise<R>
): Promise<R> {
	for (let tries = 1; ; tries++)
		try {
			const timeout = Math.max(Math.min(deadline - Date.now(), tryMs), 1);
			return await work({ timeout, retries: 0, headers: { [ATTEMPT_HEADER]: tries } });
		} catch (err) {
			const pauseMs = RETRY_POLICY.delay * RETRY_POLICY.factor ** (tries - 1);
			if (!repeatable || !mayPass(err) || Date.now() + 2 * pauseMs > deadline) throw err;
			await pause(pauseMs);
		}
}

/** Whether it may be another time soon: a node that left, a queue that was full. Not an order that is still being placed. */
const mayPass = (err: unknown): boolean => isRetryable(err) && !refusedAs(err, "IDEMPOTENCY_IN_PROGRESS");
