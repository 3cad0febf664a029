import type { KeyObject } from "node:crypto";
import { formatYuan } from "../yuan";
import { formatGatewayTime, signForm, signParams, type Params } from "./gateway";
import { deriveDigits, deriveHex } from "../channel-ids";
import type { NotificationRequest } from "../channel-emulator";
import type { Trade } from "../trade-store";
import { sumRefunds } from "../trade.domain";

interface Sender {
	appId: string;
	sellerId: string;
	key: KeyObject;
	now: Date;
}

export const buildTradeNo = (paymentNo: string): string => `2088${deriveDigits(`alipay:${paymentNo}`, 24)}`;

/** Builds the asynchronous notification of a payment, or with `refundNo` of a refund, which goes to the same address. */
export function buildNotification(
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
		notify_id: deriveHex(`alipay:${paymentNo}:${refundNo ?? ""}`).slice(0, 34),
		notify_time: formatGatewayTime(now),
		seller_id: sellerId,
		buyer_id: "2088000000000001",
		trade_no: buildTradeNo(paymentNo),
		out_trade_no: paymentNo,
		subject: trade.description,
		total_amount: formatYuan(total),
		receipt_amount: formatYuan(total),
		buyer_pay_amount: formatYuan(total),
		fund_bill_list: JSON.stringify([{ amount: formatYuan(total), fundChannel: "ALIPAYACCOUNT" }]),
		gmt_create: formatGatewayTime(createdAt),
		gmt_payment: formatGatewayTime(paidAt ?? now),
		trade_status: "TRADE_SUCCESS",
		...(refundNo === undefined ? {} : buildRefundFields(trade, refundNo))
	};
	return {
		url: trade.notifyUrl,
		headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
		body: signForm(params, key)
	};
}

/** The parameters that Alipay adds to the merchant's return address. Those that the merchant put there are signed too. */
export function buildReturnParams(
	{ paymentNo, total }: Trade,
	returnUrl: URL,
	{ appId, sellerId, key, now }: Sender
): Params {
	const params: Params = {
		app_id: appId,
		auth_app_id: appId,
		charset: "utf-8",
		method: "alipay.trade.page.pay.return",
		out_trade_no: paymentNo,
		seller_id: sellerId,
		timestamp: formatGatewayTime(now),
		total_amount: formatYuan(total),
		trade_no: buildTradeNo(paymentNo),
		version: "1.0"
	};
	const sign = signParams({ ...Object.fromEntries(returnUrl.searchParams), ...params }, key);
	return { ...params, sign_type: "RSA2", sign };
}

/** The sum of the refunds up to this one; the trade is closed when nothing is left. */
function buildRefundFields(trade: Trade, refundNo: string): Params {
	const upTo = trade.refunds.slice(0, trade.refunds.findIndex(refund => refund.refundNo === refundNo) + 1);
	const fee = sumRefunds({ ...trade, refunds: upTo });
	const at = upTo.at(-1)?.at ?? trade.createdAt;
	return {
		refund_fee: formatYuan(fee),
		gmt_refund: `${formatGatewayTime(at)}.000`,
		out_biz_no: refundNo,
		trade_status: fee === trade.total ? "TRADE_CLOSED" : "TRADE_SUCCESS"
	};
}
