import { action, contract, event } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";
import { prose, url } from "./kit/text-rules";
import { historyStep } from "./traces.contract";
import { rawRequest, rawResponse } from "./http.contract";

export const paymentStatus = r.oneOf("pending", "succeeded", "failed", "closed", "refunded");
export type PaymentStatus = r.TypeOf<typeof paymentStatus>;
export const channelName = r.oneOf("alipay", "wechat");
export type ChannelName = r.TypeOf<typeof channelName>;
/**
 * Where the shopper pays: a desktop page, a mobile browser, a code to scan, a page inside the channel's app, a mini program,
 * the merchant's own app. `jsapi` and `mini` need the shopper's `openid` at the channel.
 */
const scene = r.oneOf("page", "wap", "qr", "jsapi", "mini", "app");
export type PaymentScene = r.TypeOf<typeof scene>;
const amount = () => r.int({ min: 0, about: "fen" });

/** The part of a payment that its order shows. */
export const paymentSummary = r.obj("PaymentSummary", {
	id: r.id(),
	paymentNo: r.str(),
	channel: channelName,
	status: paymentStatus,
	amount: amount(),
	refunded: amount(),
	paidAt: r.orNull(r.time())
});
export type PaymentSummary = r.TypeOf<typeof paymentSummary>;

/**
 * What the client does next: opens `url`, shows `url` as a QR code, or hands `params` to the channel's SDK. They are signed:
 * for WeChat Pay what `wx.requestPayment`, WeixinJSBridge or the app's SDK takes; for Alipay `tradeNO` (`my.tradePay`,
 * AlipayJSBridge) or `orderString` (the app's SDK).
 */
const paymentAction = r.obj("PaymentAction", {
	type: r.oneOf("redirect", "qr", "sdk"),
	url: r.opt(r.str()),
	params: r.opt(r.record(r.str()))
});
export type PaymentAction = r.TypeOf<typeof paymentAction>;
const payment = {
	id: r.id(),
	paymentNo: r.str(),
	orderId: r.id(),
	channel: channelName,
	amount: amount(),
	currency: r.currency(),
	status: paymentStatus,
	/** Where the shopper pays; null once the payment is no longer payable. */
	action: r.orNull(paymentAction),
	paidAt: r.orNull(r.time()),
	refunded: amount(),
	expiresAt: r.time(),
	createdAt: r.time()
};
const paymentView = r.obj("Payment", payment);
export type PaymentView = r.TypeOf<typeof paymentView>;

const refundStatus = r.oneOf("requested", "processing", "succeeded", "failed");
export type RefundStatus = r.TypeOf<typeof refundStatus>;
const refundView = r.obj("Refund", {
	refundNo: r.str(),
	amount: amount(),
	/** The refunded units at the price that was paid for each; empty for a refund of a bare amount. */
	items: r.list(r.obj({ skuId: r.id(), quantity: r.int({ min: 1 }), amount: amount() })),
	/** The refunded part of the shipping fee. */
	shipping: amount(),
	status: refundStatus,
	reason: r.str(),
	/** Why the refund failed. */
	failureReason: r.orNull(r.str()),
	createdAt: r.time()
});
export type RefundView = r.TypeOf<typeof refundView>;
const refundApproval = r.obj("RefundApproval", {
	id: r.id(),
	kind: r.oneOf("refund"),
	paymentId: r.id(),
	orderId: r.id(),
	amount: amount(),
	items: r.list(r.obj({ skuId: r.id(), quantity: r.quantity() })),
	shipping: r.bool(),
	reason: r.str(),
	/** `approved` lasts only until the refund is stored. */
	status: r.oneOf("waiting", "approved", "done", "rejected", "failed"),
	requestedBy: r.id(),
	requestedAt: r.time(),
	decidedBy: r.orNull(r.id()),
	decidedAt: r.orNull(r.time()),
	/** Why the refund was rejected, or the code of the refusal that an approved one ended with. */
	note: r.orNull(r.str())
});
export type RefundApprovalView = r.TypeOf<typeof refundApproval>;
const adminView = r.obj("StaffPayment", {
	...payment,
	userId: r.id(),
	orderNo: r.str(),
	channelTxnId: r.orNull(r.str()),
	/** The amount that the channel took. It differs from `amount` only where something is wrong. */
	paidAmount: r.orNull(amount()),
	anomalies: r.list(r.obj({ at: r.time(), reason: r.str() })),
	refunds: r.list(refundView),
	/** In the answer to a refund: the approval that it waits for. */
	approval: r.opt(refundApproval)
});
export type PaymentAdminView = r.TypeOf<typeof adminView>;

const unmatchedNotification = r.obj("UnmatchedNotification", {
	channel: channelName,
	/** The payment number in the notification; not always a number of ours. */
	paymentNo: r.orNull(r.str()),
	reason: r.str(),
	at: r.time()
});

/** A payment or refund that the channel's bill and our books list differently. `ours` or `theirs` is null where it is missing. */
const bookDifference = r.obj("BookDifference", {
	channel: channelName,
	kind: r.oneOf("payment", "refund"),
	paymentNo: r.str(),
	refundNo: r.orNull(r.str()),
	orderId: r.orNull(r.id()),
	ours: r.orNull(amount()),
	theirs: r.orNull(amount())
});
const totals = r.obj("BookTotals", { count: r.int({ min: 0 }), amount: amount() });
const books = r.obj("Books", { payments: totals, refunds: totals });
const reconciliation = r.obj("Reconciliation", {
	/** A day in Beijing. */
	date: r.str(),
	channels: r.list(
		r.obj({
			channel: channelName,
			madeAt: r.time(),
			/** Whether this is the stored report of the day; false while the channel's bill may still change. */
			stored: r.bool(),
			bill: books,
			books,
			differences: r.int({ min: 0 })
		})
	),
	oursOnly: r.list(bookDifference),
	theirsOnly: r.list(bookDifference),
	amountDiffers: r.list(bookDifference)
});
export type Reconciliation = r.TypeOf<typeof reconciliation>;

/**
 * Why a notification is about nothing that the shop knows. Anyone can send notifications of the first four kinds; the others
 * bear the channel's signature.
 */
export const UNMATCHED_REASONS = [
	"malformed",
	"signature",
	"stale",
	"serial",
	"decryption",
	"anomaly",
	"unknown_payment",
	"unknown_refund",
	"wrong_amount"
] as const;
export type UnmatchedReason = (typeof UNMATCHED_REASONS)[number];

export const payments = contract("payments", {
	...personalDataActions,
	create: action(
		{
			key: r.str({ max: 128 }),
			orderId: r.id(),
			channel: channelName,
			scene,
			/** The page to which the channel sends the shopper back, on PUBLIC_URL or one of CORS_ORIGINS. Alipay takes 256 characters. */
			returnUrl: r.opt({ ...url(), max: 256 }),
			openid: r.opt(
				r.personal(
					r.str({
						max: 128,
						pattern: /^[\w-]+$/,
						about: "The shopper's id at the channel; required for the scenes jsapi and mini"
					})
				)
			)
		},
		{ repeatable: true }
	)
		.returns(paymentView)
		.rest("POST /payments", "user", "Begin to pay an order; closes its last unpaid payment", {
			status: 201,
			keyed: true,
			replays: true,
			errors: ["NOT_FOUND", "INVALID_STATE", "NOT_CONFIGURED"]
		}),
	get: action({ id: r.id() })
		.returns(paymentView)
		.rest("GET /payments/:id", "user", "A payment; asks the channel while it is pending", {
			errors: ["NOT_FOUND"]
		}),
	notifyAlipay: action(rawRequest)
		.returns(rawResponse)
		.rest("POST /payments/notify/alipay", "public", "Alipay's asynchronous notification", {
			raw: true,
			limited: false
		}),
	notifyWechat: action(rawRequest)
		.returns(rawResponse)
		.rest("POST /payments/notify/wechat", "public", "WeChat Pay's notification", {
			raw: true,
			limited: false
		}),
	list: action({
		...r.cursorPaging,
		status: r.opt(paymentStatus),
		orderId: r.opt(r.id()),
		paymentNo: r.opt(r.str({ max: 64 }))
	})
		.returns(r.pageOf(adminView))
		.rest("GET /admin/payments", ["support"], "Payments, newest first", { audited: true }),
	unmatchedNotifications: action(r.paging)
		.returns(r.pageOf(unmatchedNotification))
		.rest(
			"GET /admin/payments/notifications",
			["support"],
			"Notifications signed by a channel that fit no payment as it was asked for, newest first"
		),
	refund: action(
		{
			key: r.str({ max: 128 }),
			id: r.id(),
			amount: r.opt(r.fen({ min: 1, max: Number.MAX_SAFE_INTEGER })),
			/** Instead of an amount: units, at the price that was paid for each, and the shipping fee. */
			items: r.opt(r.list(r.obj({ skuId: r.id(), quantity: r.quantity() }), { max: 200 })),
			shipping: r.opt(r.bool()),
			reason: prose({ max: 200 })
		},
		{ repeatable: true }
	)
		.returns(adminView)
		.rest(
			"POST /admin/payments/:id/refund",
			["support"],
			"Send back an amount, or what units (and the shipping fee) were paid with",
			{
				keyed: true,
				errors: ["NOT_FOUND", "INVALID_STATE", "REFUND_EXCEEDS_PAID", "STEP_UP_REQUIRED"]
			}
		),
	approvals: action({ ...r.cursorPaging, status: r.opt(r.oneOf("waiting", "done", "rejected", "failed")) })
		.returns(r.pageOf(refundApproval))
		.rest("GET /admin/approvals", ["support"], "Refunds that wait for a second person, or did"),
	approve: action({ id: r.id() })
		.returns(refundApproval)
		.rest(
			"POST /admin/approvals/:id/approve",
			["support"],
			"Make a refund that another person requested",
			{
				errors: [
					"NOT_FOUND",
					"INVALID_STATE",
					"SECOND_PERSON_REQUIRED",
					"REFUND_EXCEEDS_PAID",
					"STEP_UP_REQUIRED"
				]
			}
		),
	reject: action({ id: r.id(), reason: prose({ max: 200 }) })
		.returns(refundApproval)
		.rest("POST /admin/approvals/:id/reject", ["support"], "Reject a refund that waits", {
			errors: ["NOT_FOUND", "INVALID_STATE"]
		}),
	reconciliation: action({
		date: r.day(),
		channel: r.opt(channelName),
		/** Reconciles again and replaces the stored report. */
		again: r.opt(r.bool())
	})
		.returns(reconciliation)
		.rest(
			"GET /admin/payments/reconciliation",
			["support"],
			"What the channels and the books hold of a Beijing day, and where they differ"
		),
	/** The payment to show for an order: the one that it took, else one that succeeded, else the latest; null where there is none. */
	ofOrder: action({ orderId: r.id(), paymentId: r.opt(r.id()) }, { repeatable: true }).returns(
		r.orNull(paymentSummary)
	),
	/** The steps of an order's history that its payments, refunds and notifications record. */
	history: action({ orderId: r.id() }, { repeatable: true }).returns(r.list(historyStep)),
	/** A payment as the sandbox's cashier shows it; refuses with NOT_FOUND. */
	byNumber: action({ paymentNo: r.str({ max: 64 }) }, { repeatable: true }).returns(
		r.obj({
			paymentNo: r.str(),
			orderNo: r.str(),
			channel: channelName,
			status: paymentStatus,
			amount: amount(),
			action: r.orNull(paymentAction)
		})
	)
});

/** `userId` is absent in facts of earlier versions. */
const ids = { paymentId: r.id(), orderId: r.id(), userId: r.opt(r.id()) };
/** Absent in facts of earlier versions. */
const ofChannel = { channel: r.opt(channelName) };
/** The claim of the order whose units were to be refunded, and its attempt; absent for a bare amount. */
const ofClaim = { claimId: r.opt(r.id()), attempt: r.opt(r.int({ min: 1 })) };
export const paymentEvents = {
	"payment.succeeded": event({
		...ids,
		amount: amount(),
		currency: r.str(),
		channel: channelName,
		paidAt: r.time()
	}).means("The channel has the money", { user: "userId" }),
	"payment.closed": event({ ...ids, ...ofChannel, reason: r.str() }).means(
		"The payment can no longer be paid",
		{
			user: "userId"
		}
	),
	/** A refund succeeded: `amount` by this refund, `refunded` in all, of `paid`. */
	"payment.refunded": event({
		...ids,
		...ofChannel,
		refundId: r.id(),
		amount: r.int(),
		refunded: r.int(),
		paid: r.int(),
		reason: r.str(),
		...ofClaim
	}).means("A refund succeeded, in part or in full", { user: "userId" }),
	/** The channel's bill of a day and our books differ in that many places. */
	"payment.books_differ": event({
		channel: channelName,
		date: r.str(),
		differences: r.int({ min: 1 })
	}).means("A channel's bill of a day differs from the shop's books"),
	/** A refund failed. `requestedByOrder`: `orders` requested the refund, and not staff for a part of the order. */
	"payment.refund_failed": event({
		paymentId: r.id(),
		orderId: r.id(),
		refundId: r.id(),
		...ofChannel,
		amount: r.int(),
		reason: r.str(),
		requestedByOrder: r.opt(r.bool()),
		/** The former name of `requestedByOrder`, for consumers of the previous release (ADR 12). */
		called: r.opt(r.bool()),
		...ofClaim
	}).means("A refund failed; the reason is the channel's, for staff")
};
