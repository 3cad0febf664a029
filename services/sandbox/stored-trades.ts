import { DuplicateKey, type Store } from "../../mixins/store.mixin";
import type { Trade, TradeStore } from "./emulators/trade-store";

/** A channel's memory of a payment; `version` guards each change. */
export type StoredTrade = Trade & { readonly _id: string; readonly version: number };

/** The emulated channels' books in the store, so that they remember over a restart as the real ones do. */
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
			for (;;) {
				const stored = await trades.findOne({ _id: paymentNo });
				const { result, trade } = decide(stored ?? undefined);
				if (!trade) return result;
				const version = (stored?.version ?? 0) + 1;
				if (await write({ ...trade, _id: paymentNo, version }, stored)) return result;
			}
		}
	};

	async function write({ _id, ...rest }: StoredTrade, stored: StoredTrade | null): Promise<boolean> {
		if (stored) return (await trades.change({ _id, version: stored.version }, { $set: rest })) !== null;
		try {
			await trades.insert({ _id, ...rest });
			return true;
		} catch (err) {
			if (err instanceof DuplicateKey) return false;
			throw err;
		}
	}
}
