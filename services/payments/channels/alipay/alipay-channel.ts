import type { KeyObject } from "node:crypto";
import { truncateUtf8 } from "../../../../schemas/values/text";
import { exchange } from "../exchange";
import { unknown } from "../payment-channel";
import type * as Channel from "../payment-channel";
import { formatBeijingTime } from "../protocol/beijing-time";
import { BILL_TIMEOUT_FACTOR, MAX_BILL_BYTES } from "../protocol/bill";
import { parseFields, textField, utf8 } from "../protocol/json-fields";
import {
	checkBaseUrl,
	checkPaymentNo,
	checkPaymentRequest,
	checkRefundNo,
	checkRefundRequest
} from "../protocol/request-rules";
import { parsePrivateKey, parsePublicKey, signRsa, verifyRsaByAny } from "../protocol/rsa";
import { readAnswer, readRefund, readTrade, type Answer } from "./protocol/answers";
import { parseAlipayBill } from "./protocol/bill";
import { parseAlipayNotification } from "./protocol/notification";
import { buildSigningString, extractSignedNode } from "./protocol/signing";
import { formatYuan, MAX_FEN } from "./protocol/yuan";

export interface AlipayOptions extends Channel.ChannelOptions {
	merchantPrivateKey: string;
	/** Alipay's public keys, not the application's own. During a key change both the old and the new one, since Alipay does not name the one that it used. */
	alipayPublicKeys: readonly string[];
}

/** Methods that the buyer's browser calls by a signed URL. Alipay knows nothing of the payment before the URL is opened. */
const BROWSER_METHODS = {
	page: { method: "alipay.trade.page.pay", product: "FAST_INSTANT_TRADE_PAY" },
	wap: { method: "alipay.trade.wap.pay", product: "QUICK_WAP_WAY" }
} as const;
/** Methods whose payment is notified. */
const CREATING_METHODS = [
	"alipay.trade.page.pay",
	"alipay.trade.wap.pay",
	"alipay.trade.app.pay",
	"alipay.trade.precreate",
	"alipay.trade.create"
];

/** Alipay's documents give the length 256 without a unit. Bytes are the strictest one. */
const MAX_REASON_BYTES = 256;

/** Alipay's open platform, gateway v2 in key mode: alipay.trade.page.pay, wap.pay, app.pay, precreate, create, query, close, refund, fastpay.refund.query, bill.downloadurl.query. */
export class AlipayChannel implements Channel.PaymentChannel {
	/** Alipay requires three seconds by its own clock. */
	readonly minRefundIntervalMs = 4_000;
	readonly maxAmount = MAX_FEN;
	readonly #privateKey: KeyObject;
	readonly #alipayKeys: readonly KeyObject[];

	constructor(private readonly options: AlipayOptions) {
		checkBaseUrl(options.baseUrl);
		this.#privateKey = parsePrivateKey(options.merchantPrivateKey);
		this.#alipayKeys = options.alipayPublicKeys.map(parsePublicKey);
	}

	async create(request: Channel.PaymentRequest): Promise<Channel.CreateResult> {
		checkPaymentRequest(request);
		const trade = {
			out_trade_no: request.paymentNo,
			total_amount: formatYuan(request.amount),
			subject: request.description,
			time_expire: formatBeijingTime(request.expiresAt)
		};
		switch (request.scene) {
			case "page":
			case "wap":
				return this.#createRedirect(trade, request.scene, request.returnUrl);
			case "app":
				return this.#createForApp(trade);
			case "jsapi":
			case "mini":
				return this.#createForBuyer(trade, request.openid);
			case "qr":
				return this.#createCode(trade);
		}
	}

	#createRedirect(
		trade: object,
		scene: "page" | "wap",
		returnUrl = this.options.returnUrl
	): Channel.CreateResult {
		const { method, product } = BROWSER_METHODS[scene];
		const content = {
			...trade,
			product_code: product,
			...(scene === "wap" && { quit_url: returnUrl }) // the page for a buyer who gives up
		};
		const params = this.#sign(method, content, returnUrl);
		return { outcome: "created", action: { type: "redirect", url: this.#buildUrl(params) } };
	}

	/** The order string that the merchant's app hands to Alipay's SDK. Alipay knows nothing of the payment before that. */
	#createForApp(trade: object): Channel.CreateResult {
		const params = this.#sign("alipay.trade.app.pay", { ...trade, product_code: "QUICK_MSECURITY_PAY" });
		const orderString = Object.entries(params)
			.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
			.join("&");
		return { outcome: "created", action: { type: "sdk", params: { orderString } } };
	}

	/** A trade for a buyer inside Alipay's app, whose number the page or mini program hands to `tradePay`. */
	async #createForBuyer(trade: object, openid: string | undefined): Promise<Channel.CreateResult> {
		const answer = await this.#call("alipay.trade.create", {
			...trade,
			product_code: "JSAPI_PAY",
			op_app_id: this.options.appId,
			buyer_open_id: openid
		});
		if (answer.outcome !== "ok") return answer;
		const tradeNO = textField(answer.fields, "trade_no");
		return tradeNO
			? { outcome: "created", action: { type: "sdk", params: { tradeNO } } }
			: unknown("malformed", "No trade_no");
	}

	async #createCode(trade: object): Promise<Channel.CreateResult> {
		const answer = await this.#call("alipay.trade.precreate", trade);
		if (answer.outcome !== "ok") return answer;
		const url = textField(answer.fields, "qr_code");
		return url ? { outcome: "created", action: { type: "qr", url } } : unknown("malformed", "No qr_code");
	}

	async query(paymentNo: string): Promise<Channel.QueryResult> {
		checkPaymentNo(paymentNo);
		const answer = await this.#call("alipay.trade.query", { out_trade_no: paymentNo });
		if (answer.outcome === "refused" && answer.code === "ACQ.TRADE_NOT_EXIST")
			return { outcome: "not_found" };
		if (answer.outcome !== "ok") return answer;
		return readTrade(answer.fields, paymentNo);
	}

	async close(paymentNo: string): Promise<Channel.CloseResult> {
		checkPaymentNo(paymentNo);
		const answer = await this.#call("alipay.trade.close", { out_trade_no: paymentNo });
		if (answer.outcome === "ok") return { outcome: "closed" };
		if (answer.outcome === "unknown") return answer;
		return answer.code === "ACQ.TRADE_NOT_EXIST" ? { outcome: "not_found" } : this.query(paymentNo);
	}

	async refund(request: Channel.RefundRequest): Promise<Channel.RefundResult> {
		checkRefundRequest(request);
		const answer = await this.#call("alipay.trade.refund", {
			out_trade_no: request.paymentNo,
			refund_amount: formatYuan(request.amount),
			out_request_no: request.refundNo,
			refund_reason: truncateUtf8(request.reason, MAX_REASON_BYTES)
		});
		if (answer.outcome !== "ok") return answer;
		if (textField(answer.fields, "fund_change") === "Y")
			return { outcome: "refunded", amount: request.amount };
		// Code 10000 alone is no success. No money moved now, perhaps because this number was refunded before.
		const known = await this.queryRefund(request);
		const open = known.outcome === "not_found" || known.outcome === "refused"; // the query was refused, not the refund
		return open ? { outcome: "processing" } : known;
	}

	async queryRefund(refund: { paymentNo: string; refundNo: string }): Promise<Channel.RefundResult> {
		checkPaymentNo(refund.paymentNo);
		checkRefundNo(refund.refundNo);
		const answer = await this.#call("alipay.trade.fastpay.refund.query", {
			out_trade_no: refund.paymentNo,
			out_request_no: refund.refundNo
		});
		if (answer.outcome === "refused" && answer.code === "ACQ.TRADE_NOT_EXIST")
			return { outcome: "not_found" };
		if (answer.outcome !== "ok") return answer;
		return readRefund(answer.fields, refund.refundNo);
	}

	parseNotification(rawBody: Buffer): Channel.ChannelNotification {
		return parseAlipayNotification(rawBody, { ...this.options, alipayKeys: this.#alipayKeys });
	}

	/** Alipay reads the body alone. Exactly `success` ends the repetitions, 8 in 25 hours. */
	acknowledge(verdict: Channel.Verdict): Channel.Acknowledgement {
		const status = { ok: 200, rejected: 401, unavailable: 503 }[verdict];
		return { status, contentType: "text/plain", body: verdict === "ok" ? "success" : "failure" };
	}

	/** The bill's address is signed, its file is not. So the bill can report a difference, but must not change a payment by itself. */
	async bill(date: string): Promise<Channel.BillResult> {
		const answer = await this.#call("alipay.data.dataservice.bill.downloadurl.query", {
			bill_type: "trade",
			bill_date: date
		});
		if (answer.outcome === "refused" && /bill_not_exist/i.test(answer.code))
			return { outcome: "bill", rows: [] }; // no payment or refund that day
		if (answer.outcome !== "ok") return answer;
		const url = textField(answer.fields, "bill_download_url") ?? "";
		if (!/^https?:/.test(url) || !URL.canParse(url)) return unknown("malformed", "No bill_download_url");
		const timeoutMs = this.options.timeoutMs * BILL_TIMEOUT_FACTOR;
		const file = await exchange({
			method: "GET",
			url,
			headers: {},
			timeoutMs,
			maxBytes: MAX_BILL_BYTES
		});
		if ("outcome" in file) return file;
		if (file.status !== 200) return unknown("http", `Status ${file.status}`);
		const rows = parseAlipayBill(file.body);
		return rows ? { outcome: "bill", rows } : unknown("malformed", "The bill cannot be read");
	}

	async #call(method: string, bizContent: object): Promise<Answer> {
		const { biz_content, ...query } = this.#sign(method, bizContent);
		const reply = await exchange({
			method: "POST",
			url: this.#buildUrl(query),
			headers: {
				"content-type": "application/x-www-form-urlencoded;charset=utf-8",
				accept: "application/json"
			},
			body: String(new URLSearchParams({ biz_content })),
			timeoutMs: this.options.timeoutMs
		});
		if ("outcome" in reply) return reply;
		if (reply.status !== 200) return unknown("http", `Status ${reply.status}`);
		const text = utf8(reply.body) ?? "";
		const node =
			extractSignedNode(text, `${method.replaceAll(".", "_")}_response`) ??
			extractSignedNode(text, "error_response");
		if (!node)
			return parseFields(text)
				? unknown("unsigned", "No signed node")
				: unknown("malformed", "No JSON");
		if (!verifyRsaByAny(this.#alipayKeys, node.content, node.sign))
			return unknown("unsigned", "A wrong signature");
		return readAnswer(parseFields(node.content));
	}

	#sign(method: string, bizContent: object, returnUrl?: string) {
		const { appId, clock, notifyUrl } = this.options;
		const params = {
			app_id: appId,
			method,
			format: "JSON",
			charset: "utf-8",
			sign_type: "RSA2",
			timestamp: formatBeijingTime(clock()),
			version: "1.0",
			...(CREATING_METHODS.includes(method) ? { notify_url: notifyUrl } : {}),
			...(returnUrl === undefined ? {} : { return_url: returnUrl }),
			biz_content: JSON.stringify(bizContent)
		};
		return { ...params, sign: signRsa(buildSigningString(Object.entries(params)), this.#privateKey) };
	}

	#buildUrl(params: Record<string, string>): string {
		return `${this.options.baseUrl}/gateway.do?${new URLSearchParams(params).toString()}`;
	}
}
