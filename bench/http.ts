import { Agent, request } from "node:http";

export type HttpRequest = {
	readonly method: "GET" | "POST" | "PUT";
	/** Under /api/v1. */
	readonly path: string;
	readonly token?: string;
	readonly key?: string;
	/** A text is sent as it is, with the `headers`. */
	readonly body?: object | string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly status: number;
};
export type HttpAnswer = { readonly data: any; readonly bytes: number };

/** A client that keeps its connections and costs little, beside the process that is measured. */
export class HttpClient {
	private readonly agent;

	constructor(
		readonly url: string,
		connections: number
	) {
		this.agent = new Agent({ keepAlive: true, maxSockets: connections });
	}

	/** Rejects where the status is another one than the request names. */
	send(
		{ method, path, token, key, body, headers, status }: HttpRequest,
		requestId = ""
	): Promise<HttpAnswer> {
		const text = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
		const sent = {
			...(token && { Authorization: `Bearer ${token}` }),
			...(key && { "Idempotency-Key": key }),
			...(requestId && { "X-Request-Id": requestId }),
			...(text !== null && {
				"Content-Type": "application/json",
				"Content-Length": String(Buffer.byteLength(text))
			}),
			...headers
		};
		return new Promise((answer, fail) => {
			const outgoing = request(
				`${this.url}/api/v1${path}`,
				{ method, agent: this.agent, headers: sent },
				response => {
					const chunks: Buffer[] = [];
					response.on("data", (chunk: Buffer) => chunks.push(chunk));
					response.on("end", () => {
						const received = Buffer.concat(chunks);
						const told = received.toString();
						if (response.statusCode !== status)
							fail(new Error(`${method} ${path}: ${response.statusCode} ${told}`));
						else
							answer({
								data: told.startsWith("{") ? JSON.parse(told).data : told,
								bytes: received.length
							});
					});
				}
			);
			outgoing.on("error", fail).end(text);
		});
	}

	close(): void {
		this.agent.destroy();
	}
}

/** Runs the works with this many at a time, in their order; resolves to their results. */
export async function runConcurrently<R>(
	works: readonly (() => Promise<R>)[],
	atATime: number
): Promise<R[]> {
	const results: R[] = [];
	const remaining = works.entries();
	const runNext = async () => {
		for (const [n, work] of remaining) results[n] = await work();
	};
	await Promise.all(Array.from({ length: atATime }, runNext));
	return results;
}
