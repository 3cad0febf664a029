import { decodeTime } from "ulid";
import { MAX_CLOCK_SKEW_MS } from "../../schemas/values/clock-skew";

/** For so long every fact can be read in the log. */
export const LOG_KEPT_MS = 7 * 24 * 3_600_000;

/** When the fact of this id happened, in epoch ms; null for what is no id of a fact. */
export function readFactTime(factId: string): number | null {
	try {
		return decodeTime(factId);
	} catch {
		return null;
	}
}

/** Whether a fact of this id, and all after it, can still be in the log. */
export function isKeptInLog(factId: string, now: number): boolean {
	const at = readFactTime(factId);
	return at !== null && at > now - LOG_KEPT_MS && at < now + MAX_CLOCK_SKEW_MS;
}
