import type { components } from "./schema.js";

type Schemas = components["schemas"];
/** Every error answer of the API: the schemas with a code of their own. */
type ErrorAnswer = {
	[Name in keyof Schemas]: Schemas[Name] extends {
		code: infer Code extends string;
		data: unknown;
		requestId: string;
	}
		? string extends Code
			? never
			: Schemas[Name]
		: never;
}[keyof Schemas];

export type ErrorCode = ErrorAnswer["code"];
/** The `data` of an error with this code. */
export type ErrorData<Code extends ErrorCode> = Extract<ErrorAnswer, { code: Code }>["data"];

/** The shop refused a request. `code` says why and is stable; `message` is for people, in the client's language. */
export class ShopError<Code extends ErrorCode = ErrorCode> extends Error {
	override readonly name = "ShopError";

	constructor(
		/** HTTP status. */
		readonly status: number,
		readonly code: Code,
		message: string,
		readonly data: ErrorData<Code>,
		/** Names the request in the shop's log. */
		readonly requestId: string,
		/** Seconds after which the same request may succeed; null where the shop did not say. */
		readonly retryAfter: number | null
	) {
		super(message);
	}
}

/** Whether the shop refused with this code; then `data` has the type of that code. */
export const hasCode = <Code extends ErrorCode>(err: unknown, code: Code): err is ShopError<Code> =>
	err instanceof ShopError && err.code === code;

/** No answer of the shop: the network failed, or something else answered in its place. The outcome of the request is unknown. */
export class NoAnswerError extends Error {
	override readonly name = "NoAnswerError";
}

/** Turns an error answer into a ShopError, or into a NoAnswerError where a proxy or another program answered. */
export function toError(body: unknown, response: Response): ShopError | NoAnswerError {
	if (!isErrorAnswer(body))
		return new NoAnswerError(`HTTP ${response.status} is no answer of the shop`, { cause: body });
	const { code, message, data, requestId } = body;
	return new ShopError(response.status, code, message, data, requestId, readRetryAfter(response));
}

const isErrorAnswer = (body: unknown): body is ErrorAnswer =>
	typeof body === "object" && body !== null && "code" in body && "requestId" in body && "data" in body;

/** Seconds of the Retry-After header, which is a number or a date; null without it. */
export function readRetryAfter({ headers }: Pick<Response, "headers">, now = Date.now()): number | null {
	const value = headers.get("Retry-After");
	if (value === null) return null;
	const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - now) / 1000;
	return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}
