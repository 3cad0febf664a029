/** How the shop talks to a payment channel. Amounts are integer fen everywhere; yuan exist only inside Alipay's adapter. */
export interface PaymentChannel {
	/** The largest amount that it takes in one payment. */
	readonly maxAmount: number;
	/** Prepares the payment at the channel. Repeating it with the same session is safe. */
	create(session: PaymentRequest): Promise<CreateResult>;
	query(paymentNo: string): Promise<QueryResult>;
	/** Ends an unpaid payment. `not_found` is not `closed`: Alipay knows no trade before the buyer scans, yet the code stays payable until it expires. */
	close(paymentNo: string): Promise<CloseResult>;
	/** Idempotent by `refundNo`: after `unknown`, ask `queryRefund` or repeat with the same number, never with a new one. */
	refund(request: RefundRequest): Promise<RefundResult>;
	/** What has to pass between two refunds of one payment. */
	readonly minRefundIntervalMs: number;
	queryRefund(refund: { paymentNo: string; refundNo: string }): Promise<RefundResult>;
	/** Verifies a notification on its raw bytes; throws `NoticeRejected` for anything else than genuine news for this merchant. */
	parseNotification(rawBody: Buffer, headers: Headers): ChannelNotification;
	acknowledge(verdict: Verdict): Acknowledgement;
	/** What moved on a Beijing day (`2026-01-31`), as the channel has it in its books; ready at ten the next morning. */
	bill(date: string): Promise<BillResult>;
}

export type Scene = "page" | "wap" | "qr";

export interface PaymentRequest {
	/** 6–32 of `[0-9A-Za-z_]`, what both channels allow; a number of its own for every attempt. */
	paymentNo: string;
	amount: number;
	/** Our own words, never a shopper's or seller's: Alipay's signing string does not escape it. */
	description: string;
	scene: Scene;
	/** The last moment the channel takes the money. */
	expiresAt: Date;
	/** WeChat wants it for H5. */
	clientIp: string;
}

export interface RefundRequest {
	paymentNo: string;
	/** At most 64 of `[0-9A-Za-z_]`. */
	refundNo: string;
	amount: number;
	/** What was paid in all. */
	total: number;
	reason: string;
}

export interface Action {
	type: "redirect" | "qr";
	url: string;
}

/** Nothing can be concluded: it may have happened or not. Ask again; never take it for a no. */
export interface Unknown {
	outcome: "unknown";
	cause: "timeout" | "network" | "http" | "unsigned" | "malformed" | "busy";
	detail: string;
}

/** The channel's own signed no. */
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

export type CreateResult = { outcome: "created"; action: Action } | Refused | Unknown;

export type QueryResult = Paid | { outcome: "unpaid" | "closed" | "not_found" } | Refused | Unknown;

/** `paid`: too late to close; `unpaid`: the channel would not close it though nothing was paid. */
export type CloseResult = QueryResult;

/** `abnormal`: a person must act at the channel; `closed`: it will never be paid out under this number. */
export type RefundResult =
	| { outcome: "refunded"; amount: number }
	| { outcome: "processing" | "abnormal" | "closed" | "not_found" }
	| Refused
	| Unknown;

/** A payment or refund in a channel's daily bill. */
export interface BillRow {
	kind: "payment" | "refund";
	paymentNo: string;
	/** Ours; null where the refund was not made by its API. */
	refundNo: string | null;
	amount: number;
}

export type BillResult = { outcome: "bill"; rows: readonly BillRow[] } | Refused | Unknown;

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

interface NotificationBase {
	/** The same for every repetition of this news. */
	eventId: string;
	paymentNo: string;
	/** What the payment is about in all: compare it with what was asked for. */
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
	/** Of this refund; null at Alipay, which tells only the sum so far. */
	refundAmount: number | null;
}

export type ChannelNotification = PaymentNotification | RefundNotification;

/** `ok`: durably recorded; `rejected`: not the channel's; `unavailable`: not recorded, send it again. */
export type Verdict = "ok" | "rejected" | "unavailable";

/** The answer a channel's notification demands, to be sent as it stands. */
export interface Acknowledgement {
	status: number;
	contentType: string;
	body: string;
}

/**
 * Why a notification is no news. Two bear the channel's good signature, so that a person must see them: `anomaly` (another app
 * or merchant, an impossible amount) is acknowledged, since a repetition cannot help; `decryption` is not, since it can once
 * the shop's key is right. All others are answered with `rejected`, and forgotten.
 */
export type RejectionReason = "malformed" | "signature" | "stale" | "serial" | "decryption" | "anomaly";

export class NotificationRejected extends Error {
	override readonly name = "NoticeRejected";

	/** `paymentNo`: of an anomaly that tells whose it is. */
	constructor(
		readonly reason: RejectionReason,
		message: string,
		readonly paymentNo: string | null = null
	) {
		super(message);
	}
}

/** What both channels are built from. */
export interface ChannelOptions {
	baseUrl: string;
	appId: string;
	/** Alipay's seller id (PID), WeChat's mchid. */
	merchantId: string;
	notifyUrl: string;
	/** Where the browser comes back to. */
	returnUrl: string;
	clock: () => Date;
	timeoutMs: number;
}
