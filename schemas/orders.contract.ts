import {
	action,
	bool,
	contract,
	currency,
	event,
	fen,
	id,
	int,
	list,
	obj,
	oneOf,
	orNull,
	quantity,
	str,
	time,
	type TypeOf
} from "./kit";

export const orderStatus = oneOf(
	"creating",
	"pending_payment",
	"paid",
	"shipped",
	"completed",
	"cancelled",
	"refunding",
	"refunded",
	"failed"
);
export type OrderStatus = TypeOf<typeof orderStatus>;

export const orders = contract("orders", {
	/** What a payment needs to know of the order of this user; refuses with NOT_FOUND when it is another's. */
	payable: action({ orderId: id(), userId: id() }, { repeatable: true }).returns(
		obj({
			orderId: id(),
			orderNo: str(),
			status: orderStatus,
			total: fen({ max: Number.MAX_SAFE_INTEGER }),
			currency: currency(),
			expiresAt: orNull(time())
		})
	)
});

const lines = list(obj({ skuId: id(), productId: id(), quantity: quantity() }));
const whose = { orderId: id(), userId: id() };

export const orderEvents = {
	"order.created": event({
		...whose,
		orderNo: str(),
		total: int({ min: 0 }),
		lines,
		/** Whether the lines came from the user's cart, which they then leave. */
		fromCart: bool(),
		expiresAt: time()
	}),
	"order.paid": event({ ...whose, paymentId: str(), total: int({ min: 0 }), lines }),
	/** Cancelled before it was paid. */
	"order.cancelled": event({ ...whose, reason: str(), lines }),
	"order.shipped": event({ ...whose, carrier: str(), trackingNo: str() }),
	"order.completed": event({ ...whose, lines }),
	/** Paid money that this order does not take (late, double, wrong): `payments` sends it back. */
	"order.payment_refused": event({ ...whose, paymentId: str(), reason: str() }),
	/** A paid order is called off: `payments` sends the money back. */
	"order.refund_requested": event({ ...whose, paymentId: str(), reason: str() }),
	/** All its money went back; `restock` when the goods never left. */
	"order.refunded": event({ ...whose, amount: int({ min: 0 }), restock: bool(), lines })
};
