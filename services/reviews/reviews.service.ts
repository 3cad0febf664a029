import { configMixin } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { requireUserId } from "../../schemas/kit/caller";
import { service } from "../../schemas/registry";
import { reviews } from "../../schemas/reviews.contract";
import { sweepUncounted } from "./count-review";
import { listReviews } from "./list-reviews";
import { eraseAuthor, exportReviews } from "./manage-personal-data";
import * as moderation from "./moderate-review";
import { listKey, viewForStaff, viewOwnReview, viewReview, type Review } from "./review.domain";
import { closeLines, openLines, readPendingLines } from "./review-lines";
import type { ReviewLine, ReviewsContext, Vote } from "./reviews.context";
import { createSummary, viewSummary, type Summary } from "./summary.domain";
import { addVote, removeVote } from "./vote-review";
import { appendToReview, createReview } from "./write-review";

/** A review that is uncounted for longer was left so by a crash. */
const STALE_MS = 10_000;

/** Owns reviews, and the summary of each product, which is exact however many are written at once. */
export default service(reviews, {
	dependencies: ["orders", "users"],
	mixins: [
		storeMixin({
			reviews: collection<Review>("reviews", [
				{ keys: { orderId: 1, skuId: 1 }, unique: true },
				{ keys: { listKeys: 1, _id: -1 } },
				{ keys: { listKeys: 1, helpful: -1, _id: -1 } },
				{ keys: { userId: 1, _id: -1 } },
				{ keys: { productId: 1, _id: -1 } },
				{ keys: { status: 1, _id: -1 } },
				{ keys: { waits: 1, _id: -1 } },
				{ keys: { countDue: 1 }, sparse: true }
			]),
			summaries: collection<Summary>("review_summaries"),
			lines: collection<ReviewLine>("review_lines", [{ keys: { userId: 1, isOpen: 1, _id: -1 } }]),
			votes: collection<Vote>("review_votes", [{ keys: { reviewId: 1 } }, { keys: { userId: 1 } }])
		}),
		configMixin,
		scheduleMixin<ReviewsContext>({
			name: "uncounted reviews",
			every: "promotions.sweepEvery",
			run() {
				return sweepUncounted(this, new Date(Date.now() - STALE_MS));
			}
		})
	],

	actions: {
		create: {
			async handler(ctx) {
				return viewOwnReview(await createReview(this, ctx, requireUserId(ctx), ctx.params));
			}
		},
		append: {
			async handler(ctx) {
				return viewOwnReview(await appendToReview(this, ctx, requireUserId(ctx), ctx.params));
			}
		},
		vote: {
			async handler(ctx) {
				return { helpful: await addVote(this, ctx.params.id, requireUserId(ctx)) };
			}
		},
		unvote: {
			async handler(ctx) {
				return { helpful: await removeVote(this, ctx.params.id, requireUserId(ctx)) };
			}
		},
		ofProduct: {
			async handler({ params: { id, sort = "newest", rating, withImages, skuId, ...query } }) {
				const key = listKey(id, { rating, withImages, skuId });
				const [page, summary] = await Promise.all([
					listReviews(this, key, sort, query),
					this.summaries.findOne({ _id: id })
				]);
				const items = page.items.map(viewReview);
				return { ...page, items, summary: viewSummary(summary ?? createSummary(id)) };
			}
		},
		mine: {
			async handler(ctx) {
				const page = await this.reviews.page({ userId: requireUserId(ctx) }, ctx.params);
				return { ...page, items: page.items.map(viewOwnReview) };
			}
		},
		pending: {
			async handler(ctx) {
				return readPendingLines(this, ctx, requireUserId(ctx), ctx.params);
			}
		},

		adminList: {
			async handler({ params: { status, productId, rating, ...query } }) {
				const where = {
					...(status === "waiting" ? { waits: true } : status !== undefined && { status }),
					...(productId !== undefined && { productId }),
					...(rating !== undefined && { rating })
				};
				const page = await this.reviews.page(where, query);
				return { ...page, items: page.items.map(viewForStaff) };
			}
		},
		reply: {
			async handler({ params: { id, content } }) {
				return viewForStaff(await moderation.replyToReview(this, id, content));
			}
		},
		hide: {
			async handler({ params: { id, reason } }) {
				return viewForStaff(await moderation.hideReview(this, id, reason));
			}
		},
		show: {
			async handler({ params: { id } }) {
				return viewForStaff(await moderation.showReview(this, id));
			}
		},
		approve: {
			async handler({ params: { id } }) {
				return viewForStaff(await moderation.approveReview(this, id));
			}
		},
		exportPersonalData: {
			async handler({ params: { userId } }) {
				return exportReviews(this, userId);
			}
		}
	},

	events: {
		async "order.completed"(ctx) {
			await openLines(this, ctx.params);
		},
		async "order.refunded"(ctx) {
			await closeLines(this, ctx.params);
		},
		async "order.units_refunded"(ctx) {
			const { orderId, userId, lines } = ctx.params;
			await closeLines(this, { orderId, userId, lines: lines.filter(({ left }) => left === 0) });
		},
		async "user.closed"(ctx) {
			await eraseAuthor(this, ctx, ctx.params.userId);
		}
	}
});
