import { DuplicateKey } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import type { ProductPatch } from "../../schemas/products.inputs";
import { checkDeclaredAttributes, checkReferences } from "./check-references";
import { claimPictures } from "./claim-pictures";
import { fetchCategoryPosition, followCategory } from "./follow-category";
import { applyEdit, patchProduct, type Product, type ProductEdit } from "./product.domain";
import type { ProductsContext } from "./products.context";
import { duplicateCode } from "./sku.domain";

/**
 * Stores what `decide` makes of the product as it is stored; `decide` runs again where another write came between, so it
 * must not write. Given a version, refuses to edit any other with VERSION_CONFLICT.
 */
export async function editProduct(
	{ products, cache }: ProductsContext,
	id: string,
	version: number | undefined,
	decide: (product: Product) => Promise<ProductEdit> | ProductEdit
): Promise<Product> {
	const edited = await products
		.rewrite(id, async product => {
			const { version: stored, revision } = product;
			if (version !== undefined && version !== stored)
				throw new Refusal("VERSION_CONFLICT", "The product was changed by somebody else", {
					id,
					version: stored
				});
			const { set, facts } = applyEdit(product, await decide(product), new Date());
			return { guard: { revision }, update: { $set: set, $inc: { revision: 1 } }, facts };
		})
		.catch(refuseDuplicateCode);
	await cache.clean(id);
	return edited;
}

/** Edits the content and checks its references; the product follows its category where that moves at the same time. */
export async function editContent(
	context: ProductsContext,
	ctx: Ctx<object>,
	id: string,
	version: number | undefined,
	patch: ProductPatch
): Promise<Product> {
	await checkReferences(ctx, patch);
	await claimPictures(ctx, id, patch);
	const edited = await editProduct(context, id, version, async product => {
		const position =
			patch.categoryId === undefined ? {} : await fetchCategoryPosition(ctx, patch.categoryId);
		const edit = { ...patchProduct(product, patch), ...position };
		if (patch.categoryId ?? patch.attributes ?? patch.skus)
			await checkDeclaredAttributes(ctx, { ...product, ...edit }, { before: product });
		return edit;
	});
	return followCategory(context, ctx, edited);
}

/** For an error of a write: a SKU code in use is refused. Databases made by older versions have an index on `skus.code` too. */
export function refuseDuplicateCode(err: unknown): never {
	throw err instanceof DuplicateKey && err.index.startsWith("skus.code") ? duplicateCode() : err;
}
