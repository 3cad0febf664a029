import { inspect } from "node:util";
import type { Logger } from "../log";
import type { Consumer, StoredFact } from "./transport";
import { logError } from "../log-codes";

/** Delays before the second, third, … attempt to handle a fact; the attempt after the last delay is the final one. */
export const BACKOFF_MS: readonly number[] = [200, 1000, 5000, 15_000, 60_000];

/** The outcome of a failed attempt: retry after `wait` ms, or give the fact up because of `error`. */
export type FailureVerdict = { readonly wait: number } | { readonly error: string };

const MAX_ERROR_LENGTH = 2000;
const toErrorText = (err: unknown) =>
	(err instanceof Error ? err.message : inspect(err)).slice(0, MAX_ERROR_LENGTH);

/** Decides by the number of the failed attempt, and logs the error. */
export function judgeFailure(
	logger: Logger,
	backoffMs: readonly number[],
	{ group, event }: Consumer,
	{ fact, attempt }: { readonly fact: StoredFact; readonly attempt: number },
	err: unknown
): FailureVerdict {
	const details = { group, event, factId: fact.id, attempt, err };
	const wait = backoffMs[attempt - 1];
	if (wait === undefined) {
		logError(logger, "FACT_GIVEN_UP", details);
		return { error: toErrorText(err) };
	}
	logger.warn(details, `A fact could not be handled, again in ${wait} ms`);
	return { wait };
}

/**
 * The error of a fact whose last attempt ended with its process. Such a fact is given up too: retried for ever, it could
 * kill one process after another.
 */
export const processEndedError = (attempts: number) => `No answer to attempt ${attempts}: its process ended`;
