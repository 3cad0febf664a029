import bodyParser from "body-parser";
import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { invalidFields, Refusal } from "../../schemas/errors/errors";

const RAW_LIMIT = "64kb";
const MAX_DEPTH = 32;

type Parser = (req: IncomingMessage, res: ServerResponse, next: (err?: unknown) => void) => void;
/** Refuses bytes that are not UTF-8, which decoding would replace by U+FFFD. */
function refuseInvalidUtf8(
	_req: IncomingMessage,
	_res: ServerResponse,
	bytes: Buffer,
	encoding: string
): void {
	if (encoding === "utf-8" && !isUtf8(bytes)) throw new Error("The body is not UTF-8");
}
/** A parser of JSON bodies of at most `limit` bytes, whatever their content type. */
export const createJsonParser = (limit: number): Parser =>
	bodyParser.json({ limit, strict: false, type: () => true, verify: refuseInvalidUtf8 });
const rawParser: Parser = bodyParser.raw({ limit: RAW_LIMIT, type: () => true });

async function runParser(parser: Parser, req: IncomingMessage, res: ServerResponse): Promise<unknown> {
	await new Promise<void>((resolve, reject) =>
		parser(req, res, err => (err ? reject(toRefusal(err)) : resolve()))
	);
	return "body" in req ? req.body : undefined;
}

/** Turns body-parser's errors, known by `type`, into refusals. A body that can't be unpacked has status 400 and no type. */
function toRefusal(err: unknown): Error {
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
	if (typeof body !== "object" || body === null || Array.isArray(body))
		throw invalidFields([{ field: "body", type: "object" }]);
	const flaw = inspect(body, MAX_DEPTH);
	if (flaw === "depth") throw invalidFields([{ field: "body", type: "depth" }]);
	if (flaw) throw invalidFields([{ field: flaw.halfCharacterAt, type: "halfCharacter" }]);
	return body as Record<string, unknown>;
}

/** Reads the bytes of a body unchanged. */
export async function readRaw(req: IncomingMessage, res: ServerResponse): Promise<Buffer> {
	const body = hasBody(req) ? await runParser(rawParser, req, res) : undefined;
	return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

type Flaw = "depth" | { readonly halfCharacterAt: string };

/**
 * The first flaw of a parsed body: deeper nesting than `depth`, or a text or name with half of a surrogate pair, by its path.
 * JSON can express such a half; no store can keep it. Reads every value once and builds a path only for a flaw.
 */
function inspect(value: unknown, depth: number): Flaw | undefined {
	if (typeof value === "string") return value.isWellFormed() ? undefined : { halfCharacterAt: "" };
	if (typeof value !== "object" || value === null) return undefined;
	if (depth === 0) return "depth";
	const isList = Array.isArray(value);
	for (const name in value) {
		if (!name.isWellFormed()) return { halfCharacterAt: name.toWellFormed() };
		const flaw = inspect((value as Record<string, unknown>)[name], depth - 1);
		if (flaw === "depth") return flaw;
		if (flaw) return { halfCharacterAt: joinPath(isList ? `[${name}]` : name, flaw.halfCharacterAt) };
	}
	return undefined;
}

const joinPath = (segment: string, below: string) =>
	below === "" || below.startsWith("[") ? segment + below : `${segment}.${below}`;
