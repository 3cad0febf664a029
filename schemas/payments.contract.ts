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
const amount = () => int({ min: 0, about: "fen" });

/** The part of a payment that its order shows. */
export const paymentSummary = obj({
	id: id(),
	paymentNo: str(),
	channel: channelName,
	status: paymentStatus,
	amount: amount(),
	refunded: amount(),
	paidAt: orNull(time())
});
export type PaymentSummary = TypeOf<typeof paymentSummary>;

const paymentAction = obj({ type: oneOf("redirect", "qr"), url: str() });
const payment = {
	id: id(),
	paymentNo: str(),
	orderId: id(),
	channel: channelName,
	amount: amount(),
	currency: currency(),
	status: paymentStatus,
	/** Where the shopper pays; null once the payment is no longer payable. */
	action: orNull(paymentAction),
	paidAt: orNull(time()),
	refunded: amount(),
	expiresAt: time(),
	createdAt: time()
};
const paymentView = obj(payment);
export type PaymentView = TypeOf<typeof paymentView>;

const refundStatus = oneOf("requested", "processing", "succeeded", "failed");
export type RefundStatus = TypeOf<typeof refundStatus>;
const refundView = obj({
	refundNo: str(),
	amount: amount(),
	/** The refunded units at the price that was paid for each; empty for a refund of a bare amount. */
	items: list(obj({ skuId: id(), quantity: int({ min: 1 }), amount: amount() })),
	/** The refunded part of the shipping fee. */
	shipping: amount(),
	status: refundStatus,
	reason: str(),
	/** Why the refund failed. */
	cause: orNull(str()),
	createdAt: time()
});
export type RefundView = TypeOf<typeof refundView>;
const adminView = obj({
	...payment,
	userId: id(),
	orderNo: str(),
	channelTxnId: orNull(str()),
	/** The amount that the channel took. It differs from `amount` only where something is wrong. */
	paidAmount: orNull(amount()),
	anomalies: list(obj({ at: time(), what: str() })),
	refunds: list(refundView)
});
export type PaymentAdminView = TypeOf<typeof adminView>;

const unmatchedNotification = obj({
	channel: channelName,
	/** The payment number in the notification; not always a number of ours. */
	paymentNo: orNull(str()),
	what: str(),
	at: time()
});

/** A payment or refund that the channel's bill and our books list differently. `ours` or `theirs` is null where it is missing. */
const bookDifference = obj({
	channel: channelName,
	kind: oneOf("payment", "refund"),
	paymentNo: str(),
	refundNo: orNull(str()),
	orderId: orNull(id()),
	ours: orNull(amount()),
	theirs: orNull(amount())
});
const totals = obj({ count: int({ min: 0 }), amount: amount() });
const books = obj({ payments: totals, refunds: totals });
const reconciliation = obj({
	/** A day in Beijing. */
	date: str(),
	channels: list(
		obj({
			channel: channelName,
			madeAt: time(),
			/** Whether this is the stored report of the day; false while the channel's bill may still change. */
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

/** Why a notification is odd. Anyone can send one of the first four kinds; the others bear the channel's signature. */
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

/** The answer to the channel, and for the gateway alone why the notification is odd; null for a good one. */
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
	unmatchedNotifications: action(paging)
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
			amount: opt(fen({ min: 1, max: Number.MAX_SAFE_INTEGER })),
			/** Instead of an amount: units, at the price that was paid for each, and the shipping fee. */
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
		/** Reconciles again and replaces the stored report. */
		again: opt(bool())
	})
		.returns(reconciliation)
		.rest(
			"GET /admin/payments/reconciliation",
			["support"],
			"What the channels and the books hold of a Beijing day, and where they differ"
		),
	/** The payment to show for an order: the one that it took, else one that succeeded, else the latest; null where there is none. */
	ofOrder: action({ orderId: id(), paymentId: opt(id()) }, { repeatable: true }).returns(
		orNull(paymentSummary)
	),
	/** The steps of an order's history that its payments, refunds and notifications record. */
	history: action({ orderId: id() }, { repeatable: true }).returns(list(historyStep)),
	/** A payment as the sandbox's cashier shows it; refuses with NOT_FOUND. */
	byNumber: action({ paymentNo: str({ max: 64 }) }, { repeatable: true }).returns(
		obj({
			paymentNo: str(),
			orderNo: str(),
			channel: channelName,
			status: paymentStatus,
			amount: amount(),
			action: orNull(paymentAction)
		})
	)
});

const ids = { paymentId: id(), orderId: id() };
export const paymentEvents = {
	"payment.succeeded": event({
		...ids,
		amount: amount(),
		currency: str(),
		channel: channelName,
		paidAt: time()
	}),
	"payment.closed": event({ ...ids, reason: str() }),
	/** A refund succeeded: `amount` by this refund, `refunded` in all, of `paid`. */
	"payment.refunded": event({
		...ids,
		refundId: id(),
		amount: int(),
		refunded: int(),
		paid: int(),
		reason: str()
	}),
	/** The channel's bill of a day and our books differ in that many places. */
	"payment.books_differ": event({ channel: channelName, date: str(), differences: int({ min: 1 }) }),
	/** `called`: it was the order's own, not one that staff made of a part. */
	"payment.refund_failed": event({
		...ids,
		refundId: id(),
		amount: int(),
		reason: str(),
		called: opt(bool())
	})
};
