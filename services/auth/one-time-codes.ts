import { randomInt, randomUUID } from "node:crypto";
import type { KeyValueStore } from "../../mixins/key-value.mixin";
import type { Purpose } from "../../schemas/auth.contract";
import { DAY_MS } from "../../schemas/durations";
import { Refusal } from "../../schemas/errors";
import {
	requestSending,
	applyAttempt,
	CODE_SECONDS,
	newCode,
	secondsUntilNextSms,
	type OneTimeCode,
	type SmsQuota
} from "./one-time-code.domain";
import { macOfCode } from "./derived-keys";

type CodesContext = { readonly kv: KeyValueStore };
const keyOf = (phone: string, purpose: Purpose) => `code:${purpose}:${phone}`;
/** Bound to phone and purpose: a code for one is wrong for every other. */
const macFor = (phone: string, purpose: Purpose, code: string) => macOfCode(`${purpose}:${phone}:${code}`);

/** Takes one of the phone's messages, or refuses. */
export async function reserveSms({ kv }: CodesContext, phone: string): Promise<void> {
	const request = randomUUID();
	const now = Date.now();
	const after = await kv.update<SmsQuota>(
		`sent:${phone}`,
		before => requestSending(before, request, now),
		DAY_MS
	);
	if (after && after.last !== request)
		throw new Refusal("TOO_MANY_REQUESTS", "Too many messages to this phone", {
			retryAfter: Math.max(1, secondsUntilNextSms(after, now))
		});
}

/** A new code of six digits; the one before it is good no more. */
export async function issueCode({ kv }: CodesContext, phone: string, purpose: Purpose): Promise<string> {
	const code = String(randomInt(1_000_000)).padStart(6, "0");
	const fresh = newCode(macFor(phone, purpose, code), Date.now());
	await kv.update<OneTimeCode>(keyOf(phone, purpose), () => fresh, CODE_SECONDS * 1000);
	return code;
}

/** Uses the code up; refuses with SMS_CODE_INVALID. Of any number of callers at once, one passes. */
export async function consumeCode(
	{ kv }: CodesContext,
	phone: string,
	purpose: Purpose,
	code: string
): Promise<void> {
	const attempt = randomUUID();
	const mac = macFor(phone, purpose, code);
	const now = Date.now();
	const after = await kv.update<OneTimeCode>(
		keyOf(phone, purpose),
		before => applyAttempt(before, mac, attempt, now),
		CODE_SECONDS * 1000
	);
	if (after?.usedBy !== attempt)
		throw new Refusal("SMS_CODE_INVALID", "Not the code that was sent, or too late");
}
