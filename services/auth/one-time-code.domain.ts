import { DAY_MS } from "../../schemas/durations";
import { MAX_CLOCK_SKEW_MS } from "../../schemas/clock-skew";

export const CODE_SECONDS = 300;
export const MAX_WRONG_CODES = 5;
export const SMS_INTERVAL_SECONDS = 60;
export const MAX_SMS_PER_DAY = 10;

/** A one-time code that was sent; the code itself is nowhere. */
export type OneTimeCode = {
	readonly mac: string;
	readonly expiresAt: number;
	readonly wrong: number;
	/** The attempt that had it right; no other one has. */
	readonly usedBy: string | null;
};

export const newCode = (mac: string, now: number): OneTimeCode => ({
	mac,
	expiresAt: now + CODE_SECONDS * 1000,
	wrong: 0,
	usedBy: null
});

/** What stands after one attempt: used by it, one more wrong try, or as before where the code is good no more. */
export function applyAttempt(
	code: OneTimeCode | null,
	mac: string,
	attempt: string,
	now: number
): OneTimeCode | null {
	if (!code || code.expiresAt <= now || code.expiresAt > now + CODE_SECONDS * 1000 + MAX_CLOCK_SKEW_MS)
		return null;
	if (code.usedBy !== null || code.wrong >= MAX_WRONG_CODES) return code;
	// Both are macs under a key that no caller has, so how long comparing them takes tells nothing.
	return code.mac === mac ? { ...code, usedBy: attempt } : { ...code, wrong: code.wrong + 1 };
}

/** When messages went to a phone within the last day, and by whose leave the last one did. */
export type SmsQuota = { readonly at: readonly number[]; readonly last: string };

/** What stands after somebody asked for a message: with it, or as before where it is too early. */
export function requestSending(before: SmsQuota | null, request: string, now: number): SmsQuota {
	const at = recentTimes(before, now);
	const wait = remainingWaitMs(at, now);
	return wait > 0 && before ? { ...before, at } : { at: [...at, now], last: request };
}

/** Seconds until the next message may go to the phone. */
export const secondsUntilNextSms = (sendings: SmsQuota, now: number): number =>
	Math.ceil(remainingWaitMs(recentTimes(sendings, now), now) / 1000);

const recentTimes = (sendings: SmsQuota | null, now: number) =>
	(sendings?.at ?? []).filter(at => at > now - DAY_MS && at <= now + MAX_CLOCK_SKEW_MS);

function remainingWaitMs(at: readonly number[], now: number): number {
	const pause = (at.at(-1) ?? -Infinity) + SMS_INTERVAL_SECONDS * 1000 - now;
	const quota = (at.at(-MAX_SMS_PER_DAY) ?? -Infinity) + DAY_MS - now;
	return Math.max(0, pause, quota);
}
