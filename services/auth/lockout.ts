import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Config } from "../../mixins/config.mixin";
import type { KeyValueStore } from "../../mixins/key-value.mixin";
import { Refusal, isRefusal } from "../../schemas/errors";
import { beginAttempt, endAttempt, type AttemptOutcome, type LockoutState } from "./lockout.domain";

type Needs = { readonly kv: KeyValueStore; readonly config: Config };
/** A phone's sixth try at once waits for the outcome of the first five: that long. */
const WAIT_MS = 6_000;
const keyOf = (phone: string) => `tries:${phone}`;

/** Runs one try of a password; five wrong ones (`check` refuses with BAD_CREDENTIALS) lock the phone out. */
export async function withLockout<R>(context: Needs, phone: string, check: () => Promise<R>): Promise<R> {
	const attempt = await acquireAttempt(context, phone);
	let outcome: AttemptOutcome = "unknown";
	try {
		const result = await check();
		outcome = "right";
		return result;
	} catch (err) {
		if (isRefusal(err, "BAD_CREDENTIALS")) outcome = "wrong";
		throw err;
	} finally {
		const lockoutMs = context.config.get("auth.loginLockout") * 1000;
		const until = Date.now() + lockoutMs;
		await context.kv.update<LockoutState>(
			keyOf(phone),
			tries => endAttempt(tries, attempt, outcome, until),
			lockoutMs
		);
	}
}

/** Forgets the wrong tries: whoever holds the phone has just set the password anew. */
export async function clearLockout({ kv }: Needs, phone: string): Promise<void> {
	await kv.take(keyOf(phone));
}

async function acquireAttempt({ kv, config }: Needs, phone: string): Promise<string> {
	const attempt = randomUUID();
	const giveUpAt = Date.now() + WAIT_MS;
	for (;;) {
		const now = Date.now();
		const ttlMs = config.get("auth.loginLockout") * 1000;
		const tries = await kv.update<LockoutState>(
			keyOf(phone),
			before => beginAttempt(before, attempt, now, ttlMs),
			ttlMs
		);
		if (tries && attempt in tries.flights) return attempt;
		if (tries && tries.until > now)
			throw new Refusal("TOO_MANY_REQUESTS", "Too many wrong passwords", {
				retryAfter: Math.ceil((tries.until - now) / 1000)
			});
		if (now > giveUpAt) throw new Refusal("SERVICE_UNAVAILABLE", "Too many tries for one phone at once");
		await pause(25);
	}
}
