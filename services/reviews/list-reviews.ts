import type { Page, PageQuery, Where } from "../../mixins/store.mixin";
import { invalid } from "../../schemas/errors/errors";
import { DEFAULT_PAGE_SIZE } from "../../schemas/kit/rules";
import { formatVoteCursor, parseVoteCursor, type Review } from "./review.domain";
import type { ReviewsContext } from "./reviews.context";

const BY_VOTES = { helpful: -1, _id: -1 } as const;

/** A page of the list of this key, the newest first or by helpful votes. Each order has its own cursors. */
export function listReviews(
	context: ReviewsContext,
	key: string,
	sort: "newest" | "helpful",
	query: PageQuery
): Promise<Page<Review>> {
	if (sort === "helpful") return listByVotes(context, key, query);
	if (query.cursor?.includes(":")) throw invalid("cursor", "cursorOrder");
	return context.reviews.page({ listKeys: key }, query);
}

/** A vote between two pages may move a review over the cursor: it is then seen twice, or not at all. */
async function listByVotes(
	{ reviews }: ReviewsContext,
	key: string,
	{ page = 1, pageSize = DEFAULT_PAGE_SIZE, cursor }: PageQuery
): Promise<Page<Review>> {
	const where = { listKeys: key };
	const limit = pageSize + 1;
	const [found, { count: total, more }] = await Promise.all([
		cursor === undefined
			? reviews.find(where, { sort: BY_VOTES, skip: (page - 1) * pageSize, limit })
			: findAfter(reviews, where, cursor, limit),
		reviews.countList(where)
	]);
	const items = found.slice(0, pageSize);
	const last = found.length > pageSize ? items.at(-1) : undefined;
	return {
		...{ items, page, pageSize, total },
		...(more && { totalIsAtLeast: true }),
		nextCursor: last ? formatVoteCursor(last) : null
	};
}

/** Reads the rest of those with as many votes, then those with fewer: each is one range of the index. */
async function findAfter(
	reviews: ReviewsContext["reviews"],
	where: Where<Review>,
	cursor: string,
	limit: number
): Promise<Review[]> {
	const after = parseVoteCursor(cursor);
	if (!after) throw invalid("cursor", "cursorOrder");
	const { helpful, id } = after;
	const equal = await reviews.find({ ...where, helpful, _id: { $lt: id } }, { sort: BY_VOTES, limit });
	if (equal.length >= limit) return equal;
	const fewer = await reviews.find(
		{ ...where, helpful: { $lt: helpful } },
		{ sort: BY_VOTES, limit: limit - equal.length }
	);
	return [...equal, ...fewer];
}
