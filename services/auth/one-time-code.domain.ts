import { MAX_CLOCK_SKEW_MS } from "../../schemas/values/clock-skew";
import { DAY_MS } from "../../schemas/values/durations";

export const CODE_SECONDS = 300;
export const MAX_WRONG_CODES = 5;
export const SMS_INTERVAL_SECONDS = 60;
export const MAX_SMS_PER_DAY = 10;

/** A one-time code that was sent. Only its MAC is stored. */
export type OneTimeCode = {
	readonly mac: string;
	/** Epoch ms. */
	readonly expiresAt: number;
	/** Number of wrong attempts. */
	readonly wrong: number;
	/** Id of the attempt that used the code; null while it is unused. */
	readonly usedBy: string | null;
};

export const newCode = (mac: string, now: number): OneTimeCode => ({
	mac,
	expiresAt: now + CODE_SECONDS * 1000,
	wrong: 0,
	usedBy: null
});

/**
 * The code after an attempt whose digits have these MACs, one under each secret: used by the attempt, or with one wrong attempt more, or unchanged if it was used or
 * had too many wrong attempts. Null for a code that expired, or that a wrong clock made too long-lived.
 */
export function applyAttempt(
	code: OneTimeCode | null,
	macs: readonly string[],
	attemptId: string,
	now: number
): OneTimeCode | null {
	const latestExpiry = now + CODE_SECONDS * 1000 + MAX_CLOCK_SKEW_MS;
	if (!code || code.expiresAt <= now || code.expiresAt > latestExpiry) return null;
	if (code.usedBy !== null || code.wrong >= MAX_WRONG_CODES) return code;
	// A plain comparison: both are MACs under a secret key, so its duration tells a caller nothing.
	return macs.includes(code.mac) ? { ...code, usedBy: attemptId } : { ...code, wrong: code.wrong + 1 };
}

/**
 * The code after the attempt that used it came to nothing for want of a second factor: unused again. A wrong second factor
 * counts as a wrong attempt, so a code admits no more guesses than before.
 */
export const releaseCode = (
	code: OneTimeCode | null,
	attemptId: string,
	outcome: "missing" | "wrong"
): OneTimeCode | null =>
	code?.usedBy === attemptId
		? { ...code, usedBy: null, wrong: code.wrong + (outcome === "wrong" ? 1 : 0) }
		: code;

/** Messages to one phone in the last 24 hours. */
export type SmsQuota = {
	/** Their times, epoch ms, oldest first. */
	readonly at: readonly number[];
	/** Id of the request that was allowed the last one. */
	readonly last: string;
};

/** The quota after a request for a message. The request may send one if the result has it as `last`. */
export function applySmsQuota(quota: SmsQuota | null, requestId: string, now: number): SmsQuota {
	const at = recentTimes(quota, now);
	const isTooEarly = remainingWaitMs(at, now) > 0;
	return isTooEarly && quota ? { ...quota, at } : { at: [...at, now], last: requestId };
}

/** Seconds until the next message may go to the phone. */
export const computeSecondsUntilNextSms = (quota: SmsQuota, now: number): number =>
	Math.ceil(remainingWaitMs(recentTimes(quota, now), now) / 1000);

const recentTimes = (quota: SmsQuota | null, now: number) =>
	(quota?.at ?? []).filter(at => at > now - DAY_MS && at <= now + MAX_CLOCK_SKEW_MS);

function remainingWaitMs(at: readonly number[], now: number): number {
	const untilInterval = (at.at(-1) ?? -Infinity) + SMS_INTERVAL_SECONDS * 1000 - now;
	const untilDailyQuota = (at.at(-MAX_SMS_PER_DAY) ?? -Infinity) + DAY_MS - now;
	return Math.max(0, untilInterval, untilDailyQuota);
}
