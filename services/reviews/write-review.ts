import { Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call, fact, type Fact } from "../../schemas/registry";
import { newId } from "../../schemas/values/new-id";
import { selectUploads } from "../../schemas/values/uploads";
import { countReview } from "./count-review";
import { listKeysOf, mustWait, reviseReview, type Review } from "./review.domain";
import type { ReviewsContext } from "./reviews.context";

type Given = {
	readonly orderId: string;
	readonly skuId: string;
	readonly rating: number;
	readonly content: string;
	readonly images?: readonly string[] | undefined;
	readonly anonymous?: boolean | undefined;
};

/** Stores the review of an order's line and counts it. Refuses a second one with DUPLICATE, and one too early or too late. */
export async function createReview(
	context: ReviewsContext,
	ctx: Ctx<object>,
	userId: string,
	{ orderId, skuId, rating, content, images = [], anonymous = false }: Given
): Promise<Review> {
	const { productId, attributes } = await requireReviewable(context, ctx, userId, { orderId, skuId });
	const { nickname, avatarUrl } = await call(ctx, "users.profile", { id: userId });
	const _id = newId();
	await claimPictures(ctx, _id, images);
	const now = new Date();
	const status = waitsForApproval(context, content) ? "waiting" : "visible";
	const listed = { productId, rating, images, skuId, status } as const;
	const review: Review = {
		...{ _id, orderId, attributes, userId, anonymous, content, ...listed },
		author: { nickname, avatarUrl },
		append: null,
		reply: null,
		hiddenReason: null,
		waits: status === "waiting",
		helpful: 0,
		helpfulVersion: 0,
		listKeys: listKeysOf(listed),
		revision: 1,
		counted: null,
		countSeq: 0,
		...(status === "visible" && { countDue: now }),
		createdAt: now
	};
	const stored = await context.reviews.tryInsert(review, ...publish(review));
	if (!stored) {
		await call(ctx, "uploads.release", { owner: `review:${_id}` });
		throw new Refusal("DUPLICATE", "The line has a review", { field: "skuId" });
	}
	await context.lines.change({ _id: `${orderId}:${skuId}` }, { $set: { isOpen: false } });
	if (status === "visible") await countReview(context, review);
	return review;
}

const waitsForApproval = ({ config }: ReviewsContext, content: string): boolean =>
	mustWait(content, { mode: config.get("reviews.moderation"), words: config.get("reviews.words") });

const publish = ({ _id, productId, rating, status }: Review): Fact[] =>
	status === "visible" ? [fact("review.published", { reviewId: _id, productId, rating })] : [];

async function requireReviewable(
	{ config, reviews }: ReviewsContext,
	ctx: Ctx<object>,
	userId: string,
	{ orderId, skuId }: Pick<Given, "orderId" | "skuId">
) {
	const line = await call(ctx, "orders.boughtLine", { orderId, userId, skuId });
	const { status, completedAt, kept } = line;
	if (await reviews.findOne({ orderId, skuId }, { fields: ["_id"] }))
		throw new Refusal("DUPLICATE", "The line has a review", { field: "skuId" });
	const refuse = (message: string) =>
		new Refusal("INVALID_STATE", message, { id: orderId, state: status, allowed: ["completed"] });
	if (status !== "completed" || completedAt === null) throw refuse("The order is not completed");
	if (kept === 0) throw refuse("The units were sent back");
	if (Date.parse(completedAt) + config.get("reviews.window") * 1000 < Date.now())
		throw refuse("The time for a review is over");
	return line;
}

async function claimPictures(ctx: Ctx<object>, id: string, images: readonly string[]): Promise<void> {
	const urls = selectUploads(images);
	if (urls.length > 0) await call(ctx, "uploads.claim", { owner: `review:${id}`, urls });
}

/** Adds to an own review, once. */
export async function appendToReview(
	context: ReviewsContext,
	ctx: Ctx<object>,
	userId: string,
	{ id, content, images = [] }: Pick<Given, "content" | "images"> & { readonly id: string }
): Promise<Review> {
	const review = await context.reviews.get(id, { userId });
	refuseSecondAppend(review);
	await claimPictures(ctx, id, images);
	const append = { content, images, isApproved: !waitsForApproval(context, content), at: new Date() };
	return context.reviews.rewrite(id, before => {
		refuseSecondAppend(before);
		return {
			guard: { revision: before.revision },
			update: { $set: reviseReview(before, { append }, append.at) }
		};
	});
}

function refuseSecondAppend({ _id, append, status }: Review): void {
	if (append)
		throw new Refusal("INVALID_STATE", "The review has an addition", {
			id: _id,
			state: status,
			allowed: []
		});
}
