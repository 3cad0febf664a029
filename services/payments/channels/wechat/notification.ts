import type { KeyObject } from "node:crypto";
import { dateFromRfc3339 } from "../beijing-time";
import { NotificationRejected, type Headers, type ChannelNotification } from "../payment-channel";
import { fenField, objectField, parseFields, textField, utf8 } from "../json-fields";
import { findSignatureFault, decryptResource } from "./wire";

interface Receiver {
	appId: string;
	merchantId: string;
	platformKeys: ReadonlyMap<string, KeyObject>;
	apiV3Key: Buffer;
	clock: () => Date;
}

const REFUND_OUTCOMES = { SUCCESS: "refunded", ABNORMAL: "abnormal", CLOSED: "closed" } as const;

/** WeChat Pay's notification: JSON whose `resource` is encrypted; TRANSACTION.SUCCESS, REFUND.SUCCESS, .ABNORMAL or .CLOSED. */
export function parseWechatNotification(
	rawBody: Buffer,
	headers: Headers,
	receiver: Receiver
): ChannelNotification {
	const breach = findSignatureFault(
		{ header: single(headers), body: rawBody },
		receiver.platformKeys,
		receiver.clock()
	);
	if (breach) throw new NotificationRejected(breach.reason, breach.message);
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
			dateFromRfc3339(textField(content, "success_time") ?? "") ??
			anomaly("success_time cannot be read");
		return { kind: "payment", ...common, currency, outcome: "paid", paidAt };
	}
	const status = textField(content, "refund_status") ?? "";
	if (!isRefundStatus(status) || type !== `REFUND.${status}`) return anomaly("An event that is not known");
	return {
		kind: "refund",
		...common,
		currency: "CNY", // a refund's notification names none: domestic payments have no other
		refundNo: textField(content, "out_refund_no") ?? anomaly("out_refund_no is missing"),
		outcome: REFUND_OUTCOMES[status],
		refundAmount: fenField(total, "refund") ?? anomaly("amount.refund is no amount")
	};
}

/** A header sent twice is none: which of the two was verified would be a matter of chance. */
const single = (headers: Headers) => (name: string) => {
	const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
	return typeof value === "string" ? value : undefined;
};

const isRefundStatus = (status: string): status is keyof typeof REFUND_OUTCOMES =>
	Object.hasOwn(REFUND_OUTCOMES, status);
