import type { Trade } from "./trade-store";

/**
 * Emulates a payment channel. It shares no signing code with the clients in `services/payments` on purpose: otherwise both
 * could agree on the same mistake.
 */
export interface ChannelEmulator {
	/** Answers a request to the channel's API. The caller strips a path prefix first, since WeChat signs the path. */
	handle(request: EmulatorRequest): Promise<EmulatorReply>;
	/**
	 * The buyer pays, or fails to. Behind an Alipay redirect the channel knows no trade before the signed URL is opened, so a
	 * caller without a browser passes it as `actionUrl` to be opened first.
	 */
	pay(paymentNo: string, outcome: "success" | "fail", actionUrl?: string): Promise<PayResult>;
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
