import {
	unknown,
	type Paid,
	type QueryResult,
	type RefundResult,
	type Refused,
	type Unknown
} from "../../payment-channel";
import { parseBeijingTime } from "../../protocol/beijing-time";
import { textField, type Fields } from "../../protocol/json-fields";
import { parseYuan } from "./yuan";

export type Answer = { outcome: "ok"; fields: Fields } | Refused | Unknown;

/** Codes by which Alipay says that it does not know whether it carried the request out. */
const UNCERTAIN_CODES = new Set([
	"ACQ.SYSTEM_ERROR",
	"aop.ACQ.SYSTEM_ERROR",
	"isp.unknow-error",
	"isp.unknown-error"
]);

/** Reads the outcome of any call from its verified node. */
export function readAnswer(fields: Fields | undefined): Answer {
	const code = textField(fields, "code");
	if (!fields || !code) return unknown("malformed", "No code");
	if (code === "10000") return { outcome: "ok", fields };
	const subCode = textField(fields, "sub_code") ?? code;
	const message = textField(fields, "sub_msg") ?? textField(fields, "msg") ?? "";
	if (code === "20000" || UNCERTAIN_CODES.has(subCode)) return unknown("busy", `${subCode} ${message}`);
	return { outcome: "refused", code: subCode, message };
}

function readPaid(fields: Fields): Paid | Unknown {
	const amount = parseYuan(textField(fields, "total_amount") ?? "");
	const channelTxnId = textField(fields, "trade_no");
	const paidAt = parseBeijingTime(textField(fields, "send_pay_date") ?? "");
	if (amount === undefined || !channelTxnId || !paidAt)
		return unknown("malformed", "Paid, but amount, number or time cannot be read");
	return {
		outcome: "paid",
		amount,
		currency: textField(fields, "trans_currency") ?? "CNY",
		channelTxnId,
		paidAt
	};
}

/** Reads the answer to a query of a payment. Source: Alipay's public document on alipay.trade.query. */
export function readTrade(fields: Fields, paymentNo: string): QueryResult {
	if (textField(fields, "out_trade_no") !== paymentNo)
		return unknown("malformed", "Another payment's answer");
	switch (textField(fields, "trade_status")) {
		case "WAIT_BUYER_PAY":
			return { outcome: "unpaid" };
		case "TRADE_SUCCESS":
		case "TRADE_FINISHED":
			return readPaid(fields);
		case "TRADE_CLOSED": // expired, or paid and fully refunded; only the latter has a time of payment
			return textField(fields, "send_pay_date") ? readPaid(fields) : { outcome: "closed" };
		default:
			return unknown("malformed", "No known trade_status");
	}
}

/** Reads the answer to a query of a refund. */
export function readRefund(fields: Fields, refundNo: string): RefundResult {
	// Without a status there is no such refund, or it failed. The same number may be tried again.
	if (textField(fields, "refund_status") !== "REFUND_SUCCESS") return { outcome: "not_found" };
	const amount = parseYuan(textField(fields, "refund_amount") ?? "");
	if (amount === undefined || textField(fields, "out_request_no") !== refundNo)
		return unknown("malformed", "Not the answer about this refund");
	return { outcome: "refunded", amount };
}
