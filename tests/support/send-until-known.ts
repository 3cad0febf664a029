import type { Reply } from "./shop";

const UNKNOWN = [503, 504];

/**
 * Repeats a request that was not admitted (503) or whose outcome is unknown (504), at most twice, as clients should. Only for
 * requests that may be repeated: with an idempotency key, or of an idempotent method.
 */
export async function sendUntilKnown(send: () => Promise<Reply>): Promise<Reply> {
	for (let attempt = 1; ; attempt++) {
		const reply = await send();
		if (attempt === 3 || !UNKNOWN.includes(reply.status)) return reply;
	}
}
