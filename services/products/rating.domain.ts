/** Ratings that a product is taken to have before its first review, and their mean. */
const PRIOR_COUNT = 10;
const PRIOR_MEAN = 4;

/** The score of a product without reviews. */
export const UNRATED_SCORE = PRIOR_MEAN;

/**
 * The Bayesian mean of the ratings, by which lists are sorted: `(C × m + Σ ratings) / (C + n)` with a prior of C ratings of
 * mean m. One rating of 5 so does not beat a hundred of 4.9. This is the "weighted rating" with which IMDb sorted its Top 250
 * (https://en.wikipedia.org/wiki/Bayesian_average); m is a constant here and not the mean of the shop, so that a review
 * changes the place of its own product only.
 */
export const scoreRatings = (count: number, sum: number): number =>
	(PRIOR_COUNT * PRIOR_MEAN + sum) / (PRIOR_COUNT + count);

/** The mean as cards show it, to two decimals; 0 without ratings. */
export const meanRating = (count: number, sum: number): number =>
	count > 0 ? Math.round((100 * sum) / count) / 100 : 0;
