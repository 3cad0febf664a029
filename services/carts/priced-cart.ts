import type { CartView } from "../../schemas/carts.contract";
import type { Ctx } from "../../schemas/kit";
import { CURRENCY } from "../../schemas/money";
import type { Quote } from "../../schemas/promotions.contract";
import { call } from "../../schemas/registry";
import { isBuyable, toCartItems, type Cart, type Goods, type GoodsBySku, type Wanted } from "./cart.domain";

/** Present prices and stock of at most 100 SKUs; one that does not exist is left out. */
export async function fetchGoods(ctx: Ctx<unknown>, skuIds: readonly string[]): Promise<GoodsBySku> {
	if (!skuIds.length) return new Map();
	const [skus, stock] = await Promise.all([
		call(ctx, "products.skus", { skuIds }),
		call(ctx, "inventory.query", { skuIds })
	]);
	const available = new Map(stock.map(row => [row.skuId, row.available]));
	const goods = skus.map((sku): Goods => ({ ...sku, available: available.get(sku.skuId) ?? 0 }));
	return new Map(goods.map(sku => [sku.skuId, sku]));
}

type Terms = { readonly province?: string | undefined; readonly couponCode?: string | undefined };
/** What the lines, all of them on the shelf, cost. */
export async function priceCart(
	ctx: Ctx<unknown>,
	wanted: readonly Wanted[],
	shelf: GoodsBySku,
	{ province, couponCode }: Terms = {}
): Promise<Quote> {
	const lines = wanted.flatMap(({ skuId, quantity }) => {
		const goods = shelf.get(skuId);
		if (!goods) return [];
		const { productId, categoryIds, brandId, price } = goods;
		return [{ skuId, productId, categoryIds, brandId, price, quantity }];
	});
	return call(ctx, "promotions.quote", {
		userId: ctx.meta.user?.id ?? null,
		lines,
		...(province && { province }),
		...(couponCode && { couponCode })
	});
}

/** The cart as its owner sees it. */
export async function viewCart(ctx: Ctx<unknown>, cart: Cart): Promise<CartView> {
	const shelf = await fetchGoods(
		ctx,
		cart.lines.map(line => line.skuId)
	);
	const items = toCartItems(cart, shelf);
	const chosen = items.filter(item => item.selected && isBuyable(item));
	const { itemsTotal, discountTotal, currency } = chosen.length
		? await priceCart(ctx, chosen, shelf)
		: { itemsTotal: 0, discountTotal: 0, currency: CURRENCY };
	return {
		items,
		totals: { itemsTotal, discountTotal, total: itemsTotal - discountTotal, currency },
		count: items.reduce((units, item) => units + item.quantity, 0)
	};
}
