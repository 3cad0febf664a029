import { formatYuan } from "../yuan";
import { parseYuan, parseTime, GatewayError, formatGatewayTime, type Params } from "./gateway";
import { buildTradeNo } from "./notification";
import * as domain from "../trade.domain";
import type { Trade, TradeStore } from "../trade-store";

/** `refunded`: a refund that was made by this request, of which the merchant is notified. */
export type MethodAnswer = { content: Params; refunded?: { trade: Trade; refundNo: string } };

/** The `alipay.trade.*` methods. `biz` is a request's biz_content. */
export class TradeMethods {
	constructor(
		private readonly trades: TradeStore,
		private readonly clock: () => Date
	) {}

	async place(
		biz: Params,
		{ method, notify_url: notifyUrl = "", return_url: returnUrl }: Params
	): Promise<string> {
		const { out_trade_no: paymentNo = "", subject: description = "", total_amount, time_expire } = biz;
		const createdAt = this.clock();
		const expiresAt = parseTime(time_expire);
		if (!/^\w{1,64}$/.test(paymentNo) || !/^[^/=&]{1,256}$/.test(description) || !(expiresAt > createdAt))
			throw gatewayError("INVALID_PARAMETER", "out_trade_no, subject or time_expire is invalid");
		const request = {
			paymentNo,
			description,
			notifyUrl,
			returnUrl: returnUrl ?? null,
			createdAt,
			expiresAt
		};
		if (method === "alipay.trade.app.pay" && biz["product_code"] !== "QUICK_MSECURITY_PAY")
			throw gatewayError("INVALID_PARAMETER", "product_code is invalid");
		const total = parseYuan(total_amount);
		const result = await this.trades.change(paymentNo, trade =>
			domain.place(trade, { ...request, channel: "alipay", total })
		);
		if (result === "paid") throw gatewayError("TRADE_HAS_SUCCESS", "The trade has been paid");
		if (result === "closed") throw gatewayError("TRADE_HAS_CLOSE", "The trade has been closed");
		if (result === "different")
			throw gatewayError("CONTEXT_INCONSISTENT", "The number was used with another amount");
		return paymentNo;
	}

	/** A trade for one buyer, whom the merchant's page or mini program then asks to pay. Alipay knows it at once. */
	async create(biz: Params, params: Params): Promise<MethodAnswer> {
		const { product_code, op_app_id, buyer_open_id: openid = "" } = biz;
		if (product_code !== "JSAPI_PAY" || !op_app_id || !/^[\w-]{1,128}$/.test(openid))
			throw gatewayError("INVALID_PARAMETER", "product_code, op_app_id or buyer_open_id is invalid");
		const paymentNo = await this.place(biz, params);
		await this.trades.change(paymentNo, trade => domain.openCashier(trade, this.clock()));
		return { content: { out_trade_no: paymentNo, trade_no: buildTradeNo(paymentNo) } };
	}

	async query(biz: Params): Promise<MethodAnswer> {
		const trade = await this.#load(biz);
		const { status, paidAt, total } = trade;
		const paid = status === "paid";
		const ended = paid ? domain.sumRefunds(trade) === total : status === "closed";
		const over = ended || domain.isExpired(trade, this.clock());
		return {
			content: {
				...toNumbers(trade),
				trade_status: over ? "TRADE_CLOSED" : paid ? "TRADE_SUCCESS" : "WAIT_BUYER_PAY",
				total_amount: formatYuan(total),
				...(paidAt ? { send_pay_date: formatGatewayTime(paidAt) } : {})
			}
		};
	}

	async close(biz: Params): Promise<MethodAnswer> {
		const trade = await this.#load(biz);
		const result = await this.trades.change(trade.paymentNo, domain.close);
		if (result !== "closed") throw gatewayError("TRADE_STATUS_ERROR", "The trade cannot be closed");
		return { content: toNumbers(trade) };
	}

	async refund(biz: Params): Promise<MethodAnswer> {
		const { paymentNo, notifyUrl } = await this.#load(biz);
		const { out_request_no: refundNo = "", refund_amount, refund_reason = "" } = biz;
		if (Buffer.byteLength(refund_reason) > 256)
			throw gatewayError("INVALID_PARAMETER", "refund_reason is longer than 256");
		const refund = { refundNo, amount: parseYuan(refund_amount), notifyUrl, at: this.clock() };
		const result = await this.trades.change(paymentNo, trade => domain.refund(trade, refund));
		if (!("trade" in result)) throw refundError(result.outcome);
		const { trade, outcome } = result;
		const moved = outcome === "refunded";
		const fee = formatYuan(domain.sumRefunds(trade));
		return {
			content: { ...toNumbers(trade), fund_change: moved ? "Y" : "N", refund_fee: fee },
			...(moved ? { refunded: { trade, refundNo } } : {})
		};
	}

	/** Without such a refund, the answer is a success without a status. */
	async queryRefund(biz: Params): Promise<MethodAnswer> {
		const trade = await this.#load(biz);
		const refund = domain.findRefund(trade, biz["out_request_no"] ?? "");
		if (!refund) return { content: {} };
		return {
			content: {
				...toNumbers(trade),
				out_request_no: refund.refundNo,
				total_amount: formatYuan(trade.total),
				refund_amount: formatYuan(refund.amount),
				refund_status: "REFUND_SUCCESS"
			}
		};
	}

	/** Before the buyer opens the cashier, Alipay answers as if there were no trade, although the code can be paid. */
	async #load(biz: Params): Promise<Trade> {
		const trade = await this.trades.load(biz["out_trade_no"] ?? "");
		if (!trade || trade.status === "unseen") throw gatewayError("TRADE_NOT_EXIST", "No such trade");
		return trade;
	}
}

const toNumbers = ({ paymentNo }: Trade): Params => ({
	out_trade_no: paymentNo,
	trade_no: buildTradeNo(paymentNo)
});

const gatewayError = (code: string, message: string) => new GatewayError("40004", `ACQ.${code}`, message);

function refundError(outcome: "not_found" | "not_paid" | "different" | "exceeds"): GatewayError {
	switch (outcome) {
		case "not_found":
			return gatewayError("TRADE_NOT_EXIST", "No such trade");
		case "not_paid":
			return gatewayError("TRADE_STATUS_ERROR", "The trade was not paid");
		case "different":
			return gatewayError(
				"DISCORDANT_REPEAT_REQUEST",
				"The refund number was used with another amount"
			);
		case "exceeds":
			return gatewayError("REFUND_AMT_NOT_EQUAL_TOTAL", "More than what is left of the payment");
	}
}
