import type { CartView } from "../../schemas/carts.contract";
import type { Demand } from "../../schemas/values/demand";
import { joinGoods, toQuoteLines, type GoodsBySku } from "../../schemas/values/goods";
import type { Ctx } from "../../schemas/kit/service";
import { CURRENCY } from "../../schemas/values/money";
import type { Quote } from "../../schemas/promotions.contract";
import { call } from "../../schemas/registry";
import { isBuyable, toCartItems, type Cart } from "./cart.domain";

/** Goods at present prices and stock, of at most 100 SKUs. A SKU that does not exist is left out. */
export async function fetchGoods(ctx: Ctx<unknown>, skuIds: readonly string[]): Promise<GoodsBySku> {
	if (!skuIds.length) return new Map();
	const [skus, stock] = await Promise.all([
		call(ctx, "products.skus", { skuIds }),
		call(ctx, "inventory.query", { skuIds })
	]);
	return joinGoods(skus, stock);
}

type Terms = {
	readonly province?: string | undefined;
	readonly couponCode?: string | undefined;
	readonly usePoints?: number | undefined;
	readonly offerCoupons?: boolean | undefined;
};
/** Quote for units of the goods. */
export async function priceCart(
	ctx: Ctx<unknown>,
	demand: readonly Demand[],
	goods: GoodsBySku,
	{ province, couponCode, usePoints, offerCoupons }: Terms = {}
): Promise<Quote> {
	const {
		uses: _uses,
		couponId: _couponId,
		...quote
	} = await call(ctx, "promotions.quote", {
		userId: ctx.meta.user?.id ?? null,
		lines: toQuoteLines(demand, goods),
		...(province && { province }),
		...(couponCode && { couponCode }),
		...(usePoints !== undefined && { usePoints }),
		...(offerCoupons && { offerCoupons })
	});
	return quote;
}

/** The cart as its owner sees it, at present prices and stock. */
export async function buildCartView(ctx: Ctx<unknown>, cart: Cart): Promise<CartView> {
	const goods = await fetchGoods(
		ctx,
		cart.lines.map(line => line.skuId)
	);
	const items = toCartItems(cart, goods);
	const chosen = items.filter(item => item.selected && isBuyable(item));
	const { itemsTotal, discountTotal, currency } = chosen.length
		? await priceCart(ctx, chosen, goods)
		: { itemsTotal: 0, discountTotal: 0, currency: CURRENCY };
	return {
		items,
		totals: { itemsTotal, discountTotal, total: itemsTotal - discountTotal, currency },
		count: items.reduce((units, item) => units + item.quantity, 0)
	};
}
