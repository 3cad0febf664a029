import type { Ctx } from "../../schemas/kit/service";
import type { ProductPatch, SkuPatch } from "../../schemas/products.inputs";
import { call } from "../../schemas/registry";
import { selectUploads } from "../../schemas/values/uploads";

type Pictured = {
	readonly images?: ProductPatch["images"];
	readonly skus?: readonly Pick<SkuPatch, "image">[] | undefined;
};

/** Keeps the uploaded pictures of a product that is about to be stored. They stay for good, since orders show them. */
export async function claimPictures(ctx: Ctx<object>, productId: string, pictured: Pictured): Promise<void> {
	const owner = `product:${productId}`;
	for (const uploads of selectPictures(pictured)) await call(ctx, "uploads.claim", { owner, ...uploads });
}

/** Refuses pictures that `claimPictures` would refuse, and keeps none. */
export async function checkPictures(ctx: Ctx<object>, pictured: Pictured): Promise<void> {
	for (const uploads of selectPictures(pictured)) await call(ctx, "uploads.check", uploads);
}

function selectPictures({ images = [], skus = [] }: Pictured): { urls: string[]; field: string }[] {
	const ofProduct = { urls: selectUploads(images), field: "images" };
	const ofSkus = { urls: selectUploads(skus.map(({ image }) => image)), field: "image" };
	return [ofProduct, ofSkus].filter(({ urls }) => urls.length > 0);
}
