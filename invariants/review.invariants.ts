import { contributionOf, type Review } from "../services/reviews/review.domain";
import { sumContributions, viewSummary, type Summary } from "../services/reviews/summary.domain";
import { readBatches, readByIds, secondsAgo, type InvariantsContext } from "./invariants.context";

const PRODUCTS_AT_ONCE = 50;

/** I12: the summary of a product at rest is what its visible reviews sum to. */
export async function findReviewViolations(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	for await (const summaries of readBatches<Summary>(context, "review_summaries"))
		found.push(...(await checkProducts(context, new Map(summaries.map(one => [one._id, one])))));
	for await (const reviews of readBatches<Review>(context, "reviews")) {
		for (const { _id, countDue } of reviews)
			if (countDue && countDue < secondsAgo(context, 120)) found.push(`review ${_id} was not counted`);
		const productIds = [...new Set(reviews.map(({ productId }) => productId))];
		const known = await readByIds<Summary>(context, "review_summaries", productIds);
		const without = productIds.filter(id => !known.has(id));
		found.push(...(await checkProducts(context, new Map(without.map(id => [id, null])))));
	}
	return [...new Set(found)];
}

/** Compares the summaries, null where there is none, with all reviews of their products. */
async function checkProducts(
	context: InvariantsContext,
	summaries: ReadonlyMap<string, Summary | null>
): Promise<string[]> {
	const found: string[] = [];
	const productIds = [...summaries.keys()];
	for (let from = 0; from < productIds.length; from += PRODUCTS_AT_ONCE) {
		const some = productIds.slice(from, from + PRODUCTS_AT_ONCE);
		const reviews = await context.collection<Review>("reviews").find({ productId: { $in: some } });
		const reviewsOf = Map.groupBy(reviews, ({ productId }) => productId);
		for (const productId of some) {
			const own = reviewsOf.get(productId) ?? [];
			const summary = summaries.get(productId);
			if (own.some(({ countDue }) => countDue) || summary?.inFlight.length) continue;
			const expected = JSON.stringify(viewSummary(sumContributions(own.map(contributionOf))));
			const stored = JSON.stringify(viewSummary(summary ?? sumContributions([])));
			if (stored !== expected)
				found.push(`product ${productId}: its summary is ${stored}, its reviews sum to ${expected}`);
		}
	}
	return found;
}
