import fc from "fast-check";
import { meanRating, scoreRatings, UNRATED_SCORE } from "./rating.domain";

it("ranks many good ratings above a single best one, and that above none", () => {
	expect(scoreRatings(100, 490)).toBeGreaterThan(scoreRatings(1, 5));
	expect(scoreRatings(1, 5)).toBeGreaterThan(scoreRatings(0, 0));
	expect(scoreRatings(0, 0)).toBe(UNRATED_SCORE);
});

it("lies between the prior and the mean, and moves towards every new rating", () => {
	const ratings = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 50 });
	fc.assert(
		fc.property(ratings, fc.integer({ min: 1, max: 5 }), (given, next) => {
			const sum = given.reduce((a, b) => a + b, 0);
			const score = scoreRatings(given.length, sum);
			const mean = sum / given.length;
			expect(score).toBeGreaterThanOrEqual(Math.min(mean, UNRATED_SCORE) - 1e-9);
			expect(score).toBeLessThanOrEqual(Math.max(mean, UNRATED_SCORE) + 1e-9);
			const after = scoreRatings(given.length + 1, sum + next);
			expect(Math.abs(next - after)).toBeLessThanOrEqual(Math.abs(next - score) + 1e-9);
		})
	);
});

it("shows the mean to two decimals", () => {
	expect([meanRating(3, 13), meanRating(0, 0), meanRating(2, 9)]).toEqual([4.33, 0, 4.5]);
});
