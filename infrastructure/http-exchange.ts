import { settings } from "../settings";
import { tracing } from "./opentelemetry/tracing";
import { flushDatabase } from "./sqlite-file";

export interface HttpReply {
	readonly status: number;
	readonly headers: globalThis.Headers;
	readonly body: Buffer;
}

export interface HttpRequest {
	readonly method: "GET" | "POST";
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: string;
}

/** No answer came, or one that is too large to be read. `detail` holds nothing of the request. */
export interface HttpFailure {
	readonly failure: "timeout" | "network" | "too_large";
	readonly detail: string;
}

/** The longest time until the whole answer is there, and its largest body. */
export interface HttpLimits {
	readonly timeoutMs: number;
	readonly maxBytes: number;
}

/**
 * Sends one HTTP request to a server outside the shop, after the commit of what is written so far. A failure of the network is
 * a value, never an exception.
 */
export async function exchangeHttp(
	request: HttpRequest,
	limits: HttpLimits
): Promise<HttpReply | HttpFailure> {
	flushDatabase(settings.dataDir);
	if (!tracing) return sendRequest(request, limits);
	return tracing.traceExchange(request, headers =>
		sendRequest({ ...request, headers: { ...request.headers, ...headers } }, limits)
	);
}

async function sendRequest(
	{ method, url, headers, body }: HttpRequest,
	{ timeoutMs, maxBytes }: HttpLimits
): Promise<HttpReply | HttpFailure> {
	const signal = AbortSignal.timeout(timeoutMs); // also bounds the reading of the body
	try {
		const response = await fetch(url, {
			method,
			headers,
			...(body === undefined ? {} : { body }),
			redirect: "error", // To follow a redirect would send a signed request elsewhere.
			signal
		});
		const bytes = await readBoundedBody(response, maxBytes);
		if (!bytes) return { failure: "too_large", detail: `An answer of more than ${maxBytes} bytes` };
		return { status: response.status, headers: response.headers, body: bytes };
	} catch (err) {
		return signal.aborted
			? { failure: "timeout", detail: `No answer within ${timeoutMs} ms` }
			: { failure: "network", detail: describeNetworkError(err) };
	}
}

/** The body of an answer; undefined if it is longer. */
export async function readBoundedBody(response: Response, maxBytes: number): Promise<Buffer | undefined> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
		length += chunk.byteLength;
		if (length > maxBytes) return undefined;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

/** `fetch` says only "fetch failed"; the failure itself is in the error's cause. */
function describeNetworkError(err: unknown): string {
	const cause = typeof err === "object" && err !== null && "cause" in err ? err.cause : undefined;
	return cause instanceof Error ? `${cause.name}: ${cause.message}` : "The request failed";
}
