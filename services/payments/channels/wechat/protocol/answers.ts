import { unknown, type Paid, type QueryResult, type RefundResult, type Unknown } from "../../payment-channel";
import { parseRfc3339 } from "../../protocol/beijing-time";
import { fenField, objectField, textField, type Fields } from "../../protocol/json-fields";

/** Reads the answer to a query of a payment. Source: WeChat Pay APIv3's public document on querying orders. */
export function readTransaction(
	fields: Fields,
	request: { paymentNo: string; merchantId: string; appId: string }
): QueryResult {
	const { paymentNo, merchantId, appId } = request;
	const about = ["out_trade_no", "mchid", "appid"].map(name => textField(fields, name));
	if (about.join() !== [paymentNo, merchantId, appId].join())
		return unknown("malformed", "Another payment's answer");
	switch (textField(fields, "trade_state")) {
		case "SUCCESS":
		case "REFUND":
			return readPaid(fields);
		case "NOTPAY":
		case "USERPAYING":
		case "PAYERROR": // The buyer may try again.
			return { outcome: "unpaid" };
		case "CLOSED":
		case "REVOKED":
			return { outcome: "closed" };
		default:
			return unknown("malformed", "No known trade_state");
	}
}

const REFUND_OUTCOMES: ReadonlyMap<string, "processing" | "abnormal" | "closed"> = new Map([
	["PROCESSING", "processing"],
	["ABNORMAL", "abnormal"],
	["CLOSED", "closed"]
]);

function readPaid(fields: Fields): Paid | Unknown {
	const amount = fenField(objectField(fields, "amount"), "total");
	const currency = textField(objectField(fields, "amount"), "currency");
	const channelTxnId = textField(fields, "transaction_id");
	const paidAt = parseRfc3339(textField(fields, "success_time") ?? "");
	if (amount === undefined || !currency || !channelTxnId || !paidAt)
		return unknown("malformed", "Paid, but amount, number or time cannot be read");
	return { outcome: "paid", amount, currency, channelTxnId, paidAt };
}

/** Reads the answer to a refund or to a query of one. */
export function readRefund(fields: Fields, request: { paymentNo: string; refundNo: string }): RefundResult {
	const amount = fenField(objectField(fields, "amount"), "refund");
	const numbers = [textField(fields, "out_trade_no"), textField(fields, "out_refund_no")];
	if (amount === undefined || numbers.join() !== [request.paymentNo, request.refundNo].join())
		return unknown("malformed", "Not the answer about this refund");
	const status = textField(fields, "status") ?? "";
	if (status === "SUCCESS") return { outcome: "refunded", amount };
	const outcome = REFUND_OUTCOMES.get(status);
	return outcome ? { outcome } : unknown("malformed", "No known refund status");
}
