import type { OpenCollection } from "../infrastructure/documents/declared";

/** The score of a product without reviews; `rating.domain.ts` of the products explains it. */
const UNRATED_SCORE = 4;

/** Fills `ratingScore`, by which lists are sorted; reviews are new, so no product has any. */
export async function up(collection: OpenCollection): Promise<void> {
	await collection("products").changeMany(
		{ ratingScore: { $exists: false } },
		{ $set: { ratingScore: UNRATED_SCORE, reviews: 0 } }
	);
}
