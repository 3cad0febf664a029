import type { PayloadOf } from "../../schemas/kit/contract";
import { fact, type Events } from "../../schemas/registry";
import type { ProductsContext } from "./products.context";
import { meanRating, scoreRatings } from "./rating.domain";

type SummaryChange = PayloadOf<Events["review.summary_changed"]>;

/** Records what the reviews of a product sum to. Late summaries, and those of a product that is gone, are left alone. */
export async function recordRating(
	{ products, cache }: ProductsContext,
	{ productId, count, ratingSum, version }: SummaryChange
): Promise<void> {
	const rating = meanRating(count, ratingSum);
	const older = { $or: [{ ratingVersion: { $exists: false } }, { ratingVersion: { $lt: version } }] };
	const fields = { rating, reviews: count, ratingVersion: version };
	const rated = await products.change(
		{ ...older, _id: productId },
		{ $set: { ...fields, ratingScore: scoreRatings(count, ratingSum) } },
		[fact("product.rated", { productId, rating, reviews: count })]
	);
	if (rated) await cache.clean(productId);
}
