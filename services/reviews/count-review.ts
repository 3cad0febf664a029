import { KeyedBatcher } from "../../mixins/platform";
import { fact } from "../../schemas/registry";
import type { Review } from "./review.domain";
import type { ReviewsContext } from "./reviews.context";
import { countReviews, createSummary, sumRatings, type CountNote, type Summary } from "./summary.domain";

/** One queue per product. At most 100 reviews go into one write, to bound its size. */
const reviewsByProduct = new KeyedBatcher<string, void>(100);

/**
 * Makes the summary of the product include the review as it is now. Reviews that come while the summary is being written are
 * counted together by the next write.
 *
 * Each review is counted once, through crashes and concurrent duplicates, by the rules of the reservation protocol
 * (docs/architecture.md). The write that changes the totals also puts a note for each counted review into `inFlight`. Then the
 * review stores what was counted of it, and only then its note is removed. A review without a note and without a stored count
 * is therefore not counted yet. Where another process has changed the summary since it was read, the guard on `version` fails
 * and the summary is read again.
 */
export const countReview = (context: ReviewsContext, { _id, productId }: Review): Promise<void> =>
	reviewsByProduct.runBatched(context, productId, _id, ids => countBatch(context, productId, ids));

async function countBatch(context: ReviewsContext, productId: string, ids: readonly string[]): Promise<void> {
	const summary = await context.summaries.rewrite(
		productId,
		async before => {
			const { totals, notes } = countReviews(before, await context.reviews.find({ _id: { $in: ids } }));
			if (notes.length === 0) return null;
			const version = before.version + 1;
			const { count, histogram } = totals;
			return {
				guard: { version: before.version },
				update: { $set: { ...totals, version }, $push: { inFlight: { $each: notes } } },
				facts: [
					fact("review.summary_changed", {
						productId,
						count,
						ratingSum: sumRatings({ histogram }),
						version
					})
				]
			};
		},
		{ initial: createSummary(productId) }
	);
	await applyNotes(context, summary);
}

/** Writes into each review what was counted of it, then drops the notes. */
async function applyNotes({ reviews, summaries }: ReviewsContext, summary: Summary): Promise<void> {
	if (summary.inFlight.length === 0) return;
	const applyNote = async ({ reviewId, seq, revision, contribution }: CountNote): Promise<void> => {
		const counted = { counted: contribution, countSeq: seq + 1 };
		const guard = { _id: reviewId, countSeq: seq };
		const written = await reviews.change(
			{ ...guard, revision },
			{ $set: counted, $unset: { countDue: "" } }
		);
		// A review that has changed since stays due.
		if (!written) await reviews.change(guard, { $set: counted });
	};
	await Promise.all(summary.inFlight.map(applyNote));
	const keys = summary.inFlight.map(({ key }) => key);
	await summaries.change({ _id: summary._id }, { $pull: { inFlight: { key: { $in: keys } } } });
}

const SWEPT_AT_A_TIME = 200;

/** Counts reviews that a crash left uncounted. */
export async function sweepUncounted(context: ReviewsContext, before: Date): Promise<void> {
	const due = await context.reviews.find({ countDue: { $lt: before } }, { limit: SWEPT_AT_A_TIME });
	for (const review of due) {
		await countReview(context, review);
		// A change that came and went back, such as a review that was hidden and shown again, left nothing to count.
		const { _id, revision, countSeq } = review;
		const now = await context.reviews.get(_id);
		if (now.revision === revision && now.countSeq === countSeq)
			await context.reviews.change({ _id, revision, countSeq }, { $unset: { countDue: "" } });
	}
}
