import { hash, verify } from "@node-rs/argon2";
import { availableParallelism } from "node:os";
import { Refusal } from "../../schemas/errors/errors";
import { settings } from "../../settings";

/** argon2id with the minimum parameters that OWASP recommends: 19 MiB and about 40 ms for each hash. */
const STRENGTH = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** One core is always left to other requests: on two cores one password is hashed at a time. */
const PARALLEL = Math.max(1, Math.min(4, availableParallelism() - 1));
const MAX_WAITING = 32;
/** A request that waits longer is refused while there is time to say so. */
const MAX_WAIT_MS = settings.requestTimeoutMs / 2;
/** Hash of an unknown password. It is verified for phones without an account, so that they take as long as others. */
const DUMMY_HASH =
	"$argon2id$v=19$m=19456,t=2,p=1$x8ffMmQHTb0oFLtBhhoa/Q$L+vSxuAHYLNpzYcQa1cgXLgPH3Cy8oqqfp7+U/q8AiY";

let running = 0;
const waiting: (() => void)[] = [];

/**
 * Runs the work when one of PARALLEL permits is free (a semaphore with a bounded queue). Refuses with SERVICE_UNAVAILABLE when
 * MAX_WAITING are waiting or after MAX_WAIT_MS, so that a flood of logins can't take the whole machine.
 */
async function withHashingPermit<R>(work: () => Promise<R>): Promise<R> {
	if (running >= PARALLEL) {
		await waitForPermit(); // the permit is handed over, never free in between
	} else running++;
	try {
		return await work();
	} finally {
		const next = waiting.shift();
		if (next) next();
		else running--;
	}
}

function waitForPermit(): Promise<void> {
	const refusal = new Refusal("SERVICE_UNAVAILABLE", "Too many passwords at once");
	if (waiting.length >= MAX_WAITING) throw refusal;
	return new Promise((resolve, reject) => {
		const proceed = () => {
			clearTimeout(timer);
			resolve();
		};
		const timer = setTimeout(() => {
			waiting.splice(waiting.indexOf(proceed), 1);
			reject(refusal);
		}, MAX_WAIT_MS);
		waiting.push(proceed);
	});
}

/** Makes a password equal to itself when typed on another keyboard or system. */
export const normalizePassword = (password: string) => password.normalize("NFKC");

export const hashPassword = (password: string): Promise<string> =>
	withHashingPermit(() => hash(normalizePassword(password), STRENGTH));

/** Checks a password against its hash. Null, for a phone without an account, is always wrong and takes as long. */
export const verifyPassword = (password: string, passwordHash: string | null): Promise<boolean> =>
	withHashingPermit(
		async () =>
			(await verify(passwordHash ?? DUMMY_HASH, normalizePassword(password))) && passwordHash !== null
	);
