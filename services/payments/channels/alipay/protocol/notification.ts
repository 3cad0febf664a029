import type { KeyObject } from "node:crypto";
import { parseForm, canBeResplit, buildSigningString } from "./signing";
import { parseBeijingTime } from "../../protocol/beijing-time";
import { NotificationRejected, type ChannelNotification } from "../../payment-channel";
import { verifyRsaByAny } from "../../protocol/rsa";
import { parseYuan } from "./yuan";

interface Receiver {
	appId: string;
	merchantId: string;
	alipayKeys: readonly KeyObject[];
}

/**
 * Parses Alipay's asynchronous notification (`trade_status_sync`), a form. Refunds have no type of their own: they come as
 * TRADE_SUCCESS (partial) or TRADE_CLOSED (full) with refund_fee, gmt_refund and out_biz_no, our refund number.
 */
export function parseAlipayNotification(
	rawBody: Buffer,
	{ appId, merchantId, alipayKeys }: Receiver
): ChannelNotification {
	const form = verify(rawBody, alipayKeys);
	const anomaly = (message: string): never => {
		throw new NotificationRejected("anomaly", message, form.get("out_trade_no"));
	};
	const time = (text: string): Date => parseBeijingTime(text) ?? anomaly("A time cannot be read");
	const field = (name: string) => form.get(name) ?? anomaly(`${name} is missing`);

	if (field("app_id") !== appId) anomaly("Meant for another app");
	if (field("seller_id") !== merchantId) anomaly("Meant for another seller");
	if (field("notify_type") !== "trade_status_sync") anomaly("Another kind of notification");
	const common = {
		eventId: field("notify_id"),
		paymentNo: field("out_trade_no"),
		amount: parseYuan(field("total_amount")) ?? anomaly("total_amount is no amount"),
		currency: form.get("trans_currency") ?? "CNY",
		channelTxnId: field("trade_no")
	};
	const status = field("trade_status");
	if ((status === "TRADE_SUCCESS" || status === "TRADE_CLOSED") && form.has("refund_fee"))
		return {
			kind: "refund",
			...common,
			refundNo: field("out_biz_no"),
			outcome: "refunded",
			refundAmount: null
		};
	switch (status) {
		case "TRADE_SUCCESS":
		case "TRADE_FINISHED":
			return { kind: "payment", ...common, outcome: "paid", paidAt: time(field("gmt_payment")) };
		case "TRADE_CLOSED":
			return { kind: "payment", ...common, outcome: "closed", paidAt: null };
		case "WAIT_BUYER_PAY":
			return { kind: "payment", ...common, outcome: "unpaid", paidAt: null };
		default:
			return anomaly("trade_status is unknown");
	}
}

function verify(rawBody: Buffer, alipayKeys: readonly KeyObject[]): ReadonlyMap<string, string> {
	const form = parseForm(rawBody);
	if (!form) throw new NotificationRejected("malformed", "Not a form with each name once");
	if (form.get("sign_type") !== "RSA2")
		throw new NotificationRejected("signature", "sign_type must be RSA2");
	if (form.has("charset") && form.get("charset")?.toLowerCase() !== "utf-8")
		throw new NotificationRejected("malformed", "charset must be utf-8");
	const signed = new Map([...form].filter(([name]) => name !== "sign" && name !== "sign_type"));
	if (canBeResplit(signed))
		throw new NotificationRejected("malformed", "A value can be cut into further parameters");
	if (!verifyRsaByAny(alipayKeys, buildSigningString(signed), form.get("sign") ?? ""))
		throw new NotificationRejected("signature", "Not signed by Alipay");
	return signed;
}
