import { deriveDigits } from "../channel-ids";
import type { Trade, TradeRefund } from "../trade-store";
import { formatPlatformTime } from "./platform";

export const buildTransactionId = (paymentNo: string): string =>
	`4200${deriveDigits(`wechat:${paymentNo}`, 24)}`;

/** The session with which the buyer's client pays a prepared order. */
export const buildPrepayId = (paymentNo: string): string =>
	`wx${deriveDigits(`wechat:prepay:${paymentNo}`, 34)}`;

export const buildRefundId = (refundNo: string) => `5030${deriveDigits(`wechat:refund:${refundNo}`, 25)}`;

const STATES = {
	unseen: ["NOTPAY", "订单未支付"],
	waiting: ["NOTPAY", "订单未支付"],
	paid: ["SUCCESS", "支付成功"],
	closed: ["CLOSED", "订单已关闭"]
} as const;

export function toTransactionView(trade: Trade, merchant: { appId: string; merchantId: string }) {
	const { paymentNo, total, status, paidAt, refunds, tradeType = "NATIVE", openid } = trade;
	const [state, description] = refunds.length > 0 ? ["REFUND", "订单发生过退款"] : STATES[status];
	return {
		appid: merchant.appId,
		mchid: merchant.merchantId,
		out_trade_no: paymentNo,
		trade_state: state,
		trade_state_desc: description,
		...(paidAt
			? {
					transaction_id: buildTransactionId(paymentNo),
					trade_type: tradeType,
					bank_type: "OTHERS",
					attach: "",
					success_time: formatPlatformTime(paidAt),
					payer: { openid: openid ?? "sandbox-buyer" },
					amount: { total, payer_total: total, currency: "CNY", payer_currency: "CNY" }
				}
			: {})
	};
}

/** A refund is first accepted (PROCESSING) and done soon after, as at the real platform. */
export function toRefundView(
	trade: Trade,
	{ refundNo, amount, at }: TradeRefund,
	status: "PROCESSING" | "SUCCESS"
) {
	return {
		refund_id: buildRefundId(refundNo),
		out_refund_no: refundNo,
		transaction_id: buildTransactionId(trade.paymentNo),
		out_trade_no: trade.paymentNo,
		channel: "ORIGINAL",
		user_received_account: "支付用户零钱",
		create_time: formatPlatformTime(at),
		...(status === "SUCCESS" ? { success_time: formatPlatformTime(at) } : {}),
		status,
		amount: {
			total: trade.total,
			refund: amount,
			payer_total: trade.total,
			payer_refund: amount,
			currency: "CNY"
		}
	};
}

/** The content of a refund's notification, whose field names differ from those of the API. */
export const toRefundNotification = (
	trade: Trade,
	{ refundNo, amount, at }: TradeRefund,
	merchantId: string
) => ({
	mchid: merchantId,
	transaction_id: buildTransactionId(trade.paymentNo),
	out_trade_no: trade.paymentNo,
	refund_id: buildRefundId(refundNo),
	out_refund_no: refundNo,
	refund_status: "SUCCESS",
	success_time: formatPlatformTime(at),
	user_received_account: "支付用户零钱",
	amount: { total: trade.total, refund: amount, payer_total: trade.total, payer_refund: amount }
});
