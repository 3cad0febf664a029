import type { MergedLine } from "../../schemas/carts.contract";
import { MAX_UNITS } from "../../schemas/values/demand";
import type { GoodsBySku } from "../../schemas/values/goods";
import { appendMarker, countBuyableUnits, MAX_LINES, type Cart, type CartLine } from "./cart.domain";

export type MergeRule = "max" | "sum" | "replace";
const REASON = { max: "MAX", sum: "SUM", replace: "REPLACED" } as const;

/**
 * Merges a guest's lines into the user's cart, once per guest cart: the user's cart remembers its id, so a merge that is
 * repeated after a crash changes nothing, even under another rule.
 */
export function mergeGuestCart(
	cart: Cart,
	guest: { readonly id: string; readonly lines: readonly CartLine[] },
	rule: MergeRule,
	goods: GoodsBySku
): { readonly cart: Cart; readonly merged: readonly MergedLine[] } {
	if (cart.merged.includes(guest.id)) return { cart, merged: [] };
	const lines = new Map(cart.lines.map(line => [line.skuId, line]));
	const merged = guest.lines.map(line => {
		const { after, reason } = mergeLine(lines.get(line.skuId), line, rule, goods, lines.size);
		const from = lines.get(line.skuId)?.quantity ?? 0;
		if (after) lines.set(line.skuId, after);
		return { skuId: line.skuId, from, to: after?.quantity ?? from, reason };
	});
	return {
		cart: { ...cart, lines: [...lines.values()], merged: appendMarker(cart.merged, guest.id) },
		merged
	};
}

/** The user's line after the merge, absent where it stays as it was, and the reason as the client sees it. */
type MergeResult = { readonly after?: CartLine; readonly reason: MergedLine["reason"] };
function mergeLine(
	own: CartLine | undefined,
	guest: CartLine,
	rule: MergeRule,
	goods: GoodsBySku,
	cartSize: number
): MergeResult {
	const now = goods.get(guest.skuId);
	if (!now?.onShelf) return { reason: "NOT_ON_SHELF" };
	if (now.available < 1) return { reason: "OUT_OF_STOCK" };
	if (!own && cartSize >= MAX_LINES) return { reason: "CART_FULL" };
	const wanted = own ? combineQuantities(own.quantity, guest.quantity, rule) : guest.quantity;
	const quantity = Math.min(wanted, countBuyableUnits(now), MAX_UNITS);
	const after = { ...(own && rule !== "replace" ? own : guest), quantity };
	if (quantity < wanted) return { after, reason: "CAPPED" };
	return { after, reason: own ? REASON[rule] : "ADDED" };
}

function combineQuantities(own: number, guest: number, rule: MergeRule): number {
	switch (rule) {
		case "max":
			return Math.max(own, guest);
		case "sum":
			return own + guest;
		case "replace":
			return guest;
	}
}
