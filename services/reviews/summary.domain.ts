import type { SummaryView } from "../../schemas/reviews.contract";
import { contributionOf, isSameContribution, type Contribution, type Review } from "./review.domain";

/** A change of one review that the summary includes, until the review itself says so. */
export type CountNote = {
	/** `<review>:<countSeq>`: the review's count that this is. */
	readonly key: string;
	readonly reviewId: string;
	readonly seq: number;
	/** The review as it was counted. */
	readonly revision: number;
	readonly contribution: Contribution;
};

type Histogram = SummaryView["histogram"];

/** What the visible reviews of a product sum to. */
export type Summary = {
	/** The product's id. */
	readonly _id: string;
	readonly count: number;
	readonly withImages: number;
	readonly histogram: Histogram;
	readonly version: number;
	readonly inFlight: readonly CountNote[];
};

type Totals = Pick<Summary, "count" | "withImages" | "histogram">;
const NOTHING: Totals = { count: 0, withImages: 0, histogram: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 } };

export const createSummary = (productId: string): Summary => ({
	_id: productId,
	...NOTHING,
	version: 0,
	inFlight: []
});

export const sumRatings = ({ histogram }: Pick<Summary, "histogram">): number =>
	Object.entries(histogram).reduce((sum, [rating, count]) => sum + Number(rating) * count, 0);

export function viewSummary({ count, withImages, histogram }: Totals): SummaryView {
	const average = count > 0 ? sumRatings({ histogram }) / count : 0;
	return { count, withImages, average, histogram };
}

function addContribution(totals: Totals, contribution: Contribution, by: 1 | -1): Totals {
	if (!contribution) return totals;
	const rating = contribution.rating as keyof Histogram;
	return {
		count: totals.count + by,
		withImages: totals.withImages + (contribution.withImages ? by : 0),
		histogram: { ...totals.histogram, [rating]: totals.histogram[rating] + by }
	};
}

/** What these contributions sum to. */
export const sumContributions = (contributions: Iterable<Contribution>): Totals =>
	[...contributions].reduce<Totals>((totals, each) => addContribution(totals, each, 1), NOTHING);

/**
 * Counts the reviews as they are now. A review is left out when the summary includes it already: the review says so, or a
 * note does. The reviews must have been read after the summary.
 */
export function countReviews(
	summary: Summary,
	reviews: readonly Review[]
): { totals: Totals; notes: CountNote[] } {
	const known = new Set(summary.inFlight.map(({ key }) => key));
	const changes = reviews
		.map(review => ({
			before: review.counted,
			note: {
				key: `${review._id}:${review.countSeq}`,
				reviewId: review._id,
				seq: review.countSeq,
				revision: review.revision,
				contribution: contributionOf(review)
			}
		}))
		.filter(({ before, note }) => !isSameContribution(before, note.contribution) && !known.has(note.key));
	const totals = changes.reduce<Totals>(
		(sum, { before, note }) => addContribution(addContribution(sum, before, -1), note.contribution, 1),
		summary
	);
	const { count, withImages, histogram } = totals;
	return { totals: { count, withImages, histogram }, notes: changes.map(({ note }) => note) };
}
