import type {
	OwnReviewView,
	ReviewStatus,
	ReviewView,
	StaffReviewView
} from "../../schemas/reviews.contract";
import { fold } from "../../schemas/values/text";

/** What a review adds to the summary of its product; null while it is not visible. */
export type Contribution = { readonly rating: number; readonly withImages: boolean } | null;

type Append = {
	readonly content: string;
	readonly images: readonly string[];
	readonly isApproved: boolean;
	readonly at: Date;
};

export type Review = {
	readonly _id: string;
	readonly orderId: string;
	readonly skuId: string;
	readonly productId: string;
	readonly attributes: Readonly<Record<string, string>>;
	/** Null once the account is closed. */
	readonly userId: string | null;
	/** As it was when the review was written; null once the account is closed. */
	readonly author: { readonly nickname: string; readonly avatarUrl: string | null } | null;
	readonly anonymous: boolean;
	readonly rating: number;
	readonly content: string;
	readonly images: readonly string[];
	readonly append: Append | null;
	readonly reply: { readonly content: string; readonly at: Date } | null;
	readonly status: ReviewStatus;
	readonly hiddenReason: string | null;
	/** The review or its addition waits for approval. */
	readonly waits: boolean;
	readonly helpful: number;
	/** Raised by every count of the votes. */
	readonly helpfulVersion: number;
	/** What lists of the product find the review by: a key for each choice of filters. Empty unless it is visible. */
	readonly listKeys: readonly string[];
	/** Raised by every write but those of votes and counting. */
	readonly revision: number;
	/** What the summary includes of the review, and how often that was counted. */
	readonly counted: Contribution;
	readonly countSeq: number;
	/** Set while the summary may not include the review as it is now; the sweep counts it from then on. */
	readonly countDue?: Date;
	readonly createdAt: Date;
};

export const contributionOf = ({ status, rating, images }: Review): Contribution =>
	status === "visible" ? { rating, withImages: images.length > 0 } : null;

export const isSameContribution = (a: Contribution, b: Contribution): boolean =>
	a?.rating === b?.rating && a?.withImages === b?.withImages;

type Filter = {
	readonly rating?: number | undefined;
	readonly withImages?: boolean | undefined;
	readonly skuId?: string | undefined;
};

/** The key of a list of the product's reviews. */
export const listKey = (productId: string, { rating, withImages, skuId }: Filter): string =>
	[productId, rating ?? "", withImages ? "images" : "", skuId ?? ""].join("|");

/** The cursor of a list by votes: the number of votes and the id of the last review seen, `<helpful>:<id>`. */
export const formatVoteCursor = ({ helpful, _id }: Pick<Review, "helpful" | "_id">): string =>
	`${helpful}:${_id}`;

/** Null for what is no such cursor. */
export function parseVoteCursor(cursor: string): { readonly helpful: number; readonly id: string } | null {
	const [, helpful, id] = /^(\d{1,15}):([\w.-]{1,64})$/.exec(cursor) ?? [];
	return helpful === undefined || id === undefined ? null : { helpful: Number(helpful), id };
}

type Listed = Pick<Review, "productId" | "rating" | "images" | "skuId" | "status">;

/** Every list that the review is in: each filter is set to its own value, or not at all. */
export function listKeysOf({ productId, rating, images, skuId, status }: Listed): string[] {
	if (status !== "visible") return [];
	const choices = [undefined, rating].flatMap(byRating =>
		[undefined, skuId].flatMap(bySku =>
			(images.length > 0 ? [false, true] : [false]).map(withImages => ({
				rating: byRating,
				skuId: bySku,
				withImages
			}))
		)
	);
	return choices.map(choice => listKey(productId, choice));
}

type Moderation = { readonly mode: "none" | "words" | "all"; readonly words: readonly string[] };

/** Whether a text must be approved before others see it. */
export function mustWait(content: string, { mode, words }: Moderation): boolean {
	if (mode !== "words") return mode === "all";
	const text = fold(content);
	return words.some(word => text.includes(fold(word)));
}

type Change = Partial<Omit<Review, "_id" | "countDue">>;

/** The fields to set so that a review becomes what `change` says, with everything that is derived from them. */
export function reviseReview(before: Review, change: Change, now: Date) {
	const after = { ...before, ...change };
	const waits = after.status === "waiting" || (after.append !== null && !after.append.isApproved);
	const isCounted = isSameContribution(contributionOf(after), before.counted);
	return {
		...change,
		waits,
		listKeys: listKeysOf(after),
		revision: before.revision + 1,
		...(!isCounted && { countDue: now })
	};
}

export const viewReview = (review: Review): ReviewView => ({
	...viewFields(review),
	author: review.anonymous ? null : review.author,
	append: review.append?.isApproved ? viewAppend(review.append) : null
});

export const viewOwnReview = (review: Review): OwnReviewView => ({
	...viewFields(review),
	author: review.anonymous ? null : review.author,
	append: review.append && viewAppend(review.append),
	orderId: review.orderId,
	status: review.status,
	appendStatus: review.append && (review.append.isApproved ? "visible" : "waiting")
});

export const viewForStaff = (review: Review): StaffReviewView => ({
	...viewOwnReview(review),
	author: review.author,
	userId: review.userId,
	hiddenReason: review.hiddenReason
});

const viewFields = (review: Review) => ({
	id: review._id,
	productId: review.productId,
	skuId: review.skuId,
	attributes: review.attributes,
	rating: review.rating,
	content: review.content,
	images: review.images,
	anonymous: review.anonymous,
	reply: review.reply && { content: review.reply.content, createdAt: review.reply.at.toISOString() },
	helpful: review.helpful,
	createdAt: review.createdAt.toISOString()
});

const viewAppend = ({ content, images, at }: Append) => ({ content, images, createdAt: at.toISOString() });
