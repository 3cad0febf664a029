import type { KeyObject } from "node:crypto";
import { isDay } from "../../../../schemas/values/calendar";
import { buildBillArchive } from "./bill";
import {
	parseTime,
	GatewayError,
	readBusinessContent,
	readRequest,
	signAnswer,
	verifyRequest,
	type Params
} from "./gateway";
import { buildNotification, buildReturnParams } from "./notification";
import { TradeMethods, type MethodAnswer } from "./trade-methods";
import {
	reply,
	type ChannelEmulator,
	type ClientAction,
	type EmulatorReply,
	type EmulatorRequest,
	type NotificationOptions,
	type PayResult
} from "../channel-emulator";
import { findMovements, parseTicket, formatTicket } from "../movements";
import type { Trade, TradeRefund } from "../trade-store";
import { BaseEmulator, type EmulatorOptions } from "../base-emulator";

export interface AlipayEmulatorOptions extends EmulatorOptions {
	appId: string;
	sellerId: string;
	merchantPublicKey: KeyObject;
	alipayPrivateKey: KeyObject;
	/** Signs forged notifications. */
	impostorPrivateKey: KeyObject;
}

const GATEWAY_PATH = "/gateway.do";
/** The real Alipay serves files from another host, to anyone who has the address. */
const FILE_PATH = "/downloadBillFile.resource";
/** Opened by the buyer: in a browser, or by Alipay's app on behalf of the merchant's. */
const REDIRECTS = new Set(["alipay.trade.page.pay", "alipay.trade.wap.pay", "alipay.trade.app.pay"]);
const TIMESTAMP_WINDOW_MS = 15 * 60 * 1000;

/** Emulates `POST /gateway.do` of Alipay's open platform, and `GET` for the redirects. No interval between refunds is required. */
export class AlipayEmulator extends BaseEmulator<AlipayEmulatorOptions> implements ChannelEmulator {
	readonly #trades: TradeMethods;

	constructor(options: AlipayEmulatorOptions) {
		super(options);
		this.#trades = new TradeMethods(options.trades, options.clock);
	}

	async handle({ path, query, rawBody }: EmulatorRequest): Promise<EmulatorReply> {
		if (path === FILE_PATH) return this.#sendFile(query);
		if (path !== GATEWAY_PATH) return plainReply(404, "No such page");
		let method = "";
		try {
			const params = readRequest(query, rawBody);
			method = params["method"] ?? "";
			this.#checkRequest(params);
			const biz = readBusinessContent(params);
			if (REDIRECTS.has(method))
				return reply(302, { location: this.cashierUrl(await this.#trades.place(biz, params)) });
			const { content, refunded } = await this.#callMethod(method, biz, params);
			const notifications = refunded
				? [this.#buildNotification(refunded.trade, refunded.refundNo)]
				: [];
			return this.#signReply(method, { code: "10000", msg: "Success", ...content }, notifications);
		} catch (err) {
			if (!(err instanceof GatewayError)) throw err;
			if (REDIRECTS.has(method)) return plainReply(400, `${err.subCode} ${err.message}`);
			const msg = err.code === "40004" ? "Business Failed" : "Invalid Arguments";
			return this.#signReply(method, {
				code: err.code,
				msg,
				sub_code: err.subCode,
				sub_msg: err.message
			});
		}
	}

	/** Opens the redirect's URL or the app's order string first, since the channel knows no trade before that. */
	override async pay(
		paymentNo: string,
		outcome: "success" | "fail",
		action?: ClientAction | null
	): Promise<PayResult> {
		const signed =
			action?.params?.["orderString"] ?? (action?.url && new URL(action.url).search.slice(1));
		if (signed && !(await this.options.trades.load(paymentNo))) await this.#open(signed);
		return super.pay(paymentNo, outcome);
	}

	/** The buyer's browser brings the result along, signed. The merchant must not rely on it. */
	override async buildReturnUrl(paymentNo: string): Promise<string | null> {
		const { trades, appId, sellerId, alipayPrivateKey: key, clock } = this.options;
		const trade = await trades.load(paymentNo);
		if (!trade?.returnUrl || trade.status !== "paid") return null;
		const url = new URL(trade.returnUrl);
		const params = buildReturnParams(trade, url, { appId, sellerId, key, now: clock() });
		for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
		return url.href;
	}

	protected buildPaymentNotification(trade: Trade, options?: NotificationOptions) {
		return this.#buildNotification(trade, undefined, options);
	}

	protected buildRefundNotification(
		trade: Trade,
		{ refundNo }: TradeRefund,
		options?: NotificationOptions
	) {
		return this.#buildNotification(trade, refundNo, options);
	}

	#checkRequest(params: Params): void {
		const { appId, merchantPublicKey, clock } = this.options;
		const refuse = (subCode: string, message: string) => new GatewayError("40002", subCode, message);
		if (params["app_id"] !== appId) throw refuse("isv.invalid-app-id", "An unknown app");
		if (params["sign_type"] !== "RSA2")
			throw refuse("isv.invalid-signature-type", "sign_type must be RSA2");
		if (!verifyRequest(params, merchantPublicKey))
			throw refuse("isv.invalid-signature", "A wrong signature");
		if (params["charset"] !== "utf-8" || params["version"] !== "1.0")
			throw refuse("isv.invalid-parameter", "charset must be utf-8 and version 1.0");
		if (REDIRECTS.has(params["method"] ?? "")) return; // A buyer may open the URL late, until the trade's own time limit.
		const age = Math.abs(clock().getTime() - parseTime(params["timestamp"]).getTime());
		if (!(age <= TIMESTAMP_WINDOW_MS))
			throw refuse("isv.invalid-timestamp", "The timestamp is too far off");
	}

	async #callMethod(method: string, biz: Params, params: Params): Promise<MethodAnswer> {
		switch (method) {
			case "alipay.trade.precreate": {
				const paymentNo = await this.#trades.place(biz, params);
				return { content: { out_trade_no: paymentNo, qr_code: this.cashierUrl(paymentNo) } };
			}
			case "alipay.trade.create":
				return this.#trades.create(biz, params);
			case "alipay.trade.query":
				return this.#trades.query(biz);
			case "alipay.trade.close":
				return this.#trades.close(biz);
			case "alipay.trade.refund":
				return this.#trades.refund(biz);
			case "alipay.trade.fastpay.refund.query":
				return this.#trades.queryRefund(biz);
			case "alipay.data.dataservice.bill.downloadurl.query":
				return this.#announceBill(biz);
			default:
				throw new GatewayError("40002", "isv.invalid-method", "An unknown method");
		}
	}

	async #announceBill({ bill_type, bill_date: date = "" }: Params): Promise<MethodAnswer> {
		if (bill_type !== "trade" || !isDay(date))
			throw new GatewayError("40004", "isp.invalid_arguments", "bill_type or bill_date is invalid");
		const { trades, clock, baseUrl } = this.options;
		const ticket = { date, until: clock() };
		if ((await findMovements(trades, "alipay", ticket)).length === 0)
			throw new GatewayError("40004", "isp.bill_not_exist", "There is no bill of that day");
		return { content: { bill_download_url: `${baseUrl()}${FILE_PATH}?fileId=${formatTicket(ticket)}` } };
	}

	async #sendFile(query: string): Promise<EmulatorReply> {
		const ticket = parseTicket(new URLSearchParams(query).get("fileId") ?? "");
		if (!ticket) return plainReply(404, "No such file");
		const { trades, sellerId } = this.options;
		const archive = buildBillArchive(await findMovements(trades, "alipay", ticket), {
			sellerId,
			date: ticket.date
		});
		return reply(200, { "content-type": "application/zip" }, archive);
	}

	/** Opens signed parameters as the buyer's browser does. After an error page there is no trade to pay. */
	async #open(query: string): Promise<void> {
		await this.handle({
			method: "GET",
			path: GATEWAY_PATH,
			query,
			headers: {},
			rawBody: Buffer.alloc(0)
		});
	}

	#buildNotification(trade: Trade, refundNo?: string, { forged = false }: NotificationOptions = {}) {
		const { appId, sellerId, alipayPrivateKey, impostorPrivateKey, clock } = this.options;
		const key = forged ? impostorPrivateKey : alipayPrivateKey;
		return buildNotification(trade, refundNo, { appId, sellerId, key, now: clock() });
	}

	#signReply(
		method: string,
		content: Params,
		notifications: EmulatorReply["notifications"] = []
	): EmulatorReply {
		const node = method ? `${method.replaceAll(".", "_")}_response` : "error_response";
		const body = signAnswer(node, content, this.options.alipayPrivateKey);
		return reply(200, { "content-type": "application/json;charset=utf-8" }, body, notifications);
	}
}

const plainReply = (status: number, text: string) => reply(status, { "content-type": "text/plain" }, text);
