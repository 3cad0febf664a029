import type { IncomingMessage, ServerResponse } from "node:http";
import { chooseEncoding, encodeText, type Encoding } from "./encodings";

/** A response without an envelope. `encoded` keeps the compressed forms of a body that is sent again and again. */
export type Text = {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
	readonly encoded?: Map<Encoding, Promise<Buffer>>;
};

/** Types of content that compression makes smaller (https://www.iana.org/assignments/media-types). */
const COMPRESSIBLE = /^(text\/|application\/(json|javascript)|image\/svg\+xml)/;

/** Writes a response, a text in the encoding that the client prefers. */
export async function sendText(
	req: IncomingMessage,
	res: ServerResponse,
	{ status, headers, body: plain, encoded = new Map<Encoding, Promise<Buffer>>() }: Text
): Promise<void> {
	const type = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
	const encoding = COMPRESSIBLE.test(type)
		? chooseEncoding(req.headers["accept-encoding"], plain.length)
		: "identity";
	const known = encoded.get(encoding) ?? encodeText(encoding, plain);
	encoded.set(encoding, known);
	const body = await known;
	if (encoding !== "identity") res.setHeader("Content-Encoding", encoding);
	res.writeHead(status, headers).end(body);
}
