import { inspect } from "node:util";
import type { Consumer, StoredFact } from "./transport";
import type { Logger } from "../log";

/** How long to wait after the first, second, … failed attempt; the one after the last of them is the final one. */
export const BACKOFF_MS: readonly number[] = [200, 1000, 5000, 15_000, 60_000];

/** What a failed attempt means: again after `wait` ms, or never again because of `error`. */
export type FailureVerdict = { readonly wait: number } | { readonly error: string };

const MAX_ERROR_LENGTH = 2000;
const textOf = (err: unknown) =>
	(err instanceof Error ? err.message : inspect(err)).slice(0, MAX_ERROR_LENGTH);

export function judgeFailure(
	logger: Logger,
	backoffMs: readonly number[],
	{ group, event }: Consumer,
	{ fact, attempt }: { readonly fact: StoredFact; readonly attempt: number },
	err: unknown
): FailureVerdict {
	const where = { group, event, factId: fact.id, attempt, err };
	const wait = backoffMs[attempt - 1];
	if (wait === undefined) {
		logger.error(where, "A fact could not be handled and is a dead letter now");
		return { error: textOf(err) };
	}
	logger.warn(where, `A fact could not be handled, again in ${wait} ms`);
	return { wait };
}

/** Why a fact is given up whose last attempt ended without a word: trying for ever would let it kill process after process. */
export const processEndedError = (attempts: number) => `No answer to attempt ${attempts}: its process ended`;
