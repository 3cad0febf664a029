/** A payment as an emulated channel stores it. */
export interface Trade {
	paymentNo: string;
	channel: "alipay" | "wechat";
	total: number;
	description: string;
	notifyUrl: string;
	returnUrl: string | null;
	/** WeChat's `trade_type`. */
	tradeType?: "NATIVE" | "MWEB" | "JSAPI" | "APP";
	/** The buyer for whom the merchant ordered it; absent: anyone. */
	openid?: string;
	createdAt: Date;
	/** The last moment at which the trade can be paid. */
	expiresAt: Date;
	/** `unseen`: no buyer has opened the cashier yet. */
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

/** The result of a change, and the trade to store; without a trade nothing is stored. */
export interface Decision<Result> {
	result: Result;
	trade?: Trade;
}

export interface TradeStore {
	load(paymentNo: string): Promise<Trade | undefined>;
	loadByRefund(refundNo: string): Promise<Trade | undefined>;
	/** Finds the trades that were paid or refunded within the time, and possibly more. */
	findMovedBetween(from: Date, to: Date): Promise<Trade[]>;
	/** Changes a trade atomically. `decide` must be pure, since it runs again after a concurrent change. */
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
