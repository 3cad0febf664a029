import { Refusal } from "../../schemas/errors/errors";
import { fact, type Fact } from "../../schemas/registry";
import { countReview } from "./count-review";
import { reviseReview, type Review } from "./review.domain";
import type { ReviewsContext } from "./reviews.context";

type Decision = { readonly change: Partial<Review>; readonly facts?: readonly Fact[] };

/** Changes a review by what `decide` makes of it, and the summary with it. */
async function moderate(
	context: ReviewsContext,
	id: string,
	decide: (review: Review) => Decision
): Promise<Review> {
	const review = await context.reviews.rewrite(id, before => {
		const { change, facts = [] } = decide(before);
		const { revision } = before;
		return { guard: { revision }, update: { $set: reviseReview(before, change, new Date()) }, facts };
	});
	if (review.countDue) await countReview(context, review);
	return review;
}

const refuseState = ({ _id, status }: Review, allowed: readonly string[]): Refusal =>
	new Refusal("INVALID_STATE", "The review is not in a state for this", {
		id: _id,
		state: status,
		allowed
	});

const published = ({ _id, productId, rating }: Review): Fact =>
	fact("review.published", { reviewId: _id, productId, rating });

/** Approves what waits: the review, its addition, or both. */
export const approveReview = (context: ReviewsContext, id: string): Promise<Review> =>
	moderate(context, id, review => {
		if (!review.waits || review.status === "hidden") throw refuseState(review, ["waiting"]);
		const append = review.append && { ...review.append, isApproved: true };
		const isNew = review.status === "waiting";
		return { change: { status: "visible", append }, facts: isNew ? [published(review)] : [] };
	});

export const hideReview = (context: ReviewsContext, id: string, reason: string): Promise<Review> =>
	moderate(context, id, review => {
		if (review.status === "hidden") throw refuseState(review, ["visible", "waiting"]);
		const hidden = fact("review.hidden", { reviewId: id, productId: review.productId, reason });
		return { change: { status: "hidden", hiddenReason: reason }, facts: [hidden] };
	});

/** Shows a hidden review again, with its addition. */
export const showReview = (context: ReviewsContext, id: string): Promise<Review> =>
	moderate(context, id, review => {
		if (review.status !== "hidden") throw refuseState(review, ["hidden"]);
		const append = review.append && { ...review.append, isApproved: true };
		return { change: { status: "visible", hiddenReason: null, append }, facts: [published(review)] };
	});

export const replyToReview = (context: ReviewsContext, id: string, content: string): Promise<Review> =>
	moderate(context, id, () => ({ change: { reply: { content, at: new Date() } } }));
