import type { PaymentAction, PaymentScene } from "../../../schemas/payments.contract";

/** A payment channel as the shop talks to it. All amounts are integer fen; yuan exist only in `alipay/`. */
export interface PaymentChannel {
	/** The largest amount of one payment. */
	readonly maxAmount: number;
	/** Prepares the payment at the channel. A repetition with the same request is safe. */
	create(request: PaymentRequest): Promise<CreateResult>;
	query(paymentNo: string): Promise<QueryResult>;
	/** Closes an unpaid payment. `not_found` is not `closed`: Alipay knows no trade before the buyer scans, yet the code stays payable until it expires. */
	close(paymentNo: string): Promise<CloseResult>;
	/** Idempotent by `refundNo`: after `unknown`, call `queryRefund` or repeat with the same number, never with a new one. */
	refund(request: RefundRequest): Promise<RefundResult>;
	readonly minRefundIntervalMs: number;
	queryRefund(refund: { paymentNo: string; refundNo: string }): Promise<RefundResult>;
	/** Verifies a notification's raw bytes. Throws `NotificationRejected` unless it is genuine and for this merchant. */
	parseNotification(rawBody: Buffer, headers: NotificationHeaders): ChannelNotification;
	acknowledge(verdict: Verdict): Acknowledgement;
	/** The channel's list of the payments and refunds of a Beijing day (`2026-01-31`); ready at ten the next morning. */
	bill(date: string): Promise<BillResult>;
}

export interface PaymentRequest {
	/** 6–32 characters of `[0-9A-Za-z_]`, which both channels allow. Every attempt has a number of its own. */
	paymentNo: string;
	amount: number;
	/** The shop's own text, never a shopper's or seller's, since Alipay's signing string does not escape it. */
	description: string;
	scene: PaymentScene;
	/** The last moment at which the channel takes the money. */
	expiresAt: Date;
	/** Required by WeChat for H5. */
	clientIp: string;
	/** The page to which the channel sends the browser back; the shop's own by default. */
	returnUrl?: string;
	/** The shopper's id at the channel; required for `jsapi` and `mini`. */
	openid?: string;
}

export interface RefundRequest {
	paymentNo: string;
	/** At most 64 characters of `[0-9A-Za-z_]`. */
	refundNo: string;
	amount: number;
	/** The whole paid amount of the payment. */
	total: number;
	/** Not empty. The channel's client cuts it to the length that the channel takes. */
	reason: string;
}

/** No conclusion is possible: the request may have been carried out or not. Ask again, and never treat this as a refusal. */
export interface Unknown {
	outcome: "unknown";
	cause: "timeout" | "network" | "http" | "unsigned" | "malformed" | "busy";
	detail: string;
}

export const unknown = (cause: Unknown["cause"], detail: string): Unknown => ({
	outcome: "unknown",
	cause,
	detail
});

/** The channel's own, signed refusal. */
export interface Refused {
	outcome: "refused";
	code: string;
	message: string;
}

/** The money was taken, even if part or all of it has gone back since. */
export interface Paid {
	outcome: "paid";
	amount: number;
	currency: string;
	channelTxnId: string;
	paidAt: Date;
}

export type CreateResult = { outcome: "created"; action: PaymentAction } | Refused | Unknown;

export type QueryResult = Paid | { outcome: "unpaid" | "closed" | "not_found" } | Refused | Unknown;

/** `paid`: too late to close; `unpaid`: the channel would not close it though nothing was paid. */
export type CloseResult = QueryResult;

/** `abnormal`: staff must act at the channel. `closed`: the channel will never pay out a refund of this number. */
export type RefundResult =
	| { outcome: "refunded"; amount: number }
	| { outcome: "processing" | "abnormal" | "closed" | "not_found" }
	| Refused
	| Unknown;

/** A payment or refund on a channel's daily bill. */
export interface BillRow {
	kind: "payment" | "refund";
	paymentNo: string;
	/** The shop's refund number; null where the refund was not requested by API. */
	refundNo: string | null;
	amount: number;
}

export type BillResult = { outcome: "bill"; rows: readonly BillRow[] } | Refused | Unknown;

export type NotificationHeaders = Readonly<Record<string, string | string[] | undefined>>;

interface NotificationBase {
	/** The same for every repetition of the notification. */
	eventId: string;
	paymentNo: string;
	/** The whole amount of the payment, to be compared with the one that was requested. */
	amount: number;
	currency: string;
	channelTxnId: string;
}

export interface PaymentNotification extends NotificationBase {
	kind: "payment";
	outcome: "paid" | "unpaid" | "closed";
	/** Set when paid. */
	paidAt: Date | null;
}

export interface RefundNotification extends NotificationBase {
	kind: "refund";
	refundNo: string;
	outcome: "refunded" | "abnormal" | "closed";
	/** The amount of this refund; null for Alipay, which tells only the sum of all refunds so far. */
	refundAmount: number | null;
}

export type ChannelNotification = PaymentNotification | RefundNotification;

/** `ok`: durably stored. `rejected`: not from the channel. `unavailable`: not stored, to be sent again. */
export type Verdict = "ok" | "rejected" | "unavailable";

/** The HTTP answer that the channel expects to its notification. */
export interface Acknowledgement {
	status: number;
	contentType: string;
	body: string;
}

/**
 * Two reasons come with the channel's good signature, so staff must see them. An `anomaly` (another app or merchant, an
 * impossible amount) is acknowledged, since a repetition would not help. A `decryption` failure is not acknowledged, since a
 * repetition helps once the shop's key is right. Notifications rejected for another reason are not stored.
 */
export type RejectionReason = "malformed" | "signature" | "stale" | "serial" | "decryption" | "anomaly";

export class NotificationRejected extends Error {
	override readonly name = "NotificationRejected";

	/** @param paymentNo The payment number in an anomaly, if there is one. */
	constructor(
		readonly reason: RejectionReason,
		message: string,
		readonly paymentNo: string | null = null
	) {
		super(message);
	}
}

export interface ChannelOptions {
	baseUrl: string;
	appId: string;
	/** Alipay's seller id (PID), WeChat's mchid. */
	merchantId: string;
	notifyUrl: string;
	/** The page to which the channel sends the browser back where a request names none. */
	returnUrl: string;
	clock: () => Date;
	timeoutMs: number;
}
