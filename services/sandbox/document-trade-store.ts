import { DuplicateKey, type Store } from "../../mixins/store.mixin";
import type { Trade, TradeStore } from "./emulators/trade-store";

/** A trade as a document; `version` guards each change. */
export type StoredTrade = Trade & { readonly _id: string; readonly version: number };

/** Keeps the emulated channels' trades in the document store, so that they survive a restart as at the real channels. */
export function documentTradeStore(trades: Store<StoredTrade>): TradeStore {
	return {
		load: async paymentNo => (await trades.findOne({ _id: paymentNo })) ?? undefined,
		loadByRefund: async refundNo => (await trades.findOne({ "refunds.refundNo": refundNo })) ?? undefined,
		async findMovedBetween(from, to) {
			const at = { $gte: from, $lt: to };
			const [paid, refunded] = await Promise.all([
				trades.find({ paidAt: at }),
				trades.find({ "refunds.at": at })
			]);
			return [...new Map([...paid, ...refunded].map(trade => [trade._id, trade])).values()];
		},
		async change(paymentNo, decide) {
			const { result } = await trades.retryConflicts(paymentNo, async () => {
				const stored = await trades.findOne({ _id: paymentNo });
				const decision = decide(stored ?? undefined);
				return !decision.trade || (await writeTrade(decision.trade, stored)) ? decision : null;
			});
			return result;
		}
	};

	/** False where a concurrent change came first. */
	async function writeTrade(trade: Trade, stored: StoredTrade | null): Promise<boolean> {
		// The stored trade, and so the decided one, has an `_id`, which an update must not set.
		const { _id, ...fields } = {
			...trade,
			_id: trade.paymentNo,
			version: (stored?.version ?? 0) + 1
		};
		if (stored) return (await trades.change({ _id, version: stored.version }, { $set: fields })) !== null;
		try {
			await trades.insert({ _id, ...fields });
			return true;
		} catch (err) {
			if (err instanceof DuplicateKey) return false;
			throw err;
		}
	}
}
