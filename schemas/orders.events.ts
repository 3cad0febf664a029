import { event } from "./kit/contract";
import * as r from "./kit/rules";
import { demand, refundOfUnits } from "./orders.contract";
import { parcelItem } from "./shipping.contract";

const lines = r.list(r.obj({ skuId: r.id(), productId: r.id(), quantity: r.quantity() }));
const soldLines = r.list(
	r.obj({ skuId: r.id(), productId: r.id(), quantity: r.quantity(), amount: r.opt(r.fenSum()) })
);
const orderOfUser = { orderId: r.id(), userId: r.id() };

export const orderEvents = {
	"order.created": event({
		...orderOfUser,
		orderNo: r.str(),
		total: r.int({ min: 0 }),
		lines,
		/** Whether the lines came from the user's cart, from which they are then removed. */
		fromCart: r.bool(),
		expiresAt: r.time()
	}).means("An order was placed, and its stock is reserved", { user: "userId" }),
	"order.paid": event({
		...orderOfUser,
		/** Null for an order that cost nothing. */
		paymentId: r.orNull(r.str()),
		/** Points that the order brings when it completes. */
		pointsEarned: r.opt(r.int({ min: 0 })),
		total: r.int({ min: 0 }),
		/** The order's `paidAt`, and what each line cost. Absent in facts of earlier versions. */
		paidAt: r.opt(r.time()),
		lines: soldLines
	}).means("The order accepted a payment", { user: "userId" }),
	/** An unpaid order was cancelled, by someone or by its deadline. */
	"order.cancelled": event({
		...orderOfUser,
		reason: r.str(),
		lines,
		/** Points that the order used and gives back. */
		pointsUsed: r.opt(r.int({ min: 0 }))
	}).means("An unpaid order was cancelled, by someone or by its deadline", { user: "userId" }),
	"order.parcel_sent": event({
		...orderOfUser,
		shipmentId: r.id(),
		carrier: r.str(),
		trackingNo: r.str(),
		items: r.list(parcelItem)
	}).means("Units of the order left in a parcel", { user: "userId" }),
	"order.shipped": event({ ...orderOfUser, carrier: r.str(), trackingNo: r.str() }).means(
		"The last unit of the order is on its way, in this parcel",
		{ user: "userId" }
	),
	"order.completed": event({
		...orderOfUser,
		/** Units that were not refunded before. */
		lines,
		/** Absent in facts of earlier versions. */
		total: r.opt(r.fenSum()),
		pointsEarned: r.opt(r.int({ min: 0 }))
	}).means("The buyer confirmed receipt, or the time for it passed", { user: "userId" }),
	/** Part of an order's money was sent back: `refunded` in all, of `total`. */
	"order.partly_refunded": event({ ...orderOfUser, refunded: r.fenSum(), total: r.fenSum() }).means(
		"Part of the order's money was sent back",
		{ user: "userId" }
	),
	/** A payment was refused (late, second, wrong amount): `payments` sends its money back. */
	"order.payment_refused": event({ ...orderOfUser, paymentId: r.str(), reason: r.str() }).means(
		"The order does not accept this money: it goes back",
		{ user: "userId" }
	),
	/** A paid order was cancelled: `payments` sends the money back. `attempt` grows with every refund that failed before. */
	"order.refund_requested": event({
		...orderOfUser,
		paymentId: r.str(),
		reason: r.str(),
		attempt: r.opt(r.int({ min: 0 }))
	}).means("A paid order was cancelled: its money goes back", { user: "userId" }),
	"order.units_refund_requested": event({
		...orderOfUser,
		paymentId: r.str(),
		claimId: r.id(),
		reason: r.str(),
		...refundOfUnits
	}).means("Units of the order are to be refunded", { user: "userId" }),
	/** The units of a case are claimed as before, those of a refund by staff are free again. */
	"order.units_refund_failed": event({
		orderId: r.id(),
		claimId: r.id(),
		attempt: r.int({ min: 1 }),
		reason: r.str()
	}).means("A refund of units failed; the reason is the channel's, for staff"),
	"order.units_refunded": event({
		...orderOfUser,
		claimId: r.id(),
		attempt: r.int({ min: 1 }),
		amount: r.fenSum(),
		/** The order had been completed before, so its units had been counted as sold. */
		completed: r.bool(),
		/** Absent in facts of earlier versions, and before the order was completed. */
		completedAt: r.opt(r.time()),
		lines: r.list(
			r.obj({
				skuId: r.id(),
				productId: r.id(),
				quantity: r.quantity(),
				/** How many of them had not been sent: they never will be, so they can be sold again. */
				unsent: r.int({ min: 0 }),
				amount: r.fenSum(),
				/** Units of the line that were not refunded so far. */
				left: r.int({ min: 0 })
			})
		)
	}).means("Units of the order were refunded", { user: "userId" }),
	/** `restock`: no unit was sent, so all can be sold again; else those in `unsent` can. */
	"order.refunded": event({
		...orderOfUser,
		amount: r.int({ min: 0 }),
		restock: r.bool(),
		unsent: r.opt(r.list(demand)),
		lines,
		/** Units that had been counted as sold and that no refund of units took back; absent before the order was completed. */
		sold: r.opt(lines),
		completedAt: r.opt(r.time())
	}).means("All money of the order was sent back, or all of its units before they were sent", {
		user: "userId"
	})
};
