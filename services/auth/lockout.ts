import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { isRefusal, Refusal } from "../../schemas/errors/errors";
import type { AuthContext } from "./auth.context";
import { beginAttempt, endAttempt, type AttemptOutcome, type LockoutState } from "./lockout.domain";

type Lockouts = Pick<AuthContext, "kv" | "config">;
/** How long a sixth concurrent attempt for one phone waits for the outcome of another. */
const MAX_WAIT_MS = 6_000;
const lockoutKey = (subject: string) => `tries:${subject}`;

/**
 * Runs one attempt to guess a password or code. `subject` is what the attempts are counted for: a phone, a session, a second
 * factor. Attempts that `check` refuses with BAD_CREDENTIALS count; after five of them the subject is locked, and further
 * attempts are refused with TOO_MANY_REQUESTS.
 */
export async function withLockout<R>(
	context: Lockouts,
	subject: string,
	check: () => Promise<R>
): Promise<R> {
	const attemptId = await acquireAttempt(context, subject);
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
		const lockedUntil = Date.now() + lockoutMs;
		await context.kv.update<LockoutState>(
			lockoutKey(subject),
			state => endAttempt(state, attemptId, outcome, lockedUntil),
			lockoutMs
		);
	}
}

/** Forgets the wrong attempts, after the phone's owner has set a new password. */
export async function clearLockout({ kv }: Lockouts, phone: string): Promise<void> {
	await kv.take(lockoutKey(phone));
}

async function acquireAttempt({ kv, config }: Lockouts, subject: string): Promise<string> {
	const attemptId = randomUUID();
	const deadline = Date.now() + MAX_WAIT_MS;
	for (;;) {
		const now = Date.now();
		const lockoutMs = config.get("auth.loginLockout") * 1000;
		const state = await kv.update<LockoutState>(
			lockoutKey(subject),
			before => beginAttempt(before, attemptId, now, lockoutMs),
			lockoutMs
		);
		if (state && attemptId in state.runningAttempts) return attemptId;
		if (state && state.until > now)
			throw new Refusal("TOO_MANY_REQUESTS", "Too many wrong attempts", {
				retryAfter: Math.ceil((state.until - now) / 1000)
			});
		if (now > deadline) throw new Refusal("SERVICE_UNAVAILABLE", "Too many concurrent attempts");
		await pause(25);
	}
}
