import fc from "fast-check";
import { contributionOf, listKey, listKeysOf, mustWait, type Review } from "./review.domain";
import { countReviews, createSummary, sumContributions, viewSummary, type Summary } from "./summary.domain";

const aReview = (n: number, more: Partial<Review> = {}) =>
	({
		_id: `r${n}`,
		productId: "p",
		skuId: "s",
		status: "visible",
		rating: 5,
		images: [],
		counted: null,
		countSeq: 0,
		revision: 1,
		...more
	}) as unknown as Review;

const change = fc.record({
	review: fc.integer({ min: 0, max: 4 }),
	rating: fc.integer({ min: 1, max: 5 }),
	status: fc.constantFrom("visible" as const, "hidden" as const, "waiting" as const),
	images: fc.constantFrom<readonly string[]>([], ["/a"]),
	/** Whether the note of the count reaches the review, and leaves the summary, before the next change. */
	isApplied: fc.boolean()
});

it("sums the visible reviews after any changes, however late a note is applied", () => {
	fc.assert(
		fc.property(fc.array(change, { maxLength: 40 }), changes => {
			const reviews = [0, 1, 2, 3, 4].map(n => aReview(n, { status: "waiting" }));
			let summary: Summary = createSummary("p");
			const applyNotes = () => {
				for (const { reviewId, seq, contribution } of summary.inFlight) {
					const n = reviews.findIndex(({ _id }) => _id === reviewId);
					const review = reviews[n];
					if (review?.countSeq !== seq) continue;
					reviews[n] = { ...review, counted: contribution, countSeq: seq + 1 };
				}
				summary = { ...summary, inFlight: [] };
			};
			const count = () => {
				const { totals, notes } = countReviews(summary, reviews);
				summary = { ...summary, ...totals, inFlight: [...summary.inFlight, ...notes] };
			};
			for (const { review: n, isApplied, ...fields } of changes) {
				reviews[n] = { ...aReview(n, reviews[n]), ...fields };
				count();
				count(); // a repetition changes nothing
				if (isApplied) applyNotes();
			}
			applyNotes();
			count();
			const expected = sumContributions(reviews.map(contributionOf));
			expect(viewSummary(summary)).toEqual(viewSummary(expected));
		})
	);
});

it("has an average of exactly the histogram, and 0 without reviews", () => {
	const of = (...ratings: number[]) =>
		viewSummary(sumContributions(ratings.map(rating => ({ rating, withImages: false }))));

	expect(of(5, 4, 4)).toMatchObject({ count: 3, average: 13 / 3, histogram: { 4: 2, 5: 1 } });
	expect(of().average).toBe(0);
});

it("lists a review under every choice of filters that it meets, and only while it is visible", () => {
	const keys = listKeysOf(aReview(1, { rating: 4, images: ["/a"] }));

	expect(keys).toHaveLength(8);
	expect(keys).toContain(listKey("p", {}));
	expect(keys).toContain(listKey("p", { rating: 4, withImages: true, skuId: "s" }));
	expect(keys).not.toContain(listKey("p", { rating: 5 }));
	expect(listKeysOf(aReview(1, { status: "hidden" }))).toEqual([]);
});

it("lets reviews wait for approval by the words in them, in whatever spelling", () => {
	const words = ["微信", "VX"];

	expect(mustWait("加 微 信", { mode: "words", words })).toBe(true);
	expect(mustWait("ｖｘ 联系", { mode: "words", words })).toBe(true);
	expect(mustWait("很好喝", { mode: "words", words })).toBe(false);
	expect(mustWait("很好喝", { mode: "all", words })).toBe(true);
	expect(mustWait("微信", { mode: "none", words })).toBe(false);
});
