import bodyParser from "body-parser";
import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { invalidFields, Refusal } from "../../schemas/errors/errors";
import type { BodyLimit } from "./body-limit";
import { findExceededLimit } from "./scan-json";

const RAW_LIMIT = "64kb";
const MAX_DEPTH = 32;
const LARGE_BYTES = 64 * 1024;

type Parser = (req: IncomingMessage, res: ServerResponse, next: (err?: unknown) => void) => void;
/** Bytes of the JSON of a request, once it is unpacked. */
const jsonBytes = new WeakMap<IncomingMessage, number>();

/** Carries a refusal through body-parser, which gives the errors of its callbacks types of its own. */
class RefusedBody extends Error {
	constructor(readonly refusal: Refusal) {
		super(refusal.message);
	}
}

/**
 * A parser of JSON bodies within the limit, whatever their content type. Refused before they are parsed are bodies of more
 * values or deeper nesting, and bytes that are not UTF-8, which decoding would replace by U+FFFD.
 */
export function createJsonParser({ bytes: limit, values }: BodyLimit): Parser {
	const verify = (req: IncomingMessage, _res: ServerResponse, bytes: Buffer, encoding: string) => {
		if (encoding !== "utf-8")
			throw new RefusedBody(new Refusal("UNSUPPORTED_MEDIA_TYPE", "JSON is UTF-8"));
		if (!isUtf8(bytes)) throw new Error("The body is not UTF-8");
		jsonBytes.set(req, bytes.length);
		const exceeded = findExceededLimit(bytes, { values, depth: MAX_DEPTH });
		if (exceeded === "depth") throw new RefusedBody(invalidFields([{ field: "body", type: "depth" }]));
		if (exceeded)
			throw new RefusedBody(invalidFields([{ field: "body", type: "valuesMax", expected: values }]));
	};
	return bodyParser.json({ limit, strict: false, type: () => true, verify });
}
const rawParser: Parser = bodyParser.raw({ limit: RAW_LIMIT, type: () => true });

async function runParser(parser: Parser, req: IncomingMessage, res: ServerResponse): Promise<unknown> {
	await new Promise<void>((resolve, reject) =>
		parser(req, res, err => (err ? reject(toRefusal(err)) : resolve()))
	);
	return "body" in req ? req.body : undefined;
}

/** Turns body-parser's errors, known by `type`, into refusals. A body that can't be unpacked has status 400 and no type. */
function toRefusal(err: unknown): Error {
	if (err instanceof RefusedBody) return err.refusal;
	const { type, status } = Object(err) as { type?: unknown; status?: unknown };
	if (type === "entity.too.large") return new Refusal("PAYLOAD_TOO_LARGE", "Body over the limit");
	if (type === "charset.unsupported" || type === "encoding.unsupported")
		return new Refusal("UNSUPPORTED_MEDIA_TYPE", "Charset or encoding not supported");
	if (typeof type === "string" || status === 400)
		return new Refusal("MALFORMED_JSON", "The body can't be read");
	return err instanceof Error ? err : new Error(String(err));
}

const hasBody = (req: IncomingMessage) =>
	req.headers["transfer-encoding"] !== undefined || Number(req.headers["content-length"] ?? 0) > 0;

/** Reads a JSON object; an empty one if there is no body. */
export async function readJson(
	parser: Parser,
	req: IncomingMessage,
	res: ServerResponse
): Promise<Record<string, unknown>> {
	if (!hasBody(req)) return {};
	if (!/^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(req.headers["content-type"] ?? ""))
		throw new Refusal("UNSUPPORTED_MEDIA_TYPE", "Send application/json");
	const body = await runParser(parser, req, res);
	// What follows a large body, its validation above all, is a stretch of its own: others are served in between.
	if ((jsonBytes.get(req) ?? 0) > LARGE_BYTES) await setImmediate();
	if (typeof body !== "object" || body === null || Array.isArray(body))
		throw invalidFields([{ field: "body", type: "object" }]);
	const field = findHalfCharacter(body);
	if (field !== undefined) throw invalidFields([{ field, type: "halfCharacter" }]);
	return body as Record<string, unknown>;
}

/** Reads the bytes of a body unchanged. */
export async function readRaw(req: IncomingMessage, res: ServerResponse): Promise<Buffer> {
	const body = hasBody(req) ? await runParser(rawParser, req, res) : undefined;
	return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/**
 * The path of the first text or name in a parsed body with half of a surrogate pair: JSON can express such a half, and no store
 * can keep it. Reads every value once and builds a path only for a flaw.
 */
function findHalfCharacter(value: unknown): string | undefined {
	if (typeof value === "string") return value.isWellFormed() ? undefined : "";
	if (typeof value !== "object" || value === null) return undefined;
	const isList = Array.isArray(value);
	for (const name in value) {
		if (!name.isWellFormed()) return name.toWellFormed();
		const path = findHalfCharacter((value as Record<string, unknown>)[name]);
		if (path !== undefined) return joinPath(isList ? `[${name}]` : name, path);
	}
	return undefined;
}

const joinPath = (segment: string, below: string) =>
	below === "" || below.startsWith("[") ? segment + below : `${segment}.${below}`;
