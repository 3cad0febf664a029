import { MAX_UNITS, type Demand } from "./demand";
import { invalid, Refusal } from "../errors/errors";
import type { SkuForSale } from "../products.views";

/** A SKU as the catalogue and the inventory know it right now. */
export type Goods = SkuForSale & { readonly available: number };
export type GoodsBySku = ReadonlyMap<string, Goods>;

/** Joins the answers of `products.skus` and `inventory.query`; a SKU without stock has 0 units. */
export function joinGoods(
	skus: readonly SkuForSale[],
	stock: readonly { readonly skuId: string; readonly available: number }[]
): GoodsBySku {
	const available = new Map(stock.map(row => [row.skuId, row.available]));
	return new Map(skus.map(sku => [sku.skuId, { ...sku, available: available.get(sku.skuId) ?? 0 }]));
}

/**
 * Refuses demand that can't be met, all SKUs with the same fault at once. Carts and orders refuse by this one rule, so a
 * client sees the same faults in the same order. A SKU that is not on the shelf may have left the catalogue: both are
 * `NOT_ON_SHELF`. `fieldOf` names the request's field that asks for a SKU.
 */
export function assertAvailable(
	demand: readonly Demand[],
	goods: GoodsBySku,
	fieldOf: (skuId: string) => string
): void {
	for (const { skuId, quantity } of demand)
		if (quantity > MAX_UNITS) throw invalid(fieldOf(skuId), "unitsMax", MAX_UNITS);
	const skuIds = demand.map(({ skuId }) => skuId).filter(skuId => !goods.get(skuId)?.onShelf);
	if (skuIds.length) throw new Refusal("NOT_ON_SHELF", "Not on sale", { skuIds });
	const short = demand.flatMap(({ skuId, quantity }) => {
		const available = goods.get(skuId)?.available ?? 0;
		return quantity > available ? [{ skuId, requested: quantity, available }] : [];
	});
	if (short.length) throw new Refusal("OUT_OF_STOCK", "Not enough in stock", { items: short });
}

/** A SKU of which one user wants more units than allowed; `bought` are those of the user's earlier orders. */
export type ExceededLimit = {
	readonly skuId: string;
	readonly limit: number;
	readonly bought: number;
	readonly requested: number;
};

/** Refuses the exceeded limits, if there are any, all of them at once. */
export function refuseExceededLimits(items: readonly ExceededLimit[]): void {
	if (items.length) throw new Refusal("PURCHASE_LIMIT", "More units than one user may have", { items });
}

/** Lines for `promotions.quote`; SKUs that are not among the goods are left out. */
export const toQuoteLines = (demand: readonly Demand[], goods: GoodsBySku) =>
	demand.flatMap(({ skuId, quantity }) => {
		const sku = goods.get(skuId);
		if (!sku) return [];
		const { productId, categoryIds, brandId, price, weight, shippingRuleId } = sku;
		return [{ skuId, productId, categoryIds, brandId, price, quantity, weight, shippingRuleId }];
	});
