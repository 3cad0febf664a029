import type { MergedLine } from "../../schemas/carts.contract";
import {
	countBuyableUnits,
	MAX_LINES,
	MAX_QUANTITY,
	appendMarker,
	type Cart,
	type CartLine,
	type GoodsBySku
} from "./cart.domain";

export type MergeRule = "max" | "sum" | "replace";
const REASON = { max: "MAX", sum: "SUM", replace: "REPLACED" } as const;

/**
 * A guest's lines come into the user's cart, once for each guest cart: its id stays with the user, so that whatever is
 * done again after a crash, by whichever rule, changes nothing.
 */
export function mergeGuestCart(
	cart: Cart,
	guest: { readonly id: string; readonly lines: readonly CartLine[] },
	rule: MergeRule,
	shelf: GoodsBySku
): { readonly cart: Cart; readonly merged: readonly MergedLine[] } {
	if (cart.merged.includes(guest.id)) return { cart, merged: [] };
	const lines = new Map(cart.lines.map(line => [line.skuId, line]));
	const merged = guest.lines.map(line => {
		const { after, reason } = meet(lines.get(line.skuId), line, rule, shelf, lines.size);
		const from = lines.get(line.skuId)?.quantity ?? 0;
		if (after) lines.set(line.skuId, after);
		return { skuId: line.skuId, from, to: after?.quantity ?? from, reason };
	});
	return {
		cart: { ...cart, lines: [...lines.values()], merged: appendMarker(cart.merged, guest.id) },
		merged
	};
}

type Meeting = { readonly after?: CartLine; readonly reason: MergedLine["reason"] };
function meet(
	mine: CartLine | undefined,
	guests: CartLine,
	rule: MergeRule,
	shelf: GoodsBySku,
	size: number
): Meeting {
	const now = shelf.get(guests.skuId);
	if (!now?.onShelf) return { reason: "NOT_ON_SHELF" };
	if (now.available < 1) return { reason: "OUT_OF_STOCK" };
	if (!mine && size >= MAX_LINES) return { reason: "CART_FULL" };
	const wanted = mine ? ruled(mine.quantity, guests.quantity, rule) : guests.quantity;
	const quantity = Math.min(wanted, countBuyableUnits(now), MAX_QUANTITY);
	const after = { ...(mine && rule !== "replace" ? mine : guests), quantity };
	if (quantity < wanted) return { after, reason: "CAPPED" };
	return { after, reason: mine ? REASON[rule] : "ADDED" };
}

function ruled(mine: number, guests: number, rule: MergeRule): number {
	switch (rule) {
		case "max":
			return Math.max(mine, guests);
		case "sum":
			return mine + guests;
		case "replace":
			return guests;
	}
}
