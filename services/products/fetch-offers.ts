import type { Ctx } from "../../schemas/kit/service";
import type { ProductOffers } from "../../schemas/products.views";
import { call } from "../../schemas/registry";
import type { Product } from "./product.domain";

/** Time-out of the answer of `promotions`; afterwards products are shown without offers. */
const TIMEOUT_MS = 1000;

const NO_OFFERS: ProductOffers = { promotionPrice: null, promotions: [] };

/** What `promotions` offers for each of the products now. */
export async function fetchOffers(
	ctx: Ctx<unknown>,
	products: readonly Product[]
): Promise<(productId: string) => ProductOffers> {
	if (!products.length) return () => NO_OFFERS;
	const asked = products.map(({ _id, categoryPath, brandId, skus }) => ({
		productId: _id,
		categoryIds: categoryPath,
		brandId,
		skus: skus.map(({ id, price }) => ({ skuId: id, price }))
	}));
	try {
		const shown = await call(ctx, "promotions.showcase", { products: asked }, { timeout: TIMEOUT_MS });
		const offers = new Map(shown.map(({ productId, ...rest }) => [productId, rest]));
		return productId => offers.get(productId) ?? NO_OFFERS;
	} catch (err) {
		ctx.broker.logger.debug({ err }, "`promotions` did not answer: showing products without offers");
		return () => NO_OFFERS;
	}
}
