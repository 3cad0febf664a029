import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { Product } from "./product.domain";

/** Adds the product to those that the user has viewed. The page does not wait for it, nor fail without it. */
export function sendViewInBackground(ctx: Ctx<unknown>, userId: string, { _id, lowestPrice }: Product): void {
	const view = { userId, productId: _id, price: lowestPrice };
	void call(ctx, "favorites.recordView", view).catch((err: unknown) => {
		ctx.broker.logger.debug({ err }, "A view was not noted in the history");
	});
}
