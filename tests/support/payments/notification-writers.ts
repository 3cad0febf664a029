import { createPrivateKey, type KeyObject } from "node:crypto";
import { SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../../infrastructure/sandbox-keys/keys";
import type { ChannelName } from "../../../schemas/payments.contract";
import { formatGatewayTime, signForm, type Params } from "../../../services/sandbox/emulators/alipay/gateway";
import { formatYuan } from "../../../services/sandbox/emulators/yuan";
import { deriveDigits } from "../../../services/sandbox/emulators/channel-ids";
import type { NotificationRequest } from "../../../services/sandbox/emulators/channel-emulator";
import {
	formatPlatformTime,
	encryptEvent,
	signHeaders
} from "../../../services/sandbox/emulators/wechat/platform";
import { unique } from "../builders";

type Payment = { readonly paymentNo: string; readonly amount: number };
/** Writes a notification in the channel's format and with its key, although nobody paid. */
export type NotificationWriter = (payment: Payment, changes?: NotificationChanges) => NotificationRequest;
export type NotificationChanges = {
	/** Replace fields of the form, or of the encrypted content. */
	readonly fields?: object;
	readonly key?: KeyObject;
	readonly now?: Date;
	/** This and the rest are for WeChat Pay alone. */
	readonly serial?: string;
	readonly type?: string;
	readonly apiV3Key?: string;
	/** Changes the body before it is signed. */
	readonly body?: (genuine: string) => string;
};

export const CHANNEL_KEYS: Readonly<Record<ChannelName, KeyObject>> = {
	alipay: createPrivateKey(SANDBOX_ALIPAY.platform.privateKey),
	wechat: createPrivateKey(SANDBOX_WECHAT.platform.privateKey)
};
export const ACK_STATUS: Readonly<Record<ChannelName, number>> = { alipay: 200, wechat: 204 };

export const createWriters = (shopUrl: string): Readonly<Record<ChannelName, NotificationWriter>> => {
	const url = (channel: ChannelName) => `${shopUrl}/api/v1/payments/notify/${channel}`;
	return {
		alipay: ({ paymentNo, amount }, { fields, key = CHANNEL_KEYS.alipay, now = new Date() } = {}) => ({
			url: url("alipay"),
			headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
			body: signForm({ ...buildAlipayForm(paymentNo, amount, now), ...(fields as Params) }, key)
		}),
		wechat: (payment, changes = {}) => {
			const {
				fields,
				key = CHANNEL_KEYS.wechat,
				now = new Date(),
				serial = SANDBOX_WECHAT.platformSerial
			} = changes;
			const { type = "TRANSACTION.SUCCESS", apiV3Key = SANDBOX_WECHAT.apiV3Key, body = same } = changes;
			const content = { ...buildWechatTransaction(payment, now), ...fields };
			const event = {
				seed: unique("event-"),
				type,
				summary: "",
				resourceType: "transaction",
				content
			} as const;
			const text = body(encryptEvent(event, apiV3Key, now));
			const headers = {
				"content-type": "application/json",
				...signHeaders(text, { serial, key, now })
			};
			return { url: url("wechat"), headers, body: text };
		}
	};
};

const same = (text: string) => text;

const buildAlipayForm = (paymentNo: string, amount: number, now: Date): Params => ({
	app_id: SANDBOX_ALIPAY.appId,
	seller_id: SANDBOX_ALIPAY.sellerId,
	charset: "utf-8",
	notify_type: "trade_status_sync",
	notify_id: unique("notice-"),
	notify_time: formatGatewayTime(now),
	out_trade_no: paymentNo,
	trade_no: deriveDigits(paymentNo, 28),
	subject: "zjMall",
	total_amount: formatYuan(amount),
	trade_status: "TRADE_SUCCESS",
	gmt_payment: formatGatewayTime(now)
});

const buildWechatTransaction = ({ paymentNo, amount }: Payment, now: Date) => ({
	appid: SANDBOX_WECHAT.appId,
	mchid: SANDBOX_WECHAT.merchantId,
	out_trade_no: paymentNo,
	transaction_id: deriveDigits(paymentNo, 28),
	trade_state: "SUCCESS",
	success_time: formatPlatformTime(now),
	amount: { total: amount, currency: "CNY" }
});

/** The fields in which the channel writes the total. */
export const totalFields = (channel: ChannelName, total: unknown) =>
	channel === "alipay" ? { total_amount: total } : { amount: { total, currency: "CNY" } };

/** Changes a notification after it was signed. */
export type Forgery = (genuine: NotificationRequest) => NotificationRequest;
export const unchanged: Forgery = notification => notification;
export const changeBody =
	(change: (text: string) => string): Forgery =>
	notification => ({ ...notification, body: change(notification.body) });
