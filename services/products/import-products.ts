import type { Ctx } from "../../schemas/kit/service";
import type { ImportedProduct } from "../../schemas/products.imports";
import { fact } from "../../schemas/registry";
import { findHiddenCategories } from "./follow-category";
import { importProduct } from "./product.domain";
import type { ProductsContext } from "./products.context";

/**
 * Adds the products that are missing, on the shelf at once. The fact about them is stored with the last one, so it exists only
 * when all of them do.
 */
export async function importProducts(
	{ products, cache }: ProductsContext,
	ctx: Ctx<unknown>,
	given: readonly ImportedProduct[]
): Promise<void> {
	const hidden = await findHiddenCategories(ctx, new Set(given.map(({ categoryId }) => categoryId)));
	const known = await products.find({ _id: { $in: given.map(({ id }) => id) } }, { fields: ["_id"] });
	const knownIds = new Set(known.map(({ _id }) => _id));
	const now = new Date();
	const missing = given
		.filter(({ id }) => !knownIds.has(id))
		.map(each => importProduct(each, hidden.has(each.categoryId), now));
	const last = missing.pop();
	if (!last) return;
	await products.insertMissing(missing);
	const productIds = [...missing, last].map(({ _id }) => _id);
	await products.tryInsert(last, fact("product.imported", { productIds }));
	await cache.clean();
}
