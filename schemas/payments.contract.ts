import {
	action,
	bool,
	contract,
	currency,
	cursorPaging,
	day,
	event,
	fen,
	id,
	int,
	list,
	obj,
	oneOf,
	opt,
	orNull,
	pageOf,
	paging,
	str,
	time,
	type TypeOf
} from "./kit";
import { prose } from "./text-rules";
import { historyStep } from "./traces.contract";
import { rawAnswer, rawRequest } from "./http.contract";

export const paymentStatus = oneOf("pending", "succeeded", "failed", "closed", "refunded");
export type PaymentStatus = TypeOf<typeof paymentStatus>;
export const channelName = oneOf("alipay", "wechat");
export type ChannelName = TypeOf<typeof channelName>;
const scene = oneOf("page", "wap", "qr");
const sum = () => int({ min: 0, about: "fen" });

/** The part of a payment that its order shows. */
export const paymentSummary = obj({
	id: id(),
	paymentNo: str(),
	channel: channelName,
	status: paymentStatus,
	amount: sum(),
	refunded: sum(),
	paidAt: orNull(time())
});
export type PaymentSummary = TypeOf<typeof paymentSummary>;

const paymentAction = obj({ type: oneOf("redirect", "qr"), url: str() });
const payment = {
	id: id(),
	paymentNo: str(),
	orderId: id(),
	channel: channelName,
	amount: sum(),
	currency: currency(),
	status: paymentStatus,
	/** Where the shopper pays; null once there is nothing to pay any more. */
	action: orNull(paymentAction),
	paidAt: orNull(time()),
	refunded: sum(),
	expiresAt: time(),
	createdAt: time()
};
const paymentView = obj(payment);
export type PaymentView = TypeOf<typeof paymentView>;

const refundStatus = oneOf("requested", "processing", "succeeded", "failed");
export type RefundStatus = TypeOf<typeof refundStatus>;
const refundView = obj({
	refundNo: str(),
	amount: sum(),
	/** The units it is for, at what each of them was paid with; none where it is for an amount alone. */
	items: list(obj({ skuId: id(), quantity: int({ min: 1 }), amount: sum() })),
	/** What of the shipping fee is in it. */
	shipping: sum(),
	status: refundStatus,
	reason: str(),
	/** Why it failed. */
	cause: orNull(str()),
	createdAt: time()
});
export type RefundView = TypeOf<typeof refundView>;
const adminView = obj({
	...payment,
	userId: id(),
	orderNo: str(),
	channelTxnId: orNull(str()),
	/** What the channel took in fact; differs from `amount` only where something is wrong. */
	paidAmount: orNull(sum()),
	anomalies: list(obj({ at: time(), what: str() })),
	refunds: list(refundView)
});
export type PaymentAdminView = TypeOf<typeof adminView>;

const unmatchedNotification = obj({
	channel: channelName,
	/** Whose it says it is; not always one of ours. */
	paymentNo: orNull(str()),
	what: str(),
	at: time()
});

/** One that the channel and the books see differently; `ours` or `theirs` is null where it is missing. */
const bookDifference = obj({
	channel: channelName,
	kind: oneOf("payment", "refund"),
	paymentNo: str(),
	refundNo: orNull(str()),
	orderId: orNull(id()),
	ours: orNull(sum()),
	theirs: orNull(sum())
});
const held = obj({ count: int({ min: 0 }), amount: sum() });
const books = obj({ payments: held, refunds: held });
const reconciliation = obj({
	/** A day in Beijing. */
	date: str(),
	channels: list(
		obj({
			channel: channelName,
			madeAt: time(),
			/** Kept as the report of the day; false while the channel's bill may still change. */
			stored: bool(),
			bill: books,
			books,
			differences: int({ min: 0 })
		})
	),
	oursOnly: list(bookDifference),
	theirsOnly: list(bookDifference),
	amountDiffers: list(bookDifference)
});
export type Reconciliation = TypeOf<typeof reconciliation>;

/** Why a notification is no plain news. The first four anyone can send; the others bear the channel's signature. */
export const ODDITIES = [
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
export type Oddity = (typeof ODDITIES)[number];

/** What the channel is answered, and for the gateway alone why its notification was odd, if it was. */
const notificationAnswer = obj({ ...rawAnswer, odd: orNull(oneOf(...ODDITIES)) });
export type NotificationAnswer = TypeOf<typeof notificationAnswer>;

export const payments = contract("payments", {
	create: action(
		{ key: str({ max: 128 }), orderId: id(), channel: channelName, scene },
		{ repeatable: true }
	)
		.returns(paymentView)
		.rest("POST /payments", "user", "Begin to pay an order; closes its last unpaid payment", {
			status: 201,
			keyed: true,
			errors: ["NOT_FOUND", "INVALID_STATE"]
		}),
	get: action({ id: id() })
		.returns(paymentView)
		.rest("GET /payments/:id", "user", "A payment; asks the channel while it is pending", {
			errors: ["NOT_FOUND"]
		}),
	notifyAlipay: action(rawRequest)
		.returns(notificationAnswer)
		.rest("POST /payments/notify/alipay", "public", "Alipay's asynchronous notification", { raw: true }),
	notifyWechat: action(rawRequest)
		.returns(notificationAnswer)
		.rest("POST /payments/notify/wechat", "public", "WeChat Pay's notification", { raw: true }),
	list: action({
		...cursorPaging,
		status: opt(paymentStatus),
		orderId: opt(id()),
		paymentNo: opt(str({ max: 64 }))
	})
		.returns(pageOf(adminView))
		.rest("GET /admin/payments", ["support"], "Payments, newest first"),
	oddNotices: action(paging)
		.returns(pageOf(unmatchedNotification))
		.rest(
			"GET /admin/payments/notices",
			["support"],
			"Notifications signed by a channel that fit no payment as it was asked for, newest first"
		),
	refund: action(
		{
			key: str({ max: 128 }),
			id: id(),
			/** Or of what: units at what they were paid with, and the shipping fee. */
			amount: opt(fen({ min: 1, max: Number.MAX_SAFE_INTEGER })),
			items: opt(list(obj({ skuId: id(), quantity: int({ min: 1, max: 9999 }) }), { max: 200 })),
			shipping: opt(bool()),
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
				errors: ["NOT_FOUND", "INVALID_STATE", "REFUND_EXCEEDS_PAID"]
			}
		),
	reconciliation: action({
		date: day(),
		channel: opt(channelName),
		/** Compares anew and keeps that, also where there is a report. */
		again: opt(bool())
	})
		.returns(reconciliation)
		.rest(
			"GET /admin/payments/reconciliation",
			["support"],
			"What the channels and the books hold of a Beijing day, and where they differ"
		),
	/** The payment that counts for an order: the one it took, else one that succeeded, else the latest; null when there is none. */
	ofOrder: action({ orderId: id(), paymentId: opt(id()) }, { repeatable: true }).returns(
		orNull(paymentSummary)
	),
	/** What payments, refunds and notifications tell of an order's life. */
	history: action({ orderId: id() }, { repeatable: true }).returns(list(historyStep)),
	/** What the sandbox's cashier needs of a payment; refuses with NOT_FOUND. */
	byNumber: action({ paymentNo: str({ max: 64 }) }, { repeatable: true }).returns(
		obj({
			paymentNo: str(),
			orderNo: str(),
			channel: channelName,
			status: paymentStatus,
			amount: sum(),
			action: orNull(paymentAction)
		})
	)
});

const which = { paymentId: id(), orderId: id() };
export const paymentEvents = {
	"payment.succeeded": event({
		...which,
		amount: sum(),
		currency: str(),
		channel: channelName,
		paidAt: time()
	}),
	"payment.closed": event({ ...which, reason: str() }),
	/** Money went back: `amount` now, `refunded` in all, of `paid`. */
	"payment.refunded": event({
		...which,
		refundId: id(),
		amount: int(),
		refunded: int(),
		paid: int(),
		reason: str()
	}),
	/** The channel's bill of a day and the books do not agree, in so many places. */
	"payment.books_differ": event({ channel: channelName, date: str(), differences: int({ min: 1 }) }),
	/** `called`: it was the order's own, not one that staff made of a part. */
	"payment.refund_failed": event({
		...which,
		refundId: id(),
		amount: int(),
		reason: str(),
		called: opt(bool())
	})
};
