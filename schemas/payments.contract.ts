import { action, contract, event, id, int, obj, oneOf, orNull, str, time, type TypeOf } from "./kit";

export const paymentStatus = oneOf("pending", "succeeded", "failed", "closed", "refunded");
export const channelName = oneOf("alipay", "wechat");
/** The part of a payment that its order shows. */
export const paymentSummary = obj({
	id: id(),
	paymentNo: str(),
	channel: channelName,
	status: paymentStatus,
	amount: int({ min: 0 }),
	refunded: int({ min: 0 }),
	paidAt: orNull(time())
});
export type PaymentSummary = TypeOf<typeof paymentSummary>;

export const payments = contract("payments", {
	/** The payment that counts for an order: the succeeded one, else the latest; null when there is none. */
	ofOrder: action({ orderId: id() }, { repeatable: true }).returns(orNull(paymentSummary))
});

const which = { paymentId: id(), orderId: id() };
export const paymentEvents = {
	"payment.succeeded": event({
		...which,
		amount: int({ min: 0 }),
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
	"payment.refund_failed": event({ ...which, refundId: id(), amount: int(), reason: str() })
};
