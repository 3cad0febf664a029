import { setTimeout as pause } from "node:timers/promises";
import type { Reply } from "./shop";

const MAX_ATTEMPTS = 60;
const RETRY_AFTER_MS = 1000;

/** Not admitted, without an answer in time, or still under way after such an answer. */
export const isUnknown = ({ status, body }: Reply): boolean =>
	status === 503 || status === 504 || body.code === "IDEMPOTENCY_IN_PROGRESS";

/**
 * Repeats a request as long as its outcome is unknown, as clients should. Only for requests that may be repeated: with an
 * idempotency key, or of an idempotent method.
 */
export async function sendUntilKnown(send: () => Promise<Reply>): Promise<Reply> {
	for (let attempt = 1; ; attempt++) {
		const reply = await send();
		if (attempt === MAX_ATTEMPTS || !isUnknown(reply)) return reply;
		await pause(RETRY_AFTER_MS);
	}
}
