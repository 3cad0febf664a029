import { readRetryAfter } from "./errors.js";

export type RetryOptions = {
	/** How often a request is sent at most; 1: never again. */
	readonly attempts: number;
	/** The longest pause before the next attempt. Where the shop asks for a longer one, its answer is given at once. */
	readonly maxPauseMs: number;
};
export const DEFAULT_RETRIES: RetryOptions = { attempts: 4, maxPauseMs: 30_000 };

type Send = (request: Request) => Promise<Response>;
type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

const FIRST_PAUSE_MS = 300;
const OUTAGES = [502, 503, 504];

/**
 * Sends a request, and again after a pause where that can do no harm. A read and a request with an idempotency key are repeated
 * after a failure of the network, an outage, and while the first attempt is still at work; any request after 429, since the
 * shop has not begun it. The pause is what the shop asks for (Retry-After), else it doubles and varies.
 */
export async function sendWithRetries(
	send: Send,
	request: Request,
	{ attempts, maxPauseMs }: RetryOptions = DEFAULT_RETRIES,
	pause: Pause = waitFor
): Promise<Response> {
	for (let attempt = 1; ; attempt++) {
		const isLast = attempt >= attempts;
		let response: Response | null = null;
		try {
			response = await send(isLast ? request : request.clone());
		} catch (err) {
			if (isLast || request.signal.aborted || !isRepeatable(request)) throw err;
		}
		if (response && (isLast || !(await mayRepeat(request, response)))) return response;
		const asked = response && readRetryAfter(response);
		const ms = asked === null ? backOff(attempt) : asked * 1000;
		if (response && ms > maxPauseMs) return response;
		await response?.body?.cancel();
		await pause(Math.min(ms, maxPauseMs), request.signal);
	}
}

/** Whether the request has one effect however often it is sent. */
const isRepeatable = ({ method, headers }: Request) =>
	method === "GET" || method === "HEAD" || headers.has("Idempotency-Key");

async function mayRepeat(request: Request, response: Response): Promise<boolean> {
	if (response.status === 429) return true;
	if (!isRepeatable(request)) return false;
	return OUTAGES.includes(response.status) || (response.status === 409 && isInProgress(response));
}

/** Whether the first request with this key is still at work. */
async function isInProgress(response: Response): Promise<boolean> {
	const body: unknown = await response
		.clone()
		.json()
		.catch(() => null);
	return (
		typeof body === "object" && body !== null && "code" in body && body.code === "IDEMPOTENCY_IN_PROGRESS"
	);
}

/** Between half of the doubled pause and all of it, so that clients don't come back at the same time. */
export const backOff = (attempt: number, random = Math.random()): number =>
	FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + random / 2);

/** Resolves after the time; rejects at once where the signal is aborted. */
export function waitFor(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const abort = () => {
			clearTimeout(timer);
			reject(signal.reason as Error);
		};
		const timer = setTimeout(() => {
			signal.removeEventListener("abort", abort);
			resolve();
		}, ms);
		if (signal.aborted) abort();
		else signal.addEventListener("abort", abort, { once: true });
	});
}
