import { fenOf, fromGatewayTime, GatewayError, gatewayTime, yuan, type Params } from "./alipay.gateway";
import { tradeNo } from "./alipay.notifications";
import * as domain from "./trade.domain";
import type { Trade, TradeStore } from "./trade-store";

/** A refund whose money moved just now is told to the merchant as well. */
export type TradeAnswer = { content: Params; refunded?: { trade: Trade; refundNo: string } };

/** The `alipay.trade.*` methods on the book of trades; `biz` is a request's biz_content. */
export class AlipayTrades {
	constructor(
		private readonly book: TradeStore,
		private readonly clock: () => Date
	) {}

	async place(biz: Params, { notify_url: notifyUrl = "", return_url: returnUrl }: Params): Promise<string> {
		const { out_trade_no: paymentNo = "", subject: description = "", total_amount, time_expire } = biz;
		const createdAt = this.clock();
		const expiresAt = fromGatewayTime(time_expire);
		if (!/^\w{1,64}$/.test(paymentNo) || !/^[^/=&]{1,256}$/.test(description) || !(expiresAt > createdAt))
			throw refusal("INVALID_PARAMETER", "out_trade_no, subject or time_expire is invalid");
		const order = {
			paymentNo,
			description,
			notifyUrl,
			returnUrl: returnUrl ?? null,
			createdAt,
			expiresAt
		};
		const total = fenOf(total_amount);
		const result = await this.book.change(paymentNo, trade =>
			domain.place(trade, { ...order, channel: "alipay", total })
		);
		if (result === "paid") throw refusal("TRADE_HAS_SUCCESS", "The trade has been paid");
		if (result === "closed") throw refusal("TRADE_HAS_CLOSE", "The trade has been closed");
		if (result === "different")
			throw refusal("CONTEXT_INCONSISTENT", "The number was used with another amount");
		return paymentNo;
	}

	async query(biz: Params): Promise<TradeAnswer> {
		const trade = await this.#known(biz);
		const { status, paidAt, total } = trade;
		const paid = status === "paid";
		const ended = paid ? domain.refundedTotal(trade) === total : status === "closed";
		const over = ended || domain.isExpired(trade, this.clock());
		return {
			content: {
				...numbersOf(trade),
				trade_status: over ? "TRADE_CLOSED" : paid ? "TRADE_SUCCESS" : "WAIT_BUYER_PAY",
				total_amount: yuan(total),
				...(paidAt ? { send_pay_date: gatewayTime(paidAt) } : {})
			}
		};
	}

	async close(biz: Params): Promise<TradeAnswer> {
		const trade = await this.#known(biz);
		const result = await this.book.change(trade.paymentNo, domain.close);
		if (result !== "closed") throw refusal("TRADE_STATUS_ERROR", "The trade cannot be closed");
		return { content: numbersOf(trade) };
	}

	async refund(biz: Params): Promise<TradeAnswer> {
		const { paymentNo, notifyUrl } = await this.#known(biz);
		const { out_request_no: refundNo = "", refund_amount } = biz;
		const refund = { refundNo, amount: fenOf(refund_amount), notifyUrl, at: this.clock() };
		const result = await this.book.change(paymentNo, trade => domain.refund(trade, refund));
		if (!("trade" in result)) throw refusedRefund(result.outcome);
		const { trade, outcome } = result;
		const moved = outcome === "refunded";
		const fee = yuan(domain.refundedTotal(trade));
		return {
			content: { ...numbersOf(trade), fund_change: moved ? "Y" : "N", refund_fee: fee },
			...(moved ? { refunded: { trade, refundNo } } : {})
		};
	}

	/** A success without a status means: no such refund. */
	async queryRefund(biz: Params): Promise<TradeAnswer> {
		const trade = await this.#known(biz);
		const refund = domain.refundOf(trade, biz["out_request_no"] ?? "");
		if (!refund) return { content: {} };
		return {
			content: {
				...numbersOf(trade),
				out_request_no: refund.refundNo,
				total_amount: yuan(trade.total),
				refund_amount: yuan(refund.amount),
				refund_status: "REFUND_SUCCESS"
			}
		};
	}

	/** Before a buyer has looked at it, Alipay answers as if there were no trade, although the code can be paid. */
	async #known(biz: Params): Promise<Trade> {
		const trade = await this.book.load(biz["out_trade_no"] ?? "");
		if (!trade || trade.status === "unseen") throw refusal("TRADE_NOT_EXIST", "No such trade");
		return trade;
	}
}

const numbersOf = ({ paymentNo }: Trade): Params => ({
	out_trade_no: paymentNo,
	trade_no: tradeNo(paymentNo)
});

const refusal = (code: string, message: string) => new GatewayError("40004", `ACQ.${code}`, message);

function refusedRefund(outcome: "not_found" | "not_paid" | "different" | "exceeds"): GatewayError {
	switch (outcome) {
		case "not_found":
			return refusal("TRADE_NOT_EXIST", "No such trade");
		case "not_paid":
			return refusal("TRADE_STATUS_ERROR", "The trade was not paid");
		case "different":
			return refusal("DISCORDANT_REPEAT_REQUEST", "The refund number was used with another amount");
		case "exceeds":
			return refusal("REFUND_AMT_NOT_EQUAL_TOTAL", "More than what is left of the payment");
	}
}
