import type { OrderStatus, OrderSummary } from "../../schemas/orders.contract";
import type { HistoryStep } from "../../schemas/traces.contract";
import type { Order, TimelineEntry } from "./order.domain";

type Seen = OrderSummary["status"];
/** Only orders that clients may see come here; `creating` is where the first entry of a timeline comes from. */
const seen = (status: OrderStatus): Seen | null =>
	status === "creating" || status === "failed" ? null : status;
const must = (status: OrderStatus): Seen => {
	const visible = seen(status);
	if (!visible) throw new Error(`An order that is ${status} is not shown`);
	return visible;
};
const iso = (at: Date | undefined) => at?.toISOString() ?? null;

const step = ({ from, to, event, by, at, reason }: TimelineEntry) => ({
	from: seen(from),
	to: must(to),
	event,
	by,
	at: at.toISOString(),
	reason
});

/** The order as its owner sees it. */
export const toSummary = (order: Order): OrderSummary => ({
	id: order._id,
	orderNo: order.orderNo,
	status: must(order.status),
	items: order.items,
	address: order.address,
	itemsTotal: order.itemsTotal,
	discounts: order.discounts.map(({ type, id, name, amount }) => ({ type, id, name, amount })),
	discountTotal: order.discountTotal,
	shippingFee: order.shippingFee,
	total: order.total,
	refundedTotal: order.refundedTotal,
	currency: order.currency,
	couponCode: order.couponCode,
	remark: order.remark,
	shipment: order.shipment
		? { ...order.shipment, shippedAt: order.shipment.shippedAt.toISOString() }
		: null,
	expiresAt: order.expiresAt.toISOString(),
	timeline: order.timeline.map(step),
	paidAt: iso(order.paidAt),
	completedAt: iso(order.completedAt),
	createdAt: order.createdAt.toISOString(),
	updatedAt: order.updatedAt.toISOString()
});

/** As the staff sees it. */
export const toStaffSummary = (order: Order) => ({
	...toSummary(order),
	userId: order.userId,
	staffRemark: order.staffRemark ?? null
});

/** The order's life as its own document has it, with what no client sees. */
export const toHistory = ({ _id, timeline, createdAt }: Order) => ({
	orderId: _id,
	steps: [
		moment(createdAt, "written", "creating"),
		...timeline.map(({ at, event, to, reason }) => moment(at, event, reason ? `${to}: ${reason}` : to))
	]
});
const moment = (at: Date, event: string, outcome: string): HistoryStep => ({
	at: at.toISOString(),
	step: "status",
	event,
	outcome
});
