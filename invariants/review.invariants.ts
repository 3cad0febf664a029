import { contributionOf, type Contribution, type Review } from "../services/reviews/review.domain";
import { sumContributions, viewSummary, type Summary } from "../services/reviews/summary.domain";
import { readBatches, readByIds, secondsAgo, type InvariantsContext } from "./invariants.context";

const REVIEWS_AT_ONCE = 1000;

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
	for (const [productId, summary] of summaries) {
		const { contributions, isCounted } = await readContributions(context, productId);
		if (!isCounted || summary?.inFlight.length) continue;
		const expected = JSON.stringify(viewSummary(sumContributions(contributions)));
		const stored = JSON.stringify(viewSummary(summary ?? sumContributions([])));
		if (stored !== expected)
			found.push(`product ${productId}: its summary is ${stored}, its reviews sum to ${expected}`);
	}
	return found;
}

/** Reads the reviews of a product page by page: their contributions to its summary, and whether all have been counted. */
async function readContributions(context: InvariantsContext, productId: string) {
	const reviews = context.collection<Review>("reviews");
	const contributions: Contribution[] = [];
	let isCounted = true;
	for (let before: string | undefined; ;) {
		const page = await reviews.find(
			{ productId, ...(before !== undefined && { _id: { $lt: before } }) },
			{ sort: { _id: -1 }, limit: REVIEWS_AT_ONCE, fields: ["status", "rating", "images", "countDue"] }
		);
		contributions.push(...page.map(contributionOf));
		isCounted &&= page.every(({ countDue }) => !countDue);
		const last = page.at(-1);
		if (!last || page.length < REVIEWS_AT_ONCE) return { contributions, isCounted };
		before = last._id;
	}
}
