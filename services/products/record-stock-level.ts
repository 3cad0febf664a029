import { applyStockLevel, type StockLevelChange } from "./product.domain";
import type { ProductsContext } from "./products.context";
import { productIdOf } from "./sku.domain";

/** Records the level that the inventory reports of a SKU. A SKU or product that is gone is left alone. */
export async function recordStockLevel(
	{ products, cache }: ProductsContext,
	change: StockLevelChange
): Promise<void> {
	const _id = productIdOf(change.skuId);
	const outcome = await products.retryConflicts(_id, async () => {
		const product = await products.findOne({ _id });
		const fields = product && applyStockLevel(product, change);
		if (!fields) return "unchanged";
		const guard = { _id, revision: product.revision };
		return (await products.change(guard, { $set: fields, $inc: { revision: 1 } })) && "changed";
	});
	if (outcome === "changed") await cache.clean(_id);
}
