/**
 * How calls between services are retried. Only actions whose contract says `repeatable` are, by their caller alone: by the
 * broker for calls between services, by the gateway for requests of clients, which end at a deadline.
 */
export const RETRY_POLICY = {
	/** Retries after the first attempt; the gateway has a deadline instead. */
	retries: 3,
	/** Before the first retry; each further delay is `factor` times as long, with the broker at most `maxDelay`. */
	delay: 100,
	maxDelay: 1000,
	factor: 2
} as const;

/**
 * Header with the number of the attempt, for traces. A header goes with one call and no further; meta would be passed on to
 * the calls that the handler makes in turn.
 */
export const ATTEMPT_HEADER = "attempt";

/** Whether an error may be gone at the next attempt: a time-out, a node that left, a full queue. */
export const isRetryable = (err: unknown): boolean =>
	err instanceof Error && "retryable" in err && err.retryable === true;
