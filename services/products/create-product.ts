import { ulid } from "ulid";
import type { Ctx } from "../../schemas/kit/service";
import type { NewProduct } from "../../schemas/products.inputs";
import { checkDeclaredAttributes, checkReferences } from "./check-references";
import { claimPictures } from "./claim-pictures";
import { refuseDuplicateCode } from "./edit-product";
import { fetchCategoryPosition, followCategory } from "./follow-category";
import { createDraft, type Product } from "./product.domain";
import type { ProductsContext } from "./products.context";
import { createSkus } from "./sku.domain";

/** Stores a draft and checks its references. */
export async function createProduct(
	context: ProductsContext,
	ctx: Ctx<object>,
	{ skus, ...given }: NewProduct
): Promise<Product> {
	const _id = ulid();
	await checkReferences(ctx, given);
	const content = {
		name: given.name,
		subtitle: given.subtitle ?? null,
		description: given.description ?? null,
		images: given.images ?? [],
		attributes: given.attributes ?? {},
		tagIds: given.tagIds ?? [],
		categoryId: given.categoryId,
		...(await fetchCategoryPosition(ctx, given.categoryId)),
		brandId: given.brandId ?? null,
		shippingRuleId: given.shippingRuleId ?? null,
		skus: createSkus(_id, skus)
	};
	await checkDeclaredAttributes(ctx, content);
	await claimPictures(ctx, _id, { ...given, skus });
	const draft = createDraft(_id, content, new Date());
	const product = await context.products.insert(draft).catch(refuseDuplicateCode);
	await context.cache.clean(_id); // the number of matches of lists
	return followCategory(context, ctx, product);
}
