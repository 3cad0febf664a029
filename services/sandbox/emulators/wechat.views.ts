import { digitsFrom } from "./channel-ids";
import type { Trade, TradeRefund } from "./trade-store";
import { platformTime } from "./wechat.platform";

/** Trades and refunds in WeChat Pay's own fields. */
export const transactionId = (paymentNo: string): string => `4200${digitsFrom(`wechat:${paymentNo}`, 24)}`;

export const refundId = (refundNo: string) => `5030${digitsFrom(`wechat:refund:${refundNo}`, 25)}`;

const STATES = {
	unseen: ["NOTPAY", "订单未支付"],
	waiting: ["NOTPAY", "订单未支付"],
	paid: ["SUCCESS", "支付成功"],
	closed: ["CLOSED", "订单已关闭"]
} as const;

export function transactionView(trade: Trade, merchant: { appId: string; merchantId: string }) {
	const { paymentNo, total, status, paidAt, refunds } = trade;
	const [state, description] = refunds.length > 0 ? ["REFUND", "订单发生过退款"] : STATES[status];
	return {
		appid: merchant.appId,
		mchid: merchant.merchantId,
		out_trade_no: paymentNo,
		trade_state: state,
		trade_state_desc: description,
		...(paidAt
			? {
					transaction_id: transactionId(paymentNo),
					trade_type: "NATIVE",
					bank_type: "OTHERS",
					attach: "",
					success_time: platformTime(paidAt),
					payer: { openid: "sandbox-buyer" },
					amount: { total, payer_total: total, currency: "CNY", payer_currency: "CNY" }
				}
			: {})
	};
}

/** Accepted first, done soon after: who takes PROCESSING for the end is wrong. */
export function refundView(
	trade: Trade,
	{ refundNo, amount, at }: TradeRefund,
	status: "PROCESSING" | "SUCCESS"
) {
	return {
		refund_id: refundId(refundNo),
		out_refund_no: refundNo,
		transaction_id: transactionId(trade.paymentNo),
		out_trade_no: trade.paymentNo,
		channel: "ORIGINAL",
		user_received_account: "支付用户零钱",
		create_time: platformTime(at),
		...(status === "SUCCESS" ? { success_time: platformTime(at) } : {}),
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

/** What a refund's notification tells, in names of its own. */
export const refundNotificationView = (
	trade: Trade,
	{ refundNo, amount, at }: TradeRefund,
	merchantId: string
) => ({
	mchid: merchantId,
	transaction_id: transactionId(trade.paymentNo),
	out_trade_no: trade.paymentNo,
	refund_id: refundId(refundNo),
	out_refund_no: refundNo,
	refund_status: "SUCCESS",
	success_time: platformTime(at),
	user_received_account: "支付用户零钱",
	amount: { total: trade.total, refund: amount, payer_total: trade.total, payer_refund: amount }
});
