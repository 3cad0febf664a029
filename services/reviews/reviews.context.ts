import type { Config } from "../../mixins/config.mixin";
import type { Store } from "../../mixins/store.mixin";
import type { Review } from "./review.domain";
import type { Summary } from "./summary.domain";

/** A line of a completed order. The id is `<order>:<sku>`. */
export type ReviewLine = {
	readonly _id: string;
	readonly orderId: string;
	readonly skuId: string;
	readonly productId: string;
	readonly userId: string;
	readonly completedAt: Date;
	/** The line has no review yet, and was not sent back. */
	readonly isOpen: boolean;
};

/** A user's vote for a review. The id is `<review>:<user>`. */
export type Vote = { readonly _id: string; readonly reviewId: string; readonly userId: string };

/** Stores and config that the functions of this service work with. */
export type ReviewsContext = {
	readonly reviews: Store<Review>;
	readonly summaries: Store<Summary>;
	readonly lines: Store<ReviewLine>;
	readonly votes: Store<Vote>;
	readonly config: Pick<Config, "get">;
};
