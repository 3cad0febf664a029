import { MAX_FAULTS, type FieldFault } from "../../schemas/errors/errors";
import { truncate } from "../../schemas/values/text";
import { formatFieldMessage, type Lang } from "../../schemas/errors/messages";
import {
	describeCode,
	FAILURE_CODES,
	isRefusalType,
	type ErrorCode,
	type RefusalType
} from "../../schemas/errors/error-codes";

export type ErrorAnswer = {
	readonly status: number;
	readonly code: ErrorCode;
	readonly data: unknown;
	readonly headers: Readonly<Record<string, string>>;
};

type ErrorLike = { type?: unknown; data?: unknown };
const INTERNAL_ERROR = {
	status: describeCode("INTERNAL_ERROR").status,
	code: "INTERNAL_ERROR",
	data: null,
	headers: {}
} as const;
/** Longer paths of fields hold names that a client made up. */
const MAX_PATH_LENGTH = 200;
const BAD_PATH: FieldFault = { field: "path", type: "encoding" };

/**
 * The part of an error that a client may know: refusals as they are, failures of Moleculer and the store by their meaning,
 * everything else as INTERNAL_ERROR without a reason. `action` is the action of the route: a validation error of an action
 * that it called in turn is a defect of the shop.
 */
export function toErrorAnswer(err: unknown, lang: Lang, action?: string): ErrorAnswer {
	const { type, data }: ErrorLike = typeof err === "object" && err !== null ? err : {};
	// Moleculer's time-outs have the shop's type REQUEST_TIMEOUT, but their data names actions and nodes.
	const isOwn = isRefusalType(type) && type !== "REQUEST_TIMEOUT";
	const code = isRefusalType(type) ? type : FAILURE_CODES.get(type);
	if (!code) return INTERNAL_ERROR;
	if (code === "VALIDATION_ERROR") return toValidationAnswer(isOwn ? data : [BAD_PATH], lang, action);
	return {
		status: describeCode(code).status,
		code,
		data: (isOwn && data) || null,
		headers: headersFor(code, data)
	};
}

function toValidationAnswer(data: unknown, lang: Lang, action: string | undefined): ErrorAnswer {
	const faults: readonly Record<string, unknown>[] = Array.isArray(data) ? data : [];
	const isOfInnerCall = faults.some(f => typeof f["action"] === "string" && f["action"] !== action);
	if (isOfInnerCall) return INTERNAL_ERROR;
	return {
		status: describeCode("VALIDATION_ERROR").status,
		code: "VALIDATION_ERROR",
		data: faults
			.slice(0, MAX_FAULTS)
			.flatMap(fault => describeFault(fault, lang))
			.slice(0, MAX_FAULTS),
		headers: {}
	};
}

/** One fault of the validator or the domain as `{field, type, message}`; several for several unknown fields. */
function describeFault(fault: Record<string, unknown>, lang: Lang) {
	const { field, type, expected, actual, message } = fault;
	const describe = (name: string, kind: string) => {
		const wording = kind === "required" && actual === null ? "null" : kind;
		const words = formatFieldMessage(
			wording,
			expected,
			lang,
			typeof message === "string" ? message : kind
		);
		return { field: truncate(name, MAX_PATH_LENGTH), type: kind, message: words };
	};
	const path = typeof field === "string" ? field : "";
	// The validator names all unknown fields of an object in one fault, separated by commas.
	if (type === "objectStrict")
		return String(actual)
			.split(", ", MAX_FAULTS)
			.map(name => describe(path ? `${path}.${name}` : name, "unknown"));
	return [describe(path || "body", typeof type === "string" ? type : "invalid")];
}

function headersFor(code: RefusalType, data: unknown): Record<string, string> {
	const { challenge, retryAfter } = describeCode(code);
	if (challenge) return { "WWW-Authenticate": challenge };
	if (!retryAfter) return {};
	const seconds =
		typeof data === "object" && data !== null && "retryAfter" in data ? Number(data.retryAfter) : 1;
	return { "Retry-After": String(Math.max(1, Math.ceil(seconds))) };
}
