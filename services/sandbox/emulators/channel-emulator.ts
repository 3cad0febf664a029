import type { Trade } from "./trade-store";

/**
 * A payment channel's stand-in. It is written apart from the clients in `services/payments` on purpose: sharing their signing
 * code would let both agree on the same mistake.
 */
export interface ChannelEmulator {
	/** The channel's API. A host under a prefix strips it first: WeChat signs the path. */
	handle(request: EmulatorRequest): Promise<EmulatorReply>;
	/**
	 * The buyer pays, or tries to. With Alipay's redirects the channel knows nothing before the signed URL was opened: who pays
	 * without a browser hands that URL over as `actionUrl`, to be opened first.
	 */
	pay(paymentNo: string, outcome: "success" | "fail", actionUrl?: string): Promise<PayResult>;
	/** The buyer opens the cashier; Alipay's trades exist for query and close from here on. */
	openCashier(paymentNo: string): Promise<Trade | undefined>;
	/** The payment's notification anew: same event, fresh signature; undefined unless it was paid. */
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
	/** Signed by a key that is not the channel's. */
	forged?: boolean;
}

export interface EmulatorRequest {
	method: string;
	/** As it came, still escaped. */
	path: string;
	/** As it came, without the question mark. */
	query: string;
	/** Names in lower case, as Node gives them. */
	headers: Readonly<Record<string, string | string[] | undefined>>;
	rawBody: Buffer;
}

export interface EmulatorReply {
	status: number;
	headers: Record<string, string>;
	body: string | Buffer;
	/** What the channel then tells the merchant by itself: to be posted once the reply is out. */
	notifications: NotificationRequest[];
}

/** Ready to POST. */
export interface NotificationRequest {
	url: string;
	headers: Record<string, string>;
	body: string;
}

/** `again`: paid before, nothing more was taken; the notice is the one of then. */
export type PayResult =
	| { outcome: "paid" | "again"; notification: NotificationRequest }
	| { outcome: "failed" | "not_found" | "closed" | "expired" };

export const reply = (
	status: number,
	headers: Record<string, string>,
	body: string | Buffer = "",
	notices: NotificationRequest[] = []
): EmulatorReply => ({ status, headers, body, notifications: notices });
