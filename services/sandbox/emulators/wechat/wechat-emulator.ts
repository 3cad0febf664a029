import type { KeyObject } from "node:crypto";
import {
	reply,
	type ChannelEmulator,
	type ClientAction,
	type EmulatorReply,
	type EmulatorRequest,
	type NotificationOptions,
	type PayResult
} from "../channel-emulator";
import * as domain from "../trade.domain";
import type { Decision, Trade, TradeRefund } from "../trade-store";
import { BaseEmulator, type EmulatorOptions } from "../base-emulator";
import {
	ApiError,
	encryptEvent,
	findAuthorizationFault,
	isSignedByMerchant,
	signHeaders,
	type PlatformEvent
} from "./platform";
import { announceBill, BILL_FILE_PATH, buildBillFile } from "./bill";
import { ORDER_KINDS, readBody, readOrder, readRefund, readText, type OrderKind } from "./requests";
import { buildPrepayId, toRefundNotification, toRefundView, toTransactionView } from "./views";

export interface WechatEmulatorOptions extends EmulatorOptions {
	appId: string;
	merchantId: string;
	merchantSerial: string;
	merchantPublicKey: KeyObject;
	platformSerial: string;
	platformPrivateKey: KeyObject;
	/** Signs forged notifications. */
	impostorPrivateKey: KeyObject;
	apiV3Key: string;
}

type Answer = { status: number; content?: object; notifications?: EmulatorReply["notifications"] };

const ORDER_PATH = /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+?)(\/close)?$/;
const PLACE_PATH = /^\/v3\/pay\/transactions\/(native|h5|jsapi|app)$/;
const BILL_PATH = "/v3/bill/tradebill";
const REFUND_PATH = /^\/v3\/refund\/domestic\/refunds(?:\/([^/]+))?$/;

/** Emulates WeChat Pay APIv3 for a direct merchant: native, h5, jsapi, app, query, close, refund, refund query, trade bill. */
export class WechatEmulator extends BaseEmulator<WechatEmulatorOptions> implements ChannelEmulator {
	async handle(request: EmulatorRequest): Promise<EmulatorReply> {
		const { clock, merchantId, merchantSerial, merchantPublicKey } = this.options;
		const merchant = { merchantId, serial: merchantSerial, publicKey: merchantPublicKey };
		const fault = findAuthorizationFault(request, merchant, clock());
		if (fault) return unsignedError(401, "SIGN_ERROR", fault); // The platform signs no answer to a stranger.
		try {
			if (request.path === BILL_FILE_PATH) {
				// The only answer that is not signed; the request is checked like any other.
				const file = await buildBillFile(request.query, this.options);
				return reply(200, { "content-type": "text/plain" }, file);
			}
			const { status, content, notifications } = await this.#route(request);
			return this.#signReply(status, content, notifications);
		} catch (err) {
			if (!(err instanceof ApiError)) throw err;
			return this.#signReply(err.status, { code: err.code, message: err.message });
		}
	}

	async #route({ method, path, query, rawBody }: EmulatorRequest): Promise<Answer> {
		const order = ORDER_PATH.exec(path);
		const refund = REFUND_PATH.exec(path);
		const kind = PLACE_PATH.exec(path)?.[1];
		if (method === "POST" && kind) return this.#place(rawBody, kind as OrderKind);
		if (method === "GET" && order && !order[2]) return this.#queryOrder(decodePathPart(order[1]), query);
		if (method === "POST" && order?.[2]) return this.#close(decodePathPart(order[1]), rawBody);
		if (method === "POST" && refund && !refund[1]) return this.#refund(rawBody);
		if (method === "GET" && refund?.[1]) return this.#queryRefund(decodePathPart(refund[1]));
		if (method === "GET" && path === BILL_PATH)
			return { status: 200, content: await announceBill(query, this.options) };
		throw new ApiError(404, "RESOURCE_NOT_EXISTS", "No such interface");
	}

	/** The buyer's client refuses parameters that the merchant did not sign, or signed for another order. */
	override async pay(
		paymentNo: string,
		outcome: "success" | "fail",
		action?: ClientAction | null
	): Promise<PayResult> {
		if (action?.params && !this.#isForOrder(paymentNo, action.params)) return { outcome: "failed" };
		return super.pay(paymentNo, outcome);
	}

	#isForOrder(paymentNo: string, params: Readonly<Record<string, string>>): boolean {
		const { appId, merchantId, merchantPublicKey } = this.options;
		const prepayId = buildPrepayId(paymentNo);
		const [lines, sign] =
			params["partnerid"] === undefined
				? [
						[appId, params["timeStamp"], params["nonceStr"], `prepay_id=${prepayId}`],
						params["paySign"]
					]
				: [[appId, params["timestamp"], params["noncestr"], prepayId], params["sign"]];
		const isOurs = params["partnerid"] === undefined || params["partnerid"] === merchantId;
		return isOurs && isSignedByMerchant(lines, sign ?? "", merchantPublicKey);
	}

	async #place(rawBody: Buffer, kind: OrderKind): Promise<Answer> {
		const { trades, clock } = this.options;
		const body = readBody(rawBody);
		const { tradeType, checkOrder } = ORDER_KINDS[kind];
		const createdAt = clock();
		const request = {
			...readOrder(body, this.options, createdAt),
			...checkOrder(body),
			channel: "wechat" as const,
			tradeType,
			returnUrl: null,
			createdAt
		};
		const result = await trades.change(request.paymentNo, trade => domain.place(trade, request));
		if (result === "paid") throw new ApiError(400, "INVALID_REQUEST", "The order has been paid");
		if (result === "closed") throw new ApiError(400, "ORDER_CLOSED", "The order has been closed");
		if (result === "different")
			throw new ApiError(403, "OUT_TRADE_NO_USED", "The number was used with another amount");
		const url = this.cashierUrl(request.paymentNo);
		const prepay_id = buildPrepayId(request.paymentNo);
		const contents = {
			native: { code_url: url },
			h5: { h5_url: url },
			jsapi: { prepay_id },
			app: { prepay_id }
		};
		return { status: 200, content: contents[kind] };
	}

	async #queryOrder(paymentNo: string, query: string): Promise<Answer> {
		if (new URLSearchParams(query).get("mchid") !== this.options.merchantId)
			throw new ApiError(400, "PARAM_ERROR", "mchid is invalid");
		const trade = await this.options.trades.load(paymentNo);
		if (!trade) throw orderNotFound();
		return { status: 200, content: toTransactionView(trade, this.options) };
	}

	async #close(paymentNo: string, rawBody: Buffer): Promise<Answer> {
		if (readText(readBody(rawBody), "mchid") !== this.options.merchantId)
			throw new ApiError(400, "PARAM_ERROR", "mchid is invalid");
		const result = await this.options.trades.change(paymentNo, domain.close);
		if (result === "not_found") throw orderNotFound();
		if (result === "paid") throw new ApiError(400, "INVALID_REQUEST", "The order has been paid");
		if (result === "closed_before") throw new ApiError(400, "ORDER_CLOSED", "The order has been closed");
		return { status: 204 };
	}

	async #refund(rawBody: Buffer): Promise<Answer> {
		const { trades, clock } = this.options;
		const { paymentNo, refundNo, refund: amount, total, notifyUrl } = readRefund(readBody(rawBody));
		const at = clock();
		const result = await trades.change(paymentNo, (trade): Decision<domain.RefundOutcome> => {
			if (trade && trade.total !== total) return { result: { outcome: "different" } };
			return domain.refund(trade, {
				refundNo,
				amount,
				at,
				notifyUrl: notifyUrl ?? trade?.notifyUrl ?? ""
			});
		});
		if (!("trade" in result)) throw refundError(result.outcome);
		const { outcome, trade, refund } = result;
		return outcome === "again"
			? { status: 200, content: toRefundView(trade, refund, "SUCCESS") }
			: {
					status: 200,
					content: toRefundView(trade, refund, "PROCESSING"),
					notifications: [this.buildRefundNotification(trade, refund)]
				};
	}

	async #queryRefund(refundNo: string): Promise<Answer> {
		const trade = await this.options.trades.loadByRefund(refundNo);
		const refund = domain.findRefund(trade, refundNo);
		if (!trade || !refund) throw new ApiError(404, "RESOURCE_NOT_EXISTS", "No such refund");
		return { status: 200, content: toRefundView(trade, refund, "SUCCESS") };
	}

	protected buildPaymentNotification(trade: Trade, options?: NotificationOptions) {
		const event = {
			seed: trade.paymentNo,
			type: "TRANSACTION.SUCCESS",
			summary: "支付成功",
			resourceType: "transaction" as const,
			content: toTransactionView({ ...trade, refunds: [] }, this.options) // as at the time of payment
		};
		return this.#buildNotification(trade.notifyUrl, event, options);
	}

	protected buildRefundNotification(trade: Trade, refund: TradeRefund, options?: NotificationOptions) {
		const event = {
			seed: `refund:${refund.refundNo}`,
			type: "REFUND.SUCCESS",
			summary: "退款成功",
			resourceType: "refund" as const,
			content: toRefundNotification(trade, refund, this.options.merchantId)
		};
		return this.#buildNotification(refund.notifyUrl, event, options);
	}

	#buildNotification(url: string, event: PlatformEvent, { forged = false }: NotificationOptions = {}) {
		const {
			clock,
			apiV3Key,
			platformSerial: serial,
			platformPrivateKey,
			impostorPrivateKey
		} = this.options;
		const now = clock();
		const body = encryptEvent(event, apiV3Key, now);
		const key = forged ? impostorPrivateKey : platformPrivateKey;
		return {
			url,
			headers: { "content-type": "application/json", ...signHeaders(body, { serial, key, now }) },
			body
		};
	}

	#signReply(
		status: number,
		content?: object,
		notifications: EmulatorReply["notifications"] = []
	): EmulatorReply {
		const { platformSerial: serial, platformPrivateKey: key, clock } = this.options;
		const body = content ? JSON.stringify(content) : "";
		const type: Record<string, string> = content
			? { "content-type": "application/json; charset=utf-8" }
			: {};
		return reply(
			status,
			{ ...type, ...signHeaders(body, { serial, key, now: clock() }) },
			body,
			notifications
		);
	}
}

const unsignedError = (status: number, code: string, message: string) =>
	reply(status, { "content-type": "application/json; charset=utf-8" }, JSON.stringify({ code, message }));

const orderNotFound = () => new ApiError(404, "ORDER_NOT_EXIST", "No such order");

function decodePathPart(part = ""): string {
	try {
		return decodeURIComponent(part);
	} catch {
		throw new ApiError(400, "PARAM_ERROR", "The path is escaped wrongly");
	}
}

function refundError(outcome: "not_found" | "not_paid" | "different" | "exceeds"): ApiError {
	if (outcome === "not_found") return new ApiError(404, "RESOURCE_NOT_EXISTS", "No such order");
	return new ApiError(
		400,
		"INVALID_REQUEST",
		{
			not_paid: "The order was not paid",
			different: "The amounts differ from the order's, or from what this number was used with",
			exceeds: "More than what is left of the payment"
		}[outcome]
	);
}
