import type { NotificationOptions, NotificationRequest, PayResult } from "./channel-emulator";
import * as domain from "./trade.domain";
import type { Trade, TradeStore, TradeRefund } from "./trade-store";

export interface ChannelEmulatorOptions {
	trades: TradeStore;
	clock: () => Date;
	/** Where this channel is reached, for addresses that it gives out. */
	baseUrl: () => string;
	/** Buyers are sent to `<cashierBase>/<paymentNo>`. */
	cashierBase: string;
}

/** What every channel does alike with the buyers of its trades; what it then tells the merchant is its own. */
export abstract class BaseChannelEmulator<Options extends ChannelEmulatorOptions> {
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

	/** Takes no action URL: most channels know every trade from its order on. */
	async pay(paymentNo: string, outcome: "success" | "fail"): Promise<PayResult> {
		const now = this.options.clock();
		const taken = await this.options.trades.change(paymentNo, trade => domain.pay(trade, outcome, now));
		if (!("trade" in taken)) return taken;
		return { outcome: taken.outcome, notification: this.buildPaymentNotification(taken.trade) };
	}

	openCashier(paymentNo: string): Promise<Trade | undefined> {
		const now = this.options.clock();
		return this.options.trades.change(paymentNo, trade => domain.openCashier(trade, now));
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
		const refund = domain.refundOf(trade, refundNo);
		return trade && refund ? this.buildRefundNotification(trade, refund, options) : undefined;
	}

	protected cashierOf(paymentNo: string): string {
		return `${this.options.cashierBase}/${encodeURIComponent(paymentNo)}`;
	}
}
