import { unknown, type Unknown } from "./payment-channel";

export interface HttpReply {
	status: number;
	headers: globalThis.Headers;
	body: Buffer;
}

export interface HttpRequest {
	method: "GET" | "POST";
	url: string;
	headers: Record<string, string>;
	body?: string;
	timeoutMs: number;
	maxBytes?: number;
}

/** Bounds the answers of both channels, except bills. */
const MAX_BYTES = 256 * 1024;

/** Sends one HTTP request to a channel. A network failure is an outcome, never an exception. */
export async function exchange({
	method,
	url,
	headers,
	body,
	timeoutMs,
	maxBytes = MAX_BYTES
}: HttpRequest): Promise<HttpReply | Unknown> {
	const signal = AbortSignal.timeout(timeoutMs); // also bounds the reading of the body
	try {
		const response = await fetch(url, {
			method,
			headers,
			...(body === undefined ? {} : { body }),
			redirect: "error", // A channel never redirects its API; to follow would send a signed request elsewhere.
			signal
		});
		const bytes = await readBounded(response, maxBytes);
		if (!bytes) return unknown("malformed", `An answer of more than ${maxBytes} bytes`);
		return { status: response.status, headers: response.headers, body: bytes };
	} catch (err) {
		return signal.aborted
			? unknown("timeout", `No answer within ${timeoutMs} ms`)
			: unknown("network", describeNetworkError(err));
	}
}

async function readBounded(response: Response, maxBytes: number): Promise<Buffer | undefined> {
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
const describeNetworkError = (err: unknown): string =>
	String(typeof err === "object" && err !== null && "cause" in err && err.cause ? err.cause : err);
