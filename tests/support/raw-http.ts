import { request, type IncomingHttpHeaders } from "node:http";

export type RawReply = {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly text: string;
	/** The body as it was sent, perhaps compressed. */
	readonly bytes: Buffer;
};

/** Sends a request with target and headers exactly as given; `fetch` would normalize them. */
export function sendRaw(
	url: string,
	method: string,
	path: string,
	headers: Readonly<Record<string, string>> = {},
	body?: string | Buffer
): Promise<RawReply> {
	const { hostname, port } = new URL(url);
	return new Promise((resolve, reject) => {
		const req = request({ hostname, port, method, path, headers, agent: false }, res => {
			const chunks: Buffer[] = [];
			res.on("data", (chunk: Buffer) => chunks.push(chunk));
			res.on("end", () => {
				const bytes = Buffer.concat(chunks);
				resolve({
					status: res.statusCode ?? 0,
					headers: res.headers,
					text: bytes.toString(),
					bytes
				});
			});
		});
		req.on("error", reject);
		req.end(body);
	});
}
