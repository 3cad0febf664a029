import type { Unknown } from "./payment-channel";

/** One HTTP exchange with a channel. What the network does wrong is an outcome, never an exception. */
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

/** No answer of either channel but a bill comes near; what is longer comes from somebody else. */
const MOST_BYTES = 256 * 1024;

export async function exchange({
	method,
	url,
	headers,
	body,
	timeoutMs,
	maxBytes: mostBytes = MOST_BYTES
}: HttpRequest): Promise<HttpReply | Unknown> {
	const signal = AbortSignal.timeout(timeoutMs); // bounds the reading of the body as well
	try {
		const response = await fetch(url, {
			method,
			headers,
			...(body === undefined ? {} : { body }),
			redirect: "error", // a channel never redirects its API; following would send a signed request elsewhere
			signal
		});
		const bytes = await read(response, mostBytes);
		if (!bytes) return unknown("malformed", `An answer of more than ${mostBytes} bytes`);
		return { status: response.status, headers: response.headers, body: bytes };
	} catch (err) {
		return signal.aborted
			? unknown("timeout", `No answer within ${timeoutMs} ms`)
			: unknown("network", describe(err));
	}
}

export const unknown = (cause: Unknown["cause"], detail: string): Unknown => ({
	outcome: "unknown",
	cause,
	detail
});

async function read(response: Response, mostBytes: number): Promise<Buffer | undefined> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
		length += chunk.byteLength;
		if (length > mostBytes) return undefined;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

/** fetch says only "fetch failed"; what happened is in its cause. */
const describe = (err: unknown): string =>
	String(typeof err === "object" && err !== null && "cause" in err && err.cause ? err.cause : err);
