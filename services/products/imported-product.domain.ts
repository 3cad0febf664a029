import type { ImportedProduct } from "../../schemas/products.contract";
import { created, type Product } from "./product.domain";
import { newSkus } from "./sku.domain";

/** A product as if it had come all the way to the shelf; `hidden` says whether its category is. */
export function imported(
	{ id, sales, rating, skus, ...given }: ImportedProduct,
	hidden: boolean,
	now: Date
): Product {
	const content = {
		...given,
		hidden,
		skus: newSkus(id, skus).map((sku, i) => ({ ...sku, level: skus[i]?.stock ?? "out" }))
	};
	return { ...created(id, content, now), status: "on_shelf", sales, rating };
}
