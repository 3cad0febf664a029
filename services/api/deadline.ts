import { setTimeout as pause } from "node:timers/promises";
import type { CallingOptions } from "moleculer";
import { isRefusal, Refusal } from "../../schemas/errors/errors";
import { ATTEMPT_HEADER, isRetryable, RETRY_POLICY } from "../../schemas/values/retries";

/** Rejects with REQUEST_TIMEOUT at the deadline (epoch ms). The work itself goes on, so its outcome is unknown. */
export function withDeadline<R>(deadline: number, work: Promise<R>): Promise<R> {
	const { promise, reject } = Promise.withResolvers<never>();
	const expire = () => reject(new Refusal("REQUEST_TIMEOUT", "No answer in time"));
	const timer = setTimeout(expire, deadline - Date.now());
	return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

type RetryLimits = {
	/** Epoch ms; the last attempt ends by then. */
	readonly deadline: number;
	/** Longest time of one attempt. */
	readonly attemptMs: number;
	/** False for a call that must not run twice: it gets one attempt. */
	readonly repeatable: boolean;
};

/** Calls by `call` with a time-out, again after retryable errors as long as another attempt can end by the deadline. */
export async function retryUntil<R>(
	{ deadline, attemptMs, repeatable }: RetryLimits,
	call: (options: CallingOptions) => Promise<R>
): Promise<R> {
	for (let attempt = 1; ; attempt++)
		try {
			const timeout = Math.max(Math.min(deadline - Date.now(), attemptMs), 1);
			return await call({ timeout, retries: 0, headers: { [ATTEMPT_HEADER]: attempt } });
		} catch (err) {
			const pauseMs = RETRY_POLICY.delay * RETRY_POLICY.factor ** (attempt - 1);
			if (!repeatable || !isWorthRetrying(err) || Date.now() + 2 * pauseMs > deadline) throw err;
			await pause(pauseMs);
		}
}

/** IDEMPOTENCY_IN_PROGRESS goes to the client at once: the request that it waits for may take long. */
const isWorthRetrying = (err: unknown): boolean =>
	isRetryable(err) && !isRefusal(err, "IDEMPOTENCY_IN_PROGRESS");
