import type { NoticeOptions, NoticeRequest, PayResult } from "./emulator";
import * as domain from "./trade.domain";
import type { Trade, TradeBook, TradeRefund } from "./trade-store";

export interface TradeDeskOptions {
	book: TradeBook;
	clock: () => Date;
	/** Where this channel is reached, for addresses that it gives out. */
	baseUrl: () => string;
	/** Buyers are sent to `<cashierBase>/<paymentNo>`. */
	cashierBase: string;
}

/** What every channel does alike with the buyers of its trades; what it then tells the merchant is its own. */
export abstract class TradeDesk<Options extends TradeDeskOptions> {
	constructor(protected readonly options: Options) {}

	protected abstract paidNotice(trade: Trade, options?: NoticeOptions): NoticeRequest;
	protected abstract refundedNotice(
		trade: Trade,
		refund: TradeRefund,
		options?: NoticeOptions
	): NoticeRequest;

	/** Takes no action URL: most channels know every trade from its order on. */
	async pay(paymentNo: string, outcome: "success" | "fail"): Promise<PayResult> {
		const now = this.options.clock();
		const taken = await this.options.book.change(paymentNo, trade => domain.take(trade, outcome, now));
		if (!("trade" in taken)) return taken;
		return { outcome: taken.outcome, notice: this.paidNotice(taken.trade) };
	}

	present(paymentNo: string): Promise<Trade | undefined> {
		const now = this.options.clock();
		return this.options.book.change(paymentNo, trade => domain.present(trade, now));
	}

	async notice(paymentNo: string, options?: NoticeOptions): Promise<NoticeRequest | undefined> {
		const trade = await this.options.book.load(paymentNo);
		return trade?.status === "paid" ? this.paidNotice(trade, options) : undefined;
	}

	async refundNotice(
		paymentNo: string,
		refundNo: string,
		options?: NoticeOptions
	): Promise<NoticeRequest | undefined> {
		const trade = await this.options.book.load(paymentNo);
		const refund = domain.refundOf(trade, refundNo);
		return trade && refund ? this.refundedNotice(trade, refund, options) : undefined;
	}

	protected cashierOf(paymentNo: string): string {
		return `${this.options.cashierBase}/${encodeURIComponent(paymentNo)}`;
	}
}
