import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { countReview } from "./count-review";
import { reviseReview, viewOwnReview } from "./review.domain";
import type { ReviewsContext } from "./reviews.context";
import { removeVote } from "./vote-review";

/** All reviews of the user, and the reviews that the user called helpful. */
export async function exportReviews({ reviews, votes }: ReviewsContext, userId: string) {
	const [written, voted] = await Promise.all([reviews.find({ userId }), votes.find({ userId })]);
	return { reviews: written.map(viewOwnReview), helpful: voted.map(({ reviewId }) => reviewId) };
}

/** Erases who wrote the user's reviews, and their pictures; what they say of the goods stays. */
export async function eraseAuthor(context: ReviewsContext, ctx: Ctx<object>, userId: string): Promise<void> {
	const { reviews, votes, lines } = context;
	for (const { _id } of await reviews.find({ userId }, { fields: ["_id"] })) {
		const erased = { userId: null, author: null, anonymous: true, images: [] };
		const review = await reviews.rewrite(_id, before => {
			const append = before.append && { ...before.append, images: [] };
			const update = { $set: reviseReview(before, { ...erased, append }, new Date()) };
			return { guard: { revision: before.revision }, update };
		});
		if (review.countDue) await countReview(context, review);
		await call(ctx, "uploads.release", { owner: `review:${_id}` });
	}
	for (const { reviewId } of await votes.find({ userId })) await removeVote(context, reviewId, userId);
	await lines.remove({ userId });
}
