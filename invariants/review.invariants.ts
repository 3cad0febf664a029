import { contributionOf, type Review } from "../services/reviews/review.domain";
import { sumContributions, viewSummary, type Summary } from "../services/reviews/summary.domain";
import { readAll, secondsAgo, type InvariantsContext } from "./invariants.context";

/** I12: the summary of a product at rest is what its visible reviews sum to. */
export async function findReviewViolations(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	const visible = new Map<string, ReturnType<typeof contributionOf>[]>();
	const moving = new Set<string>();
	for await (const review of readAll<Review>(context, "reviews")) {
		const { _id, productId, countDue } = review;
		const counted = visible.get(productId) ?? [];
		visible.set(productId, counted);
		counted.push(contributionOf(review));
		if (countDue) moving.add(productId);
		if (countDue && countDue < secondsAgo(context, 120)) found.push(`review ${_id} was not counted`);
	}
	const summaries = new Map<string, Summary>();
	for await (const summary of readAll<Summary>(context, "review_summaries"))
		summaries.set(summary._id, summary);
	for (const productId of new Set([...visible.keys(), ...summaries.keys()])) {
		const summary = summaries.get(productId);
		if (moving.has(productId) || summary?.inFlight.length) continue;
		const expected = JSON.stringify(viewSummary(sumContributions(visible.get(productId) ?? [])));
		const stored = JSON.stringify(viewSummary(summary ?? sumContributions([])));
		if (stored !== expected)
			found.push(`product ${productId}: its summary is ${stored}, its reviews sum to ${expected}`);
	}
	return found;
}
