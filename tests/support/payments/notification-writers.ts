import { createPrivateKey, type KeyObject } from "node:crypto";
import { SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../../infrastructure/sandbox-keys/keys";
import type { ChannelName } from "../../../schemas/payments.contract";
import {
	formatGatewayTime,
	signForm,
	formatYuan,
	type Params
} from "../../../services/sandbox/emulators/alipay/gateway";
import { deriveDigits } from "../../../services/sandbox/emulators/channel-ids";
import type { NotificationRequest } from "../../../services/sandbox/emulators/channel-emulator";
import {
	formatPlatformTime,
	encryptEvent,
	signHeaders
} from "../../../services/sandbox/emulators/wechat/platform";
import { unique } from "../builders";

/** Notices in a channel's own writing and with its own keys, of whatever it never said: nobody paid. */
type Payment = { readonly paymentNo: string; readonly amount: number };
export type NotificationWriter = (payment: Payment, changes?: NotificationChanges) => NotificationRequest;
export type NotificationChanges = {
	/** Fields of the form, or of what is sealed, in place of the genuine. */
	readonly fields?: object;
	readonly key?: KeyObject;
	readonly now?: Date;
	/** WeChat Pay's alone. */
	readonly serial?: string;
	readonly type?: string;
	readonly apiV3Key?: string;
	/** Before it is signed. */
	readonly body?: (genuine: string) => string;
};

export const KEYS: Readonly<Record<ChannelName, KeyObject>> = {
	alipay: createPrivateKey(SANDBOX_ALIPAY.platform.privateKey),
	wechat: createPrivateKey(SANDBOX_WECHAT.platform.privateKey)
};
export const ACK: Readonly<Record<ChannelName, number>> = { alipay: 200, wechat: 204 };

/** A set of writers at a shop. */
export const writersAt = (shopUrl: string): Readonly<Record<ChannelName, NotificationWriter>> => {
	const url = (channel: ChannelName) => `${shopUrl}/api/v1/payments/notify/${channel}`;
	return {
		alipay: ({ paymentNo, amount }, { fields, key = KEYS.alipay, now = new Date() } = {}) => ({
			url: url("alipay"),
			headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
			body: signForm({ ...alipaysForm(paymentNo, amount, now), ...(fields as Params) }, key)
		}),
		wechat: (payment, changes = {}) => {
			const {
				fields,
				key = KEYS.wechat,
				now = new Date(),
				serial = SANDBOX_WECHAT.platformSerial
			} = changes;
			const { type = "TRANSACTION.SUCCESS", apiV3Key = SANDBOX_WECHAT.apiV3Key, body = same } = changes;
			const content = { ...wechatsTransaction(payment, now), ...fields };
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

const alipaysForm = (paymentNo: string, amount: number, now: Date): Params => ({
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

const wechatsTransaction = ({ paymentNo, amount }: Payment, now: Date) => ({
	appid: SANDBOX_WECHAT.appId,
	mchid: SANDBOX_WECHAT.merchantId,
	out_trade_no: paymentNo,
	transaction_id: deriveDigits(paymentNo, 28),
	trade_state: "SUCCESS",
	success_time: formatPlatformTime(now),
	amount: { total: amount, currency: "CNY" }
});

/** The same total in other words, as each channel writes totals. */
export const totalOf = (channel: ChannelName, total: unknown) =>
	channel === "alipay" ? { total_amount: total } : { amount: { total, currency: "CNY" } };

/** What is made of a notice after it was signed. */
export type Forgery = (genuine: NotificationRequest) => NotificationRequest;
export const unchanged: Forgery = notice => notice;
export const changeBody =
	(change: (text: string) => string): Forgery =>
	notice => ({ ...notice, body: change(notice.body) });
