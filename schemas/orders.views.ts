import * as r from "./kit/rules";
import { timelineFields } from "./kit/timeline";
import { discount, notApplied, pointsUse } from "./promotions.contract";
import { paymentSummary } from "./payments.contract";
import { addressSnapshot } from "./users.contract";

const visible = [
	"pending_payment",
	"paid",
	"shipped",
	"completed",
	"cancelled",
	"refunding",
	"refunded"
] as const;
/** Statuses that clients see. An order that is being placed, or could not be, does not exist for them. */
export const visibleStatus = r.oneOf(...visible);
export const orderStatus = r.oneOf("creating", "failed", ...visible);
export type OrderStatus = r.TypeOf<typeof orderStatus>;

const item = r.obj("OrderItem", {
	skuId: r.id(),
	productId: r.id(),
	name: r.str(),
	image: r.orNull(r.text()),
	attributes: r.record(r.str()),
	/** Before promotions: the lowest of the SKU's price and the member's. */
	listPrice: r.fen(),
	/** After promotions on the unit price. */
	price: r.fen(),
	quantity: r.quantity(),
	/** Shares of all discounts that are not in `price`. */
	discount: r.fenSum(),
	/** price × quantity − discount. */
	amount: r.fenSum(),
	/** The line was given on top, at 0 fen. */
	gift: r.bool(),
	/** Units that are on their way. */
	shippedQuantity: r.int({ min: 0 }),
	/** Units whose price was refunded. */
	refundedQuantity: r.int({ min: 0 })
});
export type OrderItem = r.TypeOf<typeof item>;
const timelineEntry = r.obj("TimelineEntry", timelineFields(visibleStatus));
const shipment = r.obj("Shipment", { carrier: r.str(), trackingNo: r.str(), shippedAt: r.time() });

const fields = {
	id: r.id(),
	orderNo: r.str(),
	status: visibleStatus,
	items: r.list(item),
	address: addressSnapshot,
	itemsTotal: r.fenSum(),
	discounts: r.list(discount),
	/** Offers that the order came near, with the reason; those for other goods are left out. */
	notApplied: r.list(notApplied),
	points: pointsUse,
	discountTotal: r.fenSum(),
	shippingFee: r.fen(),
	total: r.fenSum(),
	refundedTotal: r.fenSum(),
	currency: r.currency(),
	couponCode: r.orNull(r.str()),
	remark: r.personal(r.orNull(r.text())),
	shipment: r.orNull(shipment),
	expiresAt: r.time(),
	timeline: r.list(timelineEntry),
	paidAt: r.orNull(r.time()),
	completedAt: r.orNull(r.time()),
	createdAt: r.time(),
	updatedAt: r.time()
};
export const orderSummary = r.obj("OrderSummary", fields);
export type OrderSummary = r.TypeOf<typeof orderSummary>;
/** An order with its payment; null when there is none or `payments` does not answer. */
export const orderView = r.obj("Order", { ...fields, payment: r.orNull(paymentSummary) });
export type OrderView = r.TypeOf<typeof orderView>;
const staffFields = { userId: r.id(), staffRemark: r.personal(r.orNull(r.text())) };
export const staffOrderSummary = r.obj("StaffOrderSummary", { ...fields, ...staffFields });
export const staffOrder = r.obj("StaffOrder", {
	...fields,
	...staffFields,
	payment: r.orNull(paymentSummary)
});
