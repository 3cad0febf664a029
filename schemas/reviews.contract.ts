import { action, contract, event } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";
import { prose, shopPicture } from "./kit/text-rules";

const rating = () => r.int({ min: 1, max: 5 });
const content = () => prose({ max: 2000 });
const images = () => r.opt(r.list(shopPicture(), { max: 9, unique: true }));
const text = { content: content(), images: images() };

const counts = {
	count: r.int({ min: 0 }),
	/** Reviews with pictures. */
	withImages: r.int({ min: 0 })
};
const summary = r.obj("ReviewSummary", {
	...counts,
	/** Mean of the ratings; 0 without any. */
	average: r.num({ min: 0, max: 5 }),
	histogram: r.obj({
		1: r.int({ min: 0 }),
		2: r.int({ min: 0 }),
		3: r.int({ min: 0 }),
		4: r.int({ min: 0 }),
		5: r.int({ min: 0 })
	})
});
export type SummaryView = r.TypeOf<typeof summary>;

const view = {
	id: r.id(),
	productId: r.id(),
	skuId: r.id(),
	/** Of the SKU as it was bought. */
	attributes: r.record(r.str()),
	rating: rating(),
	content: r.str(),
	images: r.list(r.str()),
	anonymous: r.bool(),
	/** Null for an anonymous review. */
	author: r.orNull(r.obj({ nickname: r.personal(r.str()), avatarUrl: r.orNull(r.str()) })),
	append: r.orNull(r.obj({ content: r.str(), images: r.list(r.str()), createdAt: r.time() })),
	reply: r.orNull(r.obj({ content: r.str(), createdAt: r.time() })),
	helpful: r.int({ min: 0 }),
	createdAt: r.time()
};
const reviewView = r.obj("Review", view);
export type ReviewView = r.TypeOf<typeof reviewView>;

const status = r.oneOf("visible", "waiting", "hidden");
export type ReviewStatus = r.TypeOf<typeof status>;
const own = { ...view, orderId: r.id(), status, appendStatus: r.orNull(r.oneOf("visible", "waiting")) };
const ownView = r.obj("OwnReview", own);
export type OwnReviewView = r.TypeOf<typeof ownView>;
const staffView = r.obj("StaffReview", { ...own, userId: r.orNull(r.id()), hiddenReason: r.orNull(r.str()) });
export type StaffReviewView = r.TypeOf<typeof staffView>;

const pendingLine = r.obj({
	orderId: r.id(),
	skuId: r.id(),
	productId: r.id(),
	name: r.str(),
	image: r.orNull(r.str()),
	attributes: r.record(r.str()),
	completedAt: r.time()
});

const byId = { id: r.id() };
const staff = ["support"] as const;
const stateChange = { errors: ["NOT_FOUND", "INVALID_STATE"] } as const;

export const reviews = contract("reviews", {
	...personalDataActions,
	create: action({
		orderId: r.id(),
		skuId: r.id(),
		rating: rating(),
		...text,
		anonymous: r.opt(r.bool())
	})
		.returns(ownView)
		.rest("POST /reviews", "user", "Review a line of a completed order, once", {
			status: 201,
			errors: ["NOT_FOUND", "INVALID_STATE", "DUPLICATE"]
		}),
	append: action({ ...byId, ...text })
		.returns(ownView)
		.rest("POST /reviews/:id/append", "user", "Add to an own review, once", {
			status: 201,
			...stateChange
		}),
	vote: action(byId, { repeatable: true })
		.returns(r.obj({ helpful: r.int({ min: 0 }) }))
		.rest("POST /reviews/:id/helpful", "user", "Call a review helpful; once a user", {
			errors: ["NOT_FOUND"]
		}),
	unvote: action(byId, { repeatable: true })
		.returns(r.obj({ helpful: r.int({ min: 0 }) }))
		.rest("DELETE /reviews/:id/helpful", "user", "Take the own vote back", { errors: ["NOT_FOUND"] }),

	ofProduct: action({
		...r.cursorPaging,
		/** With `sort=helpful` it is `<helpful>:<id>` of the last entry. */
		cursor: r.opt(r.str({ max: 80, pattern: /^[\w.:-]+$/ })),
		id: r.id(),
		rating: r.opt(rating()),
		/** True: only reviews with pictures. */
		withImages: r.opt(r.bool()),
		skuId: r.opt(r.id()),
		sort: r.opt(r.oneOf("newest", "helpful"))
	})
		.returns(r.obj({ ...r.pageFields(reviewView), summary }))
		.rest("GET /products/:id/reviews", "public", "Reviews of a product, and their summary"),
	mine: action(r.cursorPaging)
		.returns(r.pageOf(ownView))
		.rest("GET /me/reviews", "user", "The own reviews, newest first"),
	pending: action(r.cursorPaging)
		.returns(r.pageOf(pendingLine))
		.rest("GET /me/reviews/pending", "user", "Lines of own orders that wait for a review"),

	adminList: action({
		...r.cursorPaging,
		/** `waiting` lists what waits for approval, an addition too. */
		status: r.opt(status),
		productId: r.opt(r.id()),
		rating: r.opt(rating())
	})
		.returns(r.pageOf(staffView))
		.rest("GET /admin/reviews", staff, "Reviews of all products, newest first"),
	reply: action({ ...byId, content: content() })
		.returns(staffView)
		.rest("POST /admin/reviews/:id/reply", staff, "Answer a review; a second answer replaces the first", {
			errors: ["NOT_FOUND"]
		}),
	hide: action({ ...byId, reason: prose({ max: 500 }) })
		.returns(staffView)
		.rest(
			"POST /admin/reviews/:id/hide",
			staff,
			"Take a review out of the list and the summary",
			stateChange
		),
	show: action(byId)
		.returns(staffView)
		.rest("POST /admin/reviews/:id/show", staff, "Show a hidden review again", stateChange),
	approve: action(byId)
		.returns(staffView)
		.rest("POST /admin/reviews/:id/approve", staff, "Approve what waits of a review", stateChange)
});

const ofReview = { reviewId: r.id(), productId: r.id() };
export const reviewEvents = {
	/** Of a review that waited before too. */
	"review.published": event({ ...ofReview, rating: rating() }).means("A review can be seen by everybody"),
	"review.hidden": event({ ...ofReview, reason: r.str() }).means("Staff took a review out of the list"),
	/** `version` orders late ones. */
	"review.summary_changed": event({
		productId: r.id(),
		count: r.int({ min: 0 }),
		ratingSum: r.int({ min: 0 }),
		version: r.int({ min: 1 })
	}).means("The number or the sum of the ratings of a product changed; `version` orders late ones")
};
