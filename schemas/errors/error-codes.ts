type Row = {
	/** HTTP status. */
	readonly status: number;
	/** The same call may succeed soon, so the caller of a repeatable action tries it again. */
	readonly retryable?: true;
	/** Answered with a Retry-After header: `data.retryAfter` in seconds, or 1 without it. */
	readonly retryAfter?: true;
	/** Value of the WWW-Authenticate header (RFC 6750). */
	readonly challenge?: string;
};

/** Every error code that a client can get. The only list: the gateway, OpenAPI and the broker's retries read it. */
export const ERROR_CODES = {
	VALIDATION_ERROR: { status: 400 },
	MALFORMED_JSON: { status: 400 },
	IDEMPOTENCY_KEY_REQUIRED: { status: 400 },
	UNAUTHORIZED: { status: 401, challenge: "Bearer" },
	TOKEN_EXPIRED: { status: 401, challenge: 'Bearer error="invalid_token"' },
	BAD_CREDENTIALS: { status: 401 },
	SMS_CODE_INVALID: { status: 401 },
	/** The first proof was right, and the account has a second factor whose code is missing. */
	TOTP_REQUIRED: { status: 401 },
	/** Reserved by the REST contract. Forged payment notifications are answered in their channel's format, without a code. */
	SIGNATURE_INVALID: { status: 401 },
	FORBIDDEN: { status: 403 },
	ACCOUNT_DISABLED: { status: 403 },
	/** Staff must set up a second factor before they use their routes (`security.staffTotp`). */
	TOTP_SETUP_REQUIRED: { status: 403 },
	/** The session has to prove again who uses it: `POST /me/step-up`. */
	STEP_UP_REQUIRED: { status: 403 },
	NOT_FOUND: { status: 404 },
	OUT_OF_STOCK: { status: 409 },
	PRICE_CHANGED: { status: 409 },
	INVALID_STATE: { status: 409 },
	NOT_ON_SHELF: { status: 409 },
	DUPLICATE: { status: 409 },
	COUPON_UNAVAILABLE: { status: 409 },
	POINTS_UNAVAILABLE: { status: 409 },
	/** `data.items`: `{skuId, province}`. */
	NOT_DELIVERABLE: { status: 409 },
	IN_USE: { status: 409 },
	REFUND_EXCEEDS_PAID: { status: 409 },
	/** The time for after-sales cases of the order is over, or no unit is left to claim. */
	AFTER_SALE_CLOSED: { status: 409 },
	IDEMPOTENCY_IN_PROGRESS: { status: 409, retryable: true, retryAfter: true },
	VERSION_CONFLICT: { status: 409 },
	PURCHASE_LIMIT: { status: 409 },
	/** Of what was to be added there may be no more: `data` says how many of what. */
	LIMIT_REACHED: { status: 409 },
	/** The last one of its kind can't be removed. */
	LAST_ONE: { status: 409 },
	/** Another person of the staff has to agree first. */
	SECOND_PERSON_REQUIRED: { status: 409 },
	PAYLOAD_TOO_LARGE: { status: 413 },
	UNSUPPORTED_MEDIA_TYPE: { status: 415 },
	IDEMPOTENCY_KEY_REUSED: { status: 422 },
	TOO_MANY_REQUESTS: { status: 429, retryAfter: true },
	/** The operator has not set up what this needs: `data.missing`. A repetition can't help. */
	NOT_CONFIGURED: { status: 501 },
	SERVICE_UNAVAILABLE: { status: 503, retryAfter: true },
	REQUEST_TIMEOUT: { status: 504 },
	/** A defect of the shop: answered without a word about why. */
	INTERNAL_ERROR: { status: 500 }
} as const satisfies Readonly<Record<string, Row>>;

export type ErrorCode = keyof typeof ERROR_CODES;
/** Codes of errors that the caller can act on. */
export type RefusalType = Exclude<ErrorCode, "INTERNAL_ERROR">;

/** Status, retries and headers of a code. */
export const describeCode = (code: ErrorCode): Row => ERROR_CODES[code];

export const isRefusalType = (type: unknown): type is RefusalType =>
	typeof type === "string" && type !== "INTERNAL_ERROR" && Object.hasOwn(ERROR_CODES, type);

/** Failures of Moleculer and of the store by their `type`, with the code that a client gets for each. */
export const FAILURE_CODES: ReadonlyMap<unknown, RefusalType> = new Map([
	["SERVICE_NOT_FOUND", "SERVICE_UNAVAILABLE"],
	["SERVICE_NOT_AVAILABLE", "SERVICE_UNAVAILABLE"],
	["REQUEST_REJECTED", "SERVICE_UNAVAILABLE"],
	["QUEUE_FULL", "SERVICE_UNAVAILABLE"],
	["GRACEFUL_STOPPING", "SERVICE_UNAVAILABLE"],
	["STORE_UNAVAILABLE", "SERVICE_UNAVAILABLE"],
	["REQUEST_SKIPPED", "REQUEST_TIMEOUT"],
	["UNABLE_DECODE_PARAM", "VALIDATION_ERROR"]
]);
