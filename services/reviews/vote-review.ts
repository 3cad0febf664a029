import type { ReviewsContext } from "./reviews.context";

/** Stores the user's vote for a visible review; returns the number of votes. */
export async function addVote(context: ReviewsContext, reviewId: string, userId: string): Promise<number> {
	await context.reviews.get(reviewId, { status: "visible" });
	const vote = { _id: `${reviewId}:${userId}`, reviewId, userId };
	await context.votes.insertOnce(vote, { _id: vote._id });
	return countVotes(context, reviewId);
}

export async function removeVote(context: ReviewsContext, reviewId: string, userId: string): Promise<number> {
	await context.reviews.get(reviewId);
	await context.votes.remove({ _id: `${reviewId}:${userId}` });
	return countVotes(context, reviewId);
}

/**
 * Counts a review's votes anew. The version is read before the votes are counted: of concurrent counts the last one to be
 * written has seen every vote that was stored before it began.
 */
export async function countVotes({ reviews, votes }: ReviewsContext, reviewId: string): Promise<number> {
	const { helpful } = await reviews.rewrite(reviewId, async ({ helpfulVersion }) => ({
		guard: { helpfulVersion },
		update: {
			$set: { helpful: await votes.count({ reviewId }) },
			$inc: { helpfulVersion: 1 }
		}
	}));
	return helpful;
}
