import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { MESSAGES, type Lang } from "../../schemas/errors/messages";

/** An answer before it is put in the envelope. */
export type Answer = {
	readonly status: number;
	readonly code: keyof typeof MESSAGES;
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

/** Writes the envelope, or 304 to a client that has the same data. The ETag is of `data` only: the request id always differs. */
export function sendEnvelope(
	req: IncomingMessage,
	res: ServerResponse,
	{ status, code, data, headers }: Answer,
	lang: Lang,
	requestId: string
): void {
	if (res.headersSent || res.destroyed) return;
	const json = JSON.stringify(data ?? null);
	for (const [name, value] of Object.entries(headers ?? {})) res.setHeader(name, value);
	res.appendHeader("Vary", "Accept-Language");
	if (status === 200 && (req.method === "GET" || req.method === "HEAD")) {
		const etag = `W/"${createHash("sha1").update(json).digest("base64url")}"`;
		res.setHeader("ETag", etag);
		if (!res.hasHeader("Cache-Control")) res.setHeader("Cache-Control", "private, no-cache");
		if (matchesEtag(req.headers["if-none-match"], etag)) {
			res.writeHead(304).end();
			return;
		}
	}
	const message = JSON.stringify(MESSAGES[code][lang]);
	const body = `{"code":"${code}","message":${message},"data":${json},"requestId":${JSON.stringify(requestId)}}`;
	res.writeHead(status, {
		"Content-Type": "application/json; charset=utf-8",
		"Content-Length": Buffer.byteLength(body)
	});
	res.end(body);
}
