import { randomBytes, type KeyObject } from "node:crypto";
import type { PaymentScene } from "../../../../schemas/payments.contract";
import { truncateUtf8 } from "../../../../schemas/values/text";
import { formatBeijingRfc3339 } from "../protocol/beijing-time";
import { BILL_TIMEOUT_FACTOR, MAX_BILL_BYTES, hashSha1 } from "../protocol/bill";
import { unknown } from "../payment-channel";
import type * as Channel from "../payment-channel";
import { exchange } from "../exchange";
import { parseFields, textField, utf8, type Fields } from "../protocol/json-fields";
import { parsePrivateKey, parsePublicKey } from "../protocol/rsa";
import {
	checkBaseUrl,
	checkPaymentNo,
	checkRefundRequest,
	checkRefundNo,
	checkPaymentRequest
} from "../protocol/request-rules";
import { readRefund, readTransaction } from "./protocol/answers";
import { parseWechatBill } from "./protocol/bill";
import { parseWechatNotification } from "./protocol/notification";
import { buildAppParams, buildJsapiParams } from "./protocol/client-params";
import { buildAuthorization, findSignatureFault } from "./protocol/signing";

export interface WechatOptions extends Channel.ChannelOptions {
	merchantSerial: string;
	merchantPrivateKey: string;
	/** By serial number or `PUB_KEY_ID_…`. During a key change WeChat uses both the old and the new one. */
	platformPublicKeys: Readonly<Record<string, string>>;
	/** The 32 bytes with which WeChat encrypts notifications. */
	apiV3Key: string;
}

type Answer = { outcome: "ok"; fields: Fields } | Channel.Refused | Channel.Unknown;

/** The API that takes the order of a payment by its scene. */
const APIS = {
	page: "native",
	qr: "native",
	wap: "h5",
	jsapi: "jsapi",
	mini: "jsapi",
	app: "app"
} as const satisfies Readonly<Record<PaymentScene, string>>;

/** WeChat refuses a refund whose reason is longer. */
const MAX_REASON_BYTES = 80;

/** WeChat Pay APIv3 for a direct merchant: native (QR) for page and qr, h5 for wap, jsapi for jsapi and mini, app; query, close, refund, refund query, trade bill. */
export class WechatChannel implements Channel.PaymentChannel {
	readonly minRefundIntervalMs = 0;
	/** WeChat documents no maximum. */
	readonly maxAmount = Number.MAX_SAFE_INTEGER;
	readonly #privateKey: KeyObject;
	readonly #platformKeys: ReadonlyMap<string, KeyObject>;
	readonly #apiV3Key: Buffer;

	constructor(private readonly options: WechatOptions) {
		this.#privateKey = parsePrivateKey(options.merchantPrivateKey);
		this.#platformKeys = new Map(
			Object.entries(options.platformPublicKeys).map(([serial, key]) => [serial, parsePublicKey(key)])
		);
		this.#apiV3Key = Buffer.from(options.apiV3Key);
		checkBaseUrl(options.baseUrl);
		if (this.#apiV3Key.length !== 32) throw new TypeError("The APIv3 key has 32 bytes");
	}

	async create(request: Channel.PaymentRequest): Promise<Channel.CreateResult> {
		checkPaymentRequest(request);
		const { appId, merchantId, notifyUrl } = this.options;
		const api = APIS[request.scene];
		const answer = await this.#call("POST", `/v3/pay/transactions/${api}`, {
			appid: appId,
			mchid: merchantId,
			description: request.description,
			out_trade_no: request.paymentNo,
			time_expire: formatBeijingRfc3339(request.expiresAt),
			notify_url: notifyUrl,
			amount: { total: request.amount, currency: "CNY" },
			...(api === "h5" && {
				scene_info: { payer_client_ip: request.clientIp, h5_info: { type: "Wap" } }
			}),
			...(api === "jsapi" && { payer: { openid: request.openid } })
		});
		if (answer.outcome !== "ok") return answer;
		if (api === "jsapi" || api === "app") return this.#toSdkAction(api, answer.fields);
		const url = textField(answer.fields, api === "h5" ? "h5_url" : "code_url");
		if (!url || !URL.canParse(url)) return unknown("malformed", "No URL to pay at");
		const { returnUrl = this.options.returnUrl } = request;
		return {
			outcome: "created",
			action:
				api === "h5" ? { type: "redirect", url: addReturnUrl(url, returnUrl) } : { type: "qr", url }
		};
	}

	/** The parameters that the page, mini program or app hands to WeChat, signed as the merchant's. Valid for two hours. */
	#toSdkAction(api: "jsapi" | "app", fields: Fields): Channel.CreateResult {
		const prepayId = textField(fields, "prepay_id");
		if (!prepayId) return unknown("malformed", "No prepay_id");
		const { appId, merchantId, clock } = this.options;
		const once = { at: clock(), nonce: randomBytes(16).toString("hex") };
		const params =
			api === "jsapi"
				? buildJsapiParams({ appId, prepayId, ...once }, this.#privateKey)
				: buildAppParams({ appId, merchantId, prepayId, ...once }, this.#privateKey);
		return { outcome: "created", action: { type: "sdk", params } };
	}

	async query(paymentNo: string): Promise<Channel.QueryResult> {
		checkPaymentNo(paymentNo);
		const { appId, merchantId } = this.options;
		const path = `${buildOrderPath(paymentNo)}?mchid=${encodeURIComponent(merchantId)}`;
		const answer = await this.#call("GET", path);
		if (answer.outcome === "refused" && isOrderNotFound(answer)) return { outcome: "not_found" };
		if (answer.outcome !== "ok") return answer;
		return readTransaction(answer.fields, { paymentNo, merchantId, appId });
	}

	async close(paymentNo: string): Promise<Channel.CloseResult> {
		checkPaymentNo(paymentNo);
		const answer = await this.#call("POST", `${buildOrderPath(paymentNo)}/close`, {
			mchid: this.options.merchantId
		});
		if (answer.outcome === "ok") return { outcome: "closed" };
		if (answer.outcome === "unknown") return answer;
		return isOrderNotFound(answer) ? { outcome: "not_found" } : this.query(paymentNo);
	}

	async refund(request: Channel.RefundRequest): Promise<Channel.RefundResult> {
		checkRefundRequest(request);
		const answer = await this.#call("POST", "/v3/refund/domestic/refunds", {
			out_trade_no: request.paymentNo,
			out_refund_no: request.refundNo,
			reason: truncateUtf8(request.reason, MAX_REASON_BYTES),
			notify_url: this.options.notifyUrl,
			amount: { refund: request.amount, total: request.total, currency: "CNY" }
		});
		return answer.outcome === "ok" ? readRefund(answer.fields, request) : answer;
	}

	async queryRefund(refund: { paymentNo: string; refundNo: string }): Promise<Channel.RefundResult> {
		checkPaymentNo(refund.paymentNo);
		checkRefundNo(refund.refundNo);
		const answer = await this.#call(
			"GET",
			`/v3/refund/domestic/refunds/${encodeURIComponent(refund.refundNo)}`
		);
		if (answer.outcome === "refused" && answer.code === "RESOURCE_NOT_EXISTS")
			return { outcome: "not_found" };
		return answer.outcome === "ok" ? readRefund(answer.fields, refund) : answer;
	}

	parseNotification(rawBody: Buffer, headers: Channel.NotificationHeaders): Channel.ChannelNotification {
		const { appId, merchantId, clock } = this.options;
		const keys = { platformKeys: this.#platformKeys, apiV3Key: this.#apiV3Key };
		return parseWechatNotification(rawBody, headers, { appId, merchantId, now: clock(), ...keys });
	}

	/** WeChat waits five seconds. After anything but 200 or 204 it sends the notification again, 15 times in 24 hours. */
	acknowledge(verdict: Channel.Verdict): Channel.Acknowledgement {
		if (verdict === "ok") return { status: 204, contentType: "application/json", body: "" };
		const message =
			verdict === "rejected" ? "The notification was refused" : "Not recorded, send it again";
		const status = verdict === "rejected" ? 401 : 503;
		return { status, contentType: "application/json", body: JSON.stringify({ code: "FAIL", message }) };
	}

	async bill(date: string): Promise<Channel.BillResult> {
		const answer = await this.#call("GET", `/v3/bill/tradebill?bill_date=${date}&bill_type=ALL`);
		if (answer.outcome === "refused" && answer.code === "NO_STATEMENT_EXIST")
			return { outcome: "bill", rows: [] }; // no payment or refund that day
		if (answer.outcome !== "ok") return answer;
		const hash = textField(answer.fields, "hash_value")?.toLowerCase();
		const path = this.#pathOf(textField(answer.fields, "download_url") ?? "");
		if (!path || !hash || textField(answer.fields, "hash_type") !== "SHA1")
			return unknown("malformed", "No address or no SHA1 of the bill");
		const file = await this.#send("GET", path, undefined, BILL_TIMEOUT_FACTOR);
		if ("outcome" in file) return file;
		if (file.status !== 200) return unknown("http", `Status ${file.status}`);
		// The file comes without a signature; its hash was in the signed answer before.
		if (hashSha1(file.body) !== hash)
			return unknown("unsigned", "The bill is not the one that was announced");
		const rows = parseWechatBill(utf8(file.body) ?? "");
		return rows ? { outcome: "bill", rows } : unknown("malformed", "The bill cannot be read");
	}

	/** The path of a download address under our base URL, or undefined, so that no signed request goes to another host. */
	#pathOf(address: string): string | undefined {
		if (!URL.canParse(address)) return undefined;
		const { pathname, search } = new URL(address);
		const under = new URL(this.options.baseUrl).pathname.replace(/\/$/, "");
		return pathname.startsWith(`${under}/`) ? pathname.slice(under.length) + search : undefined;
	}

	async #call(method: "GET" | "POST", path: string, content?: object): Promise<Answer> {
		const reply = await this.#send(method, path, content);
		if ("outcome" in reply) return reply;
		const { status } = reply;
		if (status >= 500) return unknown("http", `Status ${status}`);
		const header = (name: string) => reply.headers.get(name) ?? undefined;
		const fault = findSignatureFault(
			{ header, body: reply.body },
			this.#platformKeys,
			this.options.clock()
		);
		const fields = status === 204 ? {} : parseFields(utf8(reply.body) ?? "");
		const code = textField(fields, "code") ?? "";
		if (fault) return unknown("unsigned", `${fault.message} (status ${status} ${code})`);
		if (!fields) return unknown("malformed", "No JSON");
		if (status === 200 || status === 204) return { outcome: "ok", fields };
		if (status === 202 || status === 429) return unknown("busy", `Status ${status} ${code}`);
		return {
			outcome: "refused",
			code: code || String(status),
			message: textField(fields, "message") ?? ""
		};
	}

	#send(method: "GET" | "POST", path: string, content?: object, timeoutFactor = 1) {
		const { baseUrl, clock, timeoutMs, merchantId, merchantSerial } = this.options;
		const body = content ? JSON.stringify(content) : "";
		const merchant = { merchantId, merchantSerial, privateKey: this.#privateKey };
		const publicKeyId = [...this.#platformKeys.keys()].find(serial => serial.startsWith("PUB_KEY_ID_"));
		return exchange({
			method,
			url: baseUrl + path,
			headers: {
				authorization: buildAuthorization(merchant, {
					method,
					path,
					body,
					at: clock(),
					nonce: randomBytes(16).toString("hex")
				}),
				accept: "application/json",
				"user-agent": "zjmall", // WeChat refuses requests without one.
				...(publicKeyId ? { "wechatpay-serial": publicKeyId } : {}), // Without it WeChat may sign with a certificate's key.
				...(content ? { "content-type": "application/json" } : {})
			},
			...(content ? { body } : {}),
			timeoutMs: timeoutMs * timeoutFactor,
			...(timeoutFactor > 1 && { maxBytes: MAX_BILL_BYTES })
		});
	}
}

const buildOrderPath = (paymentNo: string) =>
	`/v3/pay/transactions/out-trade-no/${encodeURIComponent(paymentNo)}`;

/** The code as documented today, and as it was before. */
const isOrderNotFound = ({ code }: Channel.Refused) => code === "ORDER_NOT_EXIST" || code === "ORDERNOTEXIST";

function addReturnUrl(h5Url: string, returnUrl: string): string {
	const url = new URL(h5Url);
	url.searchParams.set("redirect_url", returnUrl);
	return url.href;
}
