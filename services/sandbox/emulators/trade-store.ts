/** What an emulated channel remembers of a payment. */
export interface Trade {
	paymentNo: string;
	channel: "alipay" | "wechat";
	total: number;
	description: string;
	notifyUrl: string;
	returnUrl: string | null;
	createdAt: Date;
	/** The last moment it can be paid. */
	expiresAt: Date;
	/** `unseen`: no buyer has looked at it yet. */
	status: "unseen" | "waiting" | "paid" | "closed";
	paidAt: Date | null;
	refunds: readonly TradeRefund[];
}

export interface TradeRefund {
	refundNo: string;
	amount: number;
	notifyUrl: string;
	at: Date;
}

/** An answer, and the trade to store with it; without one the book stays as it is. */
export interface Decision<Result> {
	result: Result;
	trade?: Trade;
}

export interface TradeStore {
	load(paymentNo: string): Promise<Trade | undefined>;
	loadByRefund(refundNo: string): Promise<Trade | undefined>;
	/** Those paid, or with a refund made, within the time; perhaps more. */
	findMovedBetween(from: Date, to: Date): Promise<Trade[]>;
	/** Atomic: `decide` sees the stored trade and nothing comes between. It is pure, for it runs again when another was faster. */
	change<Result>(
		paymentNo: string,
		decide: (trade: Trade | undefined) => Decision<Result>
	): Promise<Result>;
}

export function memoryTradeStore(): TradeStore {
	const trades = new Map<string, Trade>();
	return {
		load: async paymentNo => trades.get(paymentNo),
		loadByRefund: async refundNo =>
			[...trades.values()].find(trade => trade.refunds.some(refund => refund.refundNo === refundNo)),
		findMovedBetween: async () => [...trades.values()],
		async change(paymentNo, decide) {
			const { trade, result } = decide(trades.get(paymentNo));
			if (trade) trades.set(paymentNo, trade);
			return result;
		}
	};
}
