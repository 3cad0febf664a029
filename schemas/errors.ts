import { Errors } from "moleculer";
import { fieldMessage, type Fault, type FieldFaultType } from "./messages";

/** Every refusal of the system: its type on the wire and its HTTP status. The only list of its kind. */
export const REFUSALS = {
	VALIDATION_ERROR: 400,
	MALFORMED_JSON: 400,
	IDEMPOTENCY_KEY_REQUIRED: 400,
	UNAUTHORIZED: 401,
	TOKEN_EXPIRED: 401,
	BAD_CREDENTIALS: 401,
	SMS_CODE_INVALID: 401,
	SIGNATURE_INVALID: 401,
	FORBIDDEN: 403,
	ACCOUNT_DISABLED: 403,
	NOT_FOUND: 404,
	OUT_OF_STOCK: 409,
	PRICE_CHANGED: 409,
	INVALID_STATE: 409,
	NOT_ON_SHELF: 409,
	DUPLICATE: 409,
	COUPON_UNAVAILABLE: 409,
	IN_USE: 409,
	REFUND_EXCEEDS_PAID: 409,
	IDEMPOTENCY_IN_PROGRESS: 409,
	VERSION_CONFLICT: 409,
	PAYLOAD_TOO_LARGE: 413,
	UNSUPPORTED_MEDIA_TYPE: 415,
	IDEMPOTENCY_KEY_REUSED: 422,
	TOO_MANY_REQUESTS: 429,
	SERVICE_UNAVAILABLE: 503,
	REQUEST_TIMEOUT: 504
} as const;
export type RefusalType = keyof typeof REFUSALS;

/**
 * Says no for a reason that the caller can act on. The wording comes from `schemas/messages.ts` by type; `message` is for
 * developers. `data` reaches the client: ids and numbers only, never another user's. Match on `err.type`: a class is lost
 * between nodes. What is in progress is worth another try soon: the broker makes it where the call is repeatable.
 */
export class Refusal extends Errors.MoleculerError {
	constructor(type: RefusalType, message: string, data?: object) {
		super(message, REFUSALS[type], type, data);
		this.name = "Refusal";
		this.retryable = type === "IDEMPOTENCY_IN_PROGRESS";
	}
}

/** What is wrong with a field; `expected` completes the wording. */
export type FieldFault = {
	readonly field: string;
	readonly type: FieldFaultType;
	readonly expected?: number | readonly string[];
};

/** Fields that are refused like those of a broken rule, each by its path. */
export const invalidFields = (faults: readonly FieldFault[]): Refusal => {
	const inWords = ({ field, type, expected }: FieldFault) =>
		`${field}: ${fieldMessage(type, expected, "en", type)}`;
	return new Refusal("VALIDATION_ERROR", faults.map(inWords).join("; "), faults);
};

/** A value that the rules let pass and the domain does not. */
export const invalid = (field: string, type: Fault, expected?: number): Refusal =>
	invalidFields([{ field, type, ...(expected !== undefined && { expected }) }]);

/** True for a refusal of this type, wherever it was thrown. */
export const isRefusal = (err: unknown, type: RefusalType): boolean =>
	err instanceof Error && "type" in err && err.type === type;
