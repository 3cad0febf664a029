import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { Product } from "./product.domain";

/** Notes in the user's history that the user looks at the product. The page does not wait for it, nor fail without it. */
export function noteView(ctx: Ctx<unknown>, userId: string, { _id, lowestPrice }: Product): void {
	const view = { userId, productId: _id, price: lowestPrice };
	void call(ctx, "favorites.recordView", view).catch((err: unknown) => {
		ctx.broker.logger.debug({ err }, "A view was not noted in the history");
	});
}
