import type { NotificationOptions, NotificationRequest, PayResult } from "./channel-emulator";
import * as domain from "./trade.domain";
import type { Trade, TradeRefund, TradeStore } from "./trade-store";

export interface EmulatorOptions {
	trades: TradeStore;
	clock: () => Date;
	/** The address of this channel, for the URLs that it hands out. */
	baseUrl: () => string;
	/** Buyers are sent to `<cashierBase>/<paymentNo>`. */
	cashierBase: string;
}

/** The buyer's side of a trade, which is alike at every channel. Each channel writes its own notifications. */
export abstract class BaseEmulator<Options extends EmulatorOptions> {
	constructor(protected readonly options: Options) {}

	protected abstract buildPaymentNotification(
		trade: Trade,
		options?: NotificationOptions
	): NotificationRequest;
	protected abstract buildRefundNotification(
		trade: Trade,
		refund: TradeRefund,
		options?: NotificationOptions
	): NotificationRequest;

	async pay(paymentNo: string, outcome: "success" | "fail"): Promise<PayResult> {
		const { trades, clock } = this.options;
		const now = clock();
		const paid = await trades.change(paymentNo, trade => domain.pay(trade, outcome, now));
		if (!("trade" in paid)) return paid;
		return { outcome: paid.outcome, notification: this.buildPaymentNotification(paid.trade) };
	}

	/** Most channels leave it to the browser, whose address names the page. */
	async buildReturnUrl(_paymentNo: string): Promise<string | null> {
		return null;
	}

	openCashier(paymentNo: string): Promise<Trade | undefined> {
		const { trades, clock } = this.options;
		const now = clock();
		return trades.change(paymentNo, trade => domain.openCashier(trade, now));
	}

	async paymentNotification(
		paymentNo: string,
		options?: NotificationOptions
	): Promise<NotificationRequest | undefined> {
		const trade = await this.options.trades.load(paymentNo);
		return trade?.status === "paid" ? this.buildPaymentNotification(trade, options) : undefined;
	}

	async refundNotification(
		paymentNo: string,
		refundNo: string,
		options?: NotificationOptions
	): Promise<NotificationRequest | undefined> {
		const trade = await this.options.trades.load(paymentNo);
		const refund = domain.findRefund(trade, refundNo);
		return trade && refund ? this.buildRefundNotification(trade, refund, options) : undefined;
	}

	protected cashierUrl(paymentNo: string): string {
		return `${this.options.cashierBase}/${encodeURIComponent(paymentNo)}`;
	}
}
