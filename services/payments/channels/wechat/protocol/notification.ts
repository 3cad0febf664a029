import type { KeyObject } from "node:crypto";
import { parseRfc3339 } from "../../protocol/beijing-time";
import {
	NotificationRejected,
	type NotificationHeaders,
	type ChannelNotification
} from "../../payment-channel";
import { fenField, objectField, parseFields, textField, utf8 } from "../../protocol/json-fields";
import { decryptResource } from "./encryption";
import { findSignatureFault } from "./signing";

interface Receiver {
	appId: string;
	merchantId: string;
	platformKeys: ReadonlyMap<string, KeyObject>;
	apiV3Key: Buffer;
	now: Date;
}

const REFUND_OUTCOMES = { SUCCESS: "refunded", ABNORMAL: "abnormal", CLOSED: "closed" } as const;

/** Parses WeChat Pay's notification, JSON with an encrypted `resource`: TRANSACTION.SUCCESS, REFUND.SUCCESS, .ABNORMAL or .CLOSED. */
export function parseWechatNotification(
	rawBody: Buffer,
	headers: NotificationHeaders,
	receiver: Receiver
): ChannelNotification {
	const fault = findSignatureFault(
		{ header: singleHeader(headers), body: rawBody },
		receiver.platformKeys,
		receiver.now
	);
	if (fault) throw new NotificationRejected(fault.reason, fault.message);
	const event = parseFields(utf8(rawBody) ?? "");
	const opened = decryptResource(objectField(event, "resource"), receiver.apiV3Key);
	if (opened === undefined) throw new NotificationRejected("decryption", "The resource cannot be opened");

	const content = parseFields(opened);
	const anomaly = (message: string): never => {
		throw new NotificationRejected("anomaly", message, textField(content, "out_trade_no"));
	};
	if (textField(content, "mchid") !== receiver.merchantId) anomaly("Meant for another merchant");
	const total = objectField(content, "amount");
	const common = {
		eventId: textField(event, "id") ?? anomaly("id is missing"),
		paymentNo: textField(content, "out_trade_no") ?? anomaly("out_trade_no is missing"),
		amount: fenField(total, "total") ?? anomaly("amount.total is no amount"),
		channelTxnId: textField(content, "transaction_id") ?? anomaly("transaction_id is missing")
	};
	const type = textField(event, "event_type") ?? "";
	if (type === "TRANSACTION.SUCCESS") {
		if (textField(content, "appid") !== receiver.appId) anomaly("Meant for another app");
		if (textField(content, "trade_state") !== "SUCCESS")
			anomaly("A success whose trade_state is another");
		const currency = textField(total, "currency") ?? anomaly("amount.currency is missing");
		const paidAt =
			parseRfc3339(textField(content, "success_time") ?? "") ?? anomaly("success_time cannot be read");
		return { kind: "payment", ...common, currency, outcome: "paid", paidAt };
	}
	const status = textField(content, "refund_status") ?? "";
	if (!isRefundStatus(status) || type !== `REFUND.${status}`) return anomaly("An event that is not known");
	return {
		kind: "refund",
		...common,
		currency: "CNY", // Refund notifications name none; domestic payments have no other.
		refundNo: textField(content, "out_refund_no") ?? anomaly("out_refund_no is missing"),
		outcome: REFUND_OUTCOMES[status],
		refundAmount: fenField(total, "refund") ?? anomaly("amount.refund is no amount")
	};
}

/** Looks a header up. A header that was sent twice counts as missing, since either value might be the one verified. */
const singleHeader = (headers: NotificationHeaders) => (name: string) => {
	const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
	return typeof value === "string" ? value : undefined;
};

const isRefundStatus = (status: string): status is keyof typeof REFUND_OUTCOMES =>
	Object.hasOwn(REFUND_OUTCOMES, status);
