import type { Trade } from "./trade-store";

/**
 * Emulates a payment channel. It shares no signing code with the clients in `services/payments` on purpose: otherwise both
 * could agree on the same mistake.
 */
export interface ChannelEmulator {
	/** Answers a request to the channel's API. The caller strips a path prefix first, since WeChat signs the path. */
	handle(request: EmulatorRequest): Promise<EmulatorReply>;
	/**
	 * The buyer pays, or fails to. Alipay knows no trade before the signed URL or order string is opened, so a caller without a
	 * browser passes the payment's `action` to be opened first. Parameters for WeChat's client are verified as it does.
	 */
	pay(paymentNo: string, outcome: "success" | "fail", action?: ClientAction | null): Promise<PayResult>;
	/** The merchant's page for a buyer who has paid, as the channel itself calls it; null where the channel knows none. */
	buildReturnUrl(paymentNo: string): Promise<string | null>;
	/** The buyer opens the cashier. From then on Alipay's query and close know the trade. */
	openCashier(paymentNo: string): Promise<Trade | undefined>;
	/** The payment's notification again: the same event with a fresh signature; undefined unless the trade is paid. */
	paymentNotification(
		paymentNo: string,
		options?: NotificationOptions
	): Promise<NotificationRequest | undefined>;
	refundNotification(
		paymentNo: string,
		refundNo: string,
		options?: NotificationOptions
	): Promise<NotificationRequest | undefined>;
}

/** What the merchant's client hands to the channel: a URL to open, or parameters for its SDK. */
export interface ClientAction {
	readonly url?: string | undefined;
	readonly params?: Readonly<Record<string, string>> | undefined;
}

export interface NotificationOptions {
	/** Signs with a key that is not the channel's. */
	forged?: boolean;
}

export interface EmulatorRequest {
	method: string;
	/** As received, still percent-encoded. */
	path: string;
	/** As received, without the question mark. */
	query: string;
	/** Names in lower case, as Node gives them. */
	headers: Readonly<Record<string, string | string[] | undefined>>;
	rawBody: Buffer;
}

export interface EmulatorReply {
	status: number;
	headers: Record<string, string>;
	body: string | Buffer;
	/** Notifications that the channel sends to the merchant because of this request, to be posted after the reply. */
	notifications: NotificationRequest[];
}

/** An HTTP request to the merchant's notification address, ready to POST. */
export interface NotificationRequest {
	url: string;
	headers: Record<string, string>;
	body: string;
}

/** `again`: the trade was paid before and no more money was taken; the notification is the former one. */
export type PayResult =
	| { outcome: "paid" | "again"; notification: NotificationRequest }
	| { outcome: "failed" | "not_found" | "closed" | "expired" };

export const reply = (
	status: number,
	headers: Record<string, string>,
	body: string | Buffer = "",
	notifications: NotificationRequest[] = []
): EmulatorReply => ({ status, headers, body, notifications });
