import type { KeyObject } from "node:crypto";
import { isDay } from "../../../schemas/calendar";
import { alipayBill } from "./alipay.bill";
import {
	fromGatewayTime,
	GatewayError,
	readBusinessContent,
	readRequest,
	signedAnswer,
	verifyRequest,
	type Params
} from "./alipay.gateway";
import { alipayNotification } from "./alipay.notifications";
import { AlipayTrades, type TradeAnswer } from "./alipay.trades";
import {
	reply,
	type ChannelEmulator,
	type EmulatorReply,
	type EmulatorRequest,
	type NotificationOptions,
	type PayResult
} from "./channel-emulator";
import { movementsOn, ticketFrom, ticketText } from "./bill";
import type { Trade, TradeRefund } from "./trade-store";
import { BaseChannelEmulator, type ChannelEmulatorOptions } from "./base-emulator";

export interface AlipayEmulatorOptions extends ChannelEmulatorOptions {
	appId: string;
	sellerId: string;
	merchantPublicKey: KeyObject;
	alipayPrivateKey: KeyObject;
	/** Signs what is to be forged. */
	impostorPrivateKey: KeyObject;
}

const PATH = "/gateway.do";
/** Stands on a host of its own at the real one; whoever has the address may download. */
const FILE = "/downloadBillFile.resource";
const REDIRECTS = new Set(["alipay.trade.page.pay", "alipay.trade.wap.pay"]);
const TIMESTAMP_WINDOW_MS = 15 * 60 * 1000;

/** `POST /gateway.do` of Alipay's open platform, and `GET` for the redirects. Refunds may follow each other at once here. */
export class AlipayEmulator extends BaseChannelEmulator<AlipayEmulatorOptions> implements ChannelEmulator {
	readonly #trades: AlipayTrades;

	constructor(options: AlipayEmulatorOptions) {
		super(options);
		this.#trades = new AlipayTrades(options.trades, options.clock);
	}

	async handle({ path, query, rawBody }: EmulatorRequest): Promise<EmulatorReply> {
		if (path === FILE) return this.#file(query);
		if (path !== PATH) return plain(404, "No such page");
		let method = "";
		try {
			const params = readRequest(query, rawBody);
			method = params["method"] ?? "";
			this.#admit(params);
			const biz = readBusinessContent(params);
			if (REDIRECTS.has(method))
				return reply(302, { location: this.cashierOf(await this.#trades.place(biz, params)) });
			const { content, refunded } = await this.#answer(method, biz, params);
			const notices = refunded ? [this.#notice(refunded.trade, refunded.refundNo)] : [];
			return this.#json(method, { code: "10000", msg: "Success", ...content }, notices);
		} catch (err) {
			if (!(err instanceof GatewayError)) throw err;
			if (REDIRECTS.has(method)) return plain(400, `${err.subCode} ${err.message}`);
			const msg = err.code === "40004" ? "Business Failed" : "Invalid Arguments";
			return this.#json(method, { code: err.code, msg, sub_code: err.subCode, sub_msg: err.message });
		}
	}

	/** Behind a redirect the channel knows no trade before its URL is opened. */
	override async pay(
		paymentNo: string,
		outcome: "success" | "fail",
		actionUrl?: string
	): Promise<PayResult> {
		if (actionUrl && !(await this.options.trades.load(paymentNo))) await this.#open(actionUrl);
		return super.pay(paymentNo, outcome);
	}

	protected buildPaymentNotification(trade: Trade, options?: NotificationOptions) {
		return this.#notice(trade, undefined, options);
	}

	protected buildRefundNotification(
		trade: Trade,
		{ refundNo }: TradeRefund,
		options?: NotificationOptions
	) {
		return this.#notice(trade, refundNo, options);
	}

	#admit(params: Params): void {
		const { appId, merchantPublicKey, clock } = this.options;
		const refuse = (subCode: string, message: string) => new GatewayError("40002", subCode, message);
		if (params["app_id"] !== appId) throw refuse("isv.invalid-app-id", "An unknown app");
		if (params["sign_type"] !== "RSA2")
			throw refuse("isv.invalid-signature-type", "sign_type must be RSA2");
		if (!verifyRequest(params, merchantPublicKey))
			throw refuse("isv.invalid-signature", "A wrong signature");
		if (params["charset"] !== "utf-8" || params["version"] !== "1.0")
			throw refuse("isv.invalid-parameter", "charset must be utf-8 and version 1.0");
		if (REDIRECTS.has(params["method"] ?? "")) return; // may be opened late: the trade's own time limit bounds it
		const age = Math.abs(clock().getTime() - fromGatewayTime(params["timestamp"]).getTime());
		if (!(age <= TIMESTAMP_WINDOW_MS))
			throw refuse("isv.invalid-timestamp", "The timestamp is too far off");
	}

	async #answer(method: string, biz: Params, params: Params): Promise<TradeAnswer> {
		switch (method) {
			case "alipay.trade.precreate": {
				const paymentNo = await this.#trades.place(biz, params);
				return { content: { out_trade_no: paymentNo, qr_code: this.cashierOf(paymentNo) } };
			}
			case "alipay.trade.query":
				return this.#trades.query(biz);
			case "alipay.trade.close":
				return this.#trades.close(biz);
			case "alipay.trade.refund":
				return this.#trades.refund(biz);
			case "alipay.trade.fastpay.refund.query":
				return this.#trades.queryRefund(biz);
			case "alipay.data.dataservice.bill.downloadurl.query":
				return this.#bill(biz);
			default:
				throw new GatewayError("40002", "isv.invalid-method", "An unknown method");
		}
	}

	async #bill({ bill_type, bill_date: date = "" }: Params): Promise<TradeAnswer> {
		if (bill_type !== "trade" || !isDay(date))
			throw new GatewayError("40004", "isp.invalid_arguments", "bill_type or bill_date is invalid");
		const { trades: book, clock, baseUrl } = this.options;
		const ticket = { date, until: clock() };
		if ((await movementsOn(book, "alipay", ticket)).length === 0)
			throw new GatewayError("40004", "isp.bill_not_exist", "There is no bill of that day");
		return { content: { bill_download_url: `${baseUrl()}${FILE}?fileId=${ticketText(ticket)}` } };
	}

	async #file(query: string): Promise<EmulatorReply> {
		const ticket = ticketFrom(new URLSearchParams(query).get("fileId") ?? "");
		if (!ticket) return plain(404, "No such file");
		const { trades: book, sellerId } = this.options;
		const archive = alipayBill(await movementsOn(book, "alipay", ticket), {
			sellerId,
			date: ticket.date
		});
		return reply(200, { "content-type": "application/zip" }, archive);
	}

	/** What the buyer's browser does with a redirect. Who would have been shown an error page has no trade to pay. */
	async #open(actionUrl: string): Promise<void> {
		const query = new URL(actionUrl).search.slice(1);
		await this.handle({ method: "GET", path: PATH, query, headers: {}, rawBody: Buffer.alloc(0) });
	}

	#notice(trade: Trade, refundNo?: string, { forged = false }: NotificationOptions = {}) {
		const { appId, sellerId, alipayPrivateKey, impostorPrivateKey, clock } = this.options;
		const key = forged ? impostorPrivateKey : alipayPrivateKey;
		return alipayNotification(trade, refundNo, { appId, sellerId, key, now: clock() });
	}

	#json(method: string, content: Params, notices: EmulatorReply["notifications"] = []): EmulatorReply {
		const node = method ? `${method.replaceAll(".", "_")}_response` : "error_response";
		const body = signedAnswer(node, content, this.options.alipayPrivateKey);
		return reply(200, { "content-type": "application/json;charset=utf-8" }, body, notices);
	}
}

const plain = (status: number, text: string) => reply(status, { "content-type": "text/plain" }, text);
