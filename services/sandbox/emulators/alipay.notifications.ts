import type { KeyObject } from "node:crypto";
import { gatewayTime, signedForm, yuan, type Params } from "./alipay.gateway";
import { digitsFrom, hexFrom } from "./channel-ids";
import type { NotificationRequest } from "./channel-emulator";
import type { Trade } from "./trade-store";
import { refundedTotal } from "./trade.domain";

interface Sender {
	appId: string;
	sellerId: string;
	key: KeyObject;
	now: Date;
}

export const tradeNo = (paymentNo: string): string => `2088${digitsFrom(`alipay:${paymentNo}`, 24)}`;

/** The asynchronous notification of a payment, or with `refundNo` of a refund, which goes to the payment's address as well. */
export function alipayNotification(
	trade: Trade,
	refundNo: string | undefined,
	{ appId, sellerId, key, now }: Sender
): NotificationRequest {
	const { paymentNo, total, paidAt, createdAt } = trade;
	const params: Params = {
		app_id: appId,
		auth_app_id: appId,
		charset: "utf-8",
		version: "1.0",
		notify_type: "trade_status_sync",
		notify_id: hexFrom(`alipay:${paymentNo}:${refundNo ?? ""}`).slice(0, 34),
		notify_time: gatewayTime(now),
		seller_id: sellerId,
		buyer_id: "2088000000000001",
		trade_no: tradeNo(paymentNo),
		out_trade_no: paymentNo,
		subject: trade.description,
		total_amount: yuan(total),
		receipt_amount: yuan(total),
		buyer_pay_amount: yuan(total),
		fund_bill_list: JSON.stringify([{ amount: yuan(total), fundChannel: "ALIPAYACCOUNT" }]),
		gmt_create: gatewayTime(createdAt),
		gmt_payment: gatewayTime(paidAt ?? now),
		trade_status: "TRADE_SUCCESS",
		...(refundNo === undefined ? {} : refundFields(trade, refundNo))
	};
	return {
		url: trade.notifyUrl,
		headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
		body: signedForm(params, key)
	};
}

/** As it stood after that refund: the sum so far, and closed when nothing is left. */
function refundFields(trade: Trade, refundNo: string): Params {
	const upTo = trade.refunds.slice(0, trade.refunds.findIndex(refund => refund.refundNo === refundNo) + 1);
	const fee = refundedTotal({ ...trade, refunds: upTo });
	const at = upTo.at(-1)?.at ?? trade.createdAt;
	return {
		refund_fee: yuan(fee),
		gmt_refund: `${gatewayTime(at)}.000`,
		out_biz_no: refundNo,
		trade_status: fee === trade.total ? "TRADE_CLOSED" : "TRADE_SUCCESS"
	};
}
