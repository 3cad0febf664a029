import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { REFUSALS, type FieldFault, type RefusalType } from "../../schemas/errors";
import { fieldMessage, MESSAGES, type Lang } from "../../schemas/messages";

export type ErrorAnswer = {
	readonly status: number;
	readonly code: RefusalType | "INTERNAL_ERROR";
	readonly data: unknown;
	readonly headers: Readonly<Record<string, string>>;
};

/** Accept-Language as one of ours; Chinese unless English is asked for first. */
export function chooseLanguage(header: string | undefined): Lang {
	const wanted = (header ?? "")
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
	return wanted[0]?.lang === "en" ? "en" : "zh";
}

type ErrorLike = { type?: unknown; data?: unknown };
const isRefusalType = (type: unknown): type is RefusalType =>
	typeof type === "string" && Object.hasOwn(REFUSALS, type);
/** Failures of Moleculer and of the store, and what they mean to a client. */
const MOLECULER: ReadonlyMap<unknown, RefusalType> = new Map([
	["SERVICE_NOT_FOUND", "SERVICE_UNAVAILABLE"],
	["SERVICE_NOT_AVAILABLE", "SERVICE_UNAVAILABLE"],
	["REQUEST_REJECTED", "SERVICE_UNAVAILABLE"],
	["QUEUE_FULL", "SERVICE_UNAVAILABLE"],
	["GRACEFUL_STOPPING", "SERVICE_UNAVAILABLE"],
	["STORE_UNAVAILABLE", "SERVICE_UNAVAILABLE"],
	["REQUEST_SKIPPED", "REQUEST_TIMEOUT"],
	["UNABLE_DECODE_PARAM", "VALIDATION_ERROR"]
]);
const INTERNAL: ErrorAnswer = { status: 500, code: "INTERNAL_ERROR", data: null, headers: {} };
const BAD_PATH: FieldFault = { field: "path", type: "encoding" };

/**
 * What of an error a client may know: refusals as they are, Moleculer's failures by meaning, everything else an internal
 * error without a word about why. `action` is the one the route called: a broken rule deeper down is a defect of ours.
 */
export function toErrorAnswer(err: unknown, lang: Lang, action?: string): ErrorAnswer {
	const { type, data }: ErrorLike = typeof err === "object" && err !== null ? err : {};
	// A time-out is Moleculer's even under our name; its data tell of actions and nodes.
	const own = isRefusalType(type) && type !== "REQUEST_TIMEOUT";
	const code = isRefusalType(type) ? type : MOLECULER.get(type);
	if (!code) return INTERNAL;
	if (code === "VALIDATION_ERROR") {
		const faults: readonly Record<string, unknown>[] = !own
			? [BAD_PATH]
			: Array.isArray(data)
				? data
				: [];
		const deeper = faults.some(f => typeof f["action"] === "string" && f["action"] !== action);
		return deeper
			? INTERNAL
			: { status: 400, code, data: faults.flatMap(f => fieldFaults(f, lang)), headers: {} };
	}
	return { status: REFUSALS[code], code, data: (own && data) || null, headers: headersOf(code, data) };
}

function fieldFaults(fault: Record<string, unknown>, lang: Lang) {
	const { field, type, expected, actual, message } = fault;
	const named = (name: string, kind: string) => {
		const wording = kind === "required" && actual === null ? "null" : kind;
		const words = fieldMessage(wording, expected, lang, typeof message === "string" ? message : kind);
		return { field: name, type: kind, message: words };
	};
	// The validator names all unknown fields of an object in one fault, as a text.
	const path = typeof field === "string" ? field : "";
	if (type === "objectStrict")
		return String(actual)
			.split(", ")
			.map(name => named(path ? `${path}.${name}` : name, "unknown"));
	return [named(path || "body", typeof type === "string" ? type : "invalid")];
}

const COME_AGAIN: readonly RefusalType[] = [
	"TOO_MANY_REQUESTS",
	"SERVICE_UNAVAILABLE",
	"IDEMPOTENCY_IN_PROGRESS"
];

/** When to try again, or by what means. */
function headersOf(code: RefusalType, data: unknown): Record<string, string> {
	if (code === "UNAUTHORIZED") return { "WWW-Authenticate": "Bearer" };
	if (code === "TOKEN_EXPIRED") return { "WWW-Authenticate": 'Bearer error="invalid_token"' };
	if (!COME_AGAIN.includes(code)) return {};
	const seconds =
		typeof data === "object" && data !== null && "retryAfter" in data ? Number(data.retryAfter) : 1;
	return { "Retry-After": String(Math.max(1, Math.ceil(seconds))) };
}

/** Weak comparison, as If-None-Match asks for: a proxy may have dropped the mark of weakness. */
const isKnown = (header: string | undefined, etag: string) =>
	header?.split(",").some(tag => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag.slice(2));

/** Writes the envelope. Only `data` counts for the ETag: the request id is another each time. */
export function sendEnvelope(
	req: IncomingMessage,
	res: ServerResponse,
	{
		status,
		code,
		data,
		headers
	}: {
		status: number;
		code: keyof typeof MESSAGES;
		data: unknown;
		headers?: Readonly<Record<string, string>>;
	},
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
		if (isKnown(req.headers["if-none-match"], etag)) {
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
