import type { Ctx } from "../../schemas/kit/service";
import type { ProductPatch, SkuPatch } from "../../schemas/products.contract";
import { call } from "../../schemas/registry";
import { selectUploads } from "../../schemas/values/uploads";

/** Keeps the uploaded pictures of a product that is about to be stored. They stay for good, since orders show them. */
export async function claimPictures(
	ctx: Ctx<object>,
	productId: string,
	{ images = [], skus = [] }: { images?: ProductPatch["images"]; skus?: readonly SkuPatch[] | undefined }
): Promise<void> {
	const owner = `product:${productId}`;
	const ofProduct = selectUploads(images);
	if (ofProduct.length > 0) await call(ctx, "uploads.claim", { owner, urls: ofProduct });
	const ofSkus = selectUploads(skus.map(({ image }) => image));
	if (ofSkus.length > 0) await call(ctx, "uploads.claim", { owner, urls: ofSkus, field: "image" });
}
