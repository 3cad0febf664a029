import type { Logger } from "./log";

/**
 * The errors that the shop logs (level 50), each by a stable code for alerts and searches, and its text. docs/log-codes.md says
 * what each one means and what to do.
 */
export const LOG_CODES = {
	AUDIT_NOT_RECORDED: "Not in the audit log",
	CALLER_NOT_SIGNED: "A call in the name of a user for whom no gateway vouches",
	CHANNEL_DID_NOT_BEGIN: "The channel did not begin a payment",
	CHANNEL_REFUSED_PAYMENT: "The channel refused a payment",
	CLOCK_JUMPED: "The clock jumped ahead: orders keep their time unless that lasts",
	DATA_LOST: "Data was taken away: put it back, and start the shop again",
	DEAD_LETTER_NOT_STORED: "A dead letter could not be stored",
	DEMO_DATA_NOT_LOADED: "The demo data was not loaded",
	FACT_GIVEN_UP: "A fact could not be handled and is a dead letter now",
	FACTS_NOT_DELETED: "Old facts could not be deleted; trying again",
	FACTS_NOT_READ: "The facts queue could not be read; trying again",
	FACTS_NOT_SETTLED: "Facts could not be claimed or settled; trying again",
	INVARIANT_BROKEN: "An invariant of the shop is broken",
	INVARIANTS_NOT_CHECKED: "The invariants could not be checked",
	LOOP_FAILED: "A background loop failed; trying again",
	NATS_SUBSCRIPTION_REFUSED: "NATS refuses a subscription",
	NOTIFICATION_FAILED: "A notification could not be taken in",
	NOTIFICATION_UNMATCHED: "A notification needs a person",
	ORDER_DEADLINE_FAILED: "An order past its deadline stays for the next sweep",
	PAYMENT_ANOMALY: "Anomaly of a payment",
	PAYMENT_SWEEP_FAILED: "Left for the next sweep",
	RECONCILIATION_DIFFERS: "The channel's books differ from ours",
	RECONCILIATION_FAILED: "Not reconciled; the next sweep tries again",
	REQUEST_FAILED: "A request failed",
	STREAM_LIMITS_NOT_SET: "The stream of facts keeps its old limits",
	SWEEP_FAILED: "A sweep failed",
	TRACKING_PUSH_FAILED: "A tracking push could not be taken in",
	WEBHOOK_DELIVERY_FAILED: "A delivery failed within the shop"
} as const;

export type LogCode = keyof typeof LOG_CODES;

export const isLogCode = (code: unknown): code is LogCode =>
	typeof code === "string" && Object.hasOwn(LOG_CODES, code);

/** Logs one of the shop's errors. The details are searched for, so they have ids, and an `err` if there is one. */
export function logError(logger: Pick<Logger, "error">, code: LogCode, details: object = {}): void {
	logger.error({ code, ...details }, LOG_CODES[code]);
}
