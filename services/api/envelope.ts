import { hash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { formatMessage } from "../../schemas/errors/format-message";
import type { ErrorCode } from "../../schemas/errors/error-codes";
import type { Lang } from "../../schemas/errors/messages";
import {
	appendEnd,
	chooseEncoding,
	encodeBeginning,
	type EncodedBeginning,
	type Encoding
} from "./encodings";

/** An answer before it is put in the envelope. */
export type Answer = {
	readonly status: number;
	readonly code: ErrorCode | "OK";
	readonly data: unknown;
	readonly headers?: Readonly<Record<string, string>>;
};

/** The language of an Accept-Language header: Chinese, unless English is preferred to it. */
export function chooseLanguage(header: string | undefined): Lang {
	const preferences = (header ?? "")
		.split(",")
		.map(part => {
			const [tag = "", q] = part
				.trim()
				.toLowerCase()
				.split(/;\s*q=/);
			return {
				lang: tag.startsWith("en") ? "en" : tag.startsWith("zh") ? "zh" : null,
				q: q === undefined ? 1 : Number(q)
			};
		})
		.filter(({ lang, q }) => lang && q > 0)
		.toSorted((a, b) => b.q - a.q);
	return preferences[0]?.lang === "en" ? "en" : "zh";
}

/** Compares weakly, as If-None-Match requires (RFC 9110, 13.1.2): a proxy may have dropped the `W/`. */
const matchesEtag = (header: string | undefined, etag: string) =>
	header?.split(",").some(tag => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag.slice(2));

export const JSON_TYPE = "application/json; charset=utf-8";
/** What an answer depends on beside its URL. Needed also without an Origin header: a cache could serve it to another origin. */
export const VARY = "Origin, Accept-Language, Accept-Encoding";

const BEFORE_ID = ',"requestId":';

/** An answer in its envelope, all but the request id, which is another one each time it is sent. */
export class Envelope {
	readonly beginning: Buffer;
	/** Where `data` begins. */
	private readonly dataAt: number;
	private hashed: string | undefined;
	private readonly encoded = new Map<Encoding, Promise<EncodedBeginning>>();

	constructor(
		{ code, data }: Pick<Answer, "code" | "data">,
		lang: Lang,
		/** The route that gave the answer. */
		readonly route?: string
	) {
		const message = JSON.stringify(formatMessage(code, data, lang));
		const head = `{"code":"${code}","message":${message},"data":`;
		this.dataAt = Buffer.byteLength(head);
		this.beginning = Buffer.from(`${head}${JSON.stringify(data ?? null)}${BEFORE_ID}`);
	}

	/** A hash of `data` only. */
	get etag(): string {
		this.hashed ??= hash("sha1", this.beginning.subarray(this.dataAt, -BEFORE_ID.length), "base64url");
		return `W/"${this.hashed}"`;
	}

	/** The whole text; compressed only once, however often it is sent. */
	async encode(encoding: Encoding, requestId: string): Promise<Buffer> {
		let beginning = this.encoded.get(encoding);
		if (!beginning) {
			beginning = encodeBeginning(encoding, this.beginning);
			this.encoded.set(encoding, beginning);
		}
		return appendEnd(await beginning, toEnd(requestId));
	}

	/** The whole text as it is. */
	toBytes = (requestId: string): Buffer => Buffer.concat([this.beginning, toEnd(requestId)]);
}

/** Under this key a gateway keeps an answer. */
export const toCacheKey = (lang: Lang, url: string): string => `${lang} ${url}`;
/** The key of an answer that only callers without a token get. */
export const toGuestKey = (key: string): string => `guest ${key}`;

const toEnd = (requestId: string) => Buffer.from(`${JSON.stringify(requestId)}}`);

/** Writes the envelope, or 304 to a client that has the same data. */
export async function sendEnvelope(
	req: IncomingMessage,
	res: ServerResponse,
	answer: Answer,
	lang: Lang,
	requestId: string,
	envelope = new Envelope(answer, lang)
): Promise<void> {
	if (res.headersSent || res.destroyed) return;
	for (const [name, value] of Object.entries(answer.headers ?? {})) res.setHeader(name, value);
	res.setHeader("Vary", VARY);
	if (answer.status === 200 && (req.method === "GET" || req.method === "HEAD")) {
		res.setHeader("ETag", envelope.etag);
		if (!res.hasHeader("Cache-Control")) res.setHeader("Cache-Control", PRIVATE);
		if (matchesEtag(req.headers["if-none-match"], envelope.etag)) {
			res.writeHead(304).end();
			return;
		}
	}
	const encoding = chooseEncoding(req.headers["accept-encoding"], envelope.beginning.length);
	const body =
		encoding === "identity" ? envelope.toBytes(requestId) : await envelope.encode(encoding, requestId);
	if (encoding !== "identity") res.setHeader("Content-Encoding", encoding);
	res.writeHead(answer.status, { "Content-Type": JSON_TYPE, "Content-Length": body.length });
	res.end(body);
}

/** A client may keep the answer, and asks each time whether it is still right. */
export const PRIVATE = "private, no-cache";

/** Writes a cached answer to a GET or HEAD request in one piece, with these headers beside its own. */
export async function sendCachedEnvelope(
	req: IncomingMessage,
	res: ServerResponse,
	envelope: Envelope,
	headers: readonly string[],
	requestId: string
): Promise<void> {
	const all = [...headers, "X-Request-Id", requestId, "Vary", VARY, "ETag", envelope.etag];
	all.push("Cache-Control", PRIVATE);
	if (matchesEtag(req.headers["if-none-match"], envelope.etag)) {
		res.writeHead(304, all).end();
		return;
	}
	const encoding = chooseEncoding(req.headers["accept-encoding"], envelope.beginning.length);
	const body =
		encoding === "identity" ? envelope.toBytes(requestId) : await envelope.encode(encoding, requestId);
	if (encoding !== "identity") all.push("Content-Encoding", encoding);
	res.writeHead(200, [...all, "Content-Type", JSON_TYPE, "Content-Length", String(body.length)]);
	res.end(body);
}
