import type { OrderStatus, OrderSummary } from "../../schemas/orders.views";
import type { HistoryStep } from "../../schemas/traces.contract";
import { countShipped } from "./order-lines.domain";
import { REFUNDABLE_STATUSES, type Order, type TimelineEntry } from "./order.domain";
import { countRefunded } from "./unit-claims.domain";

type VisibleStatus = OrderSummary["status"];
/** Null for `creating`, where the first timeline entry starts, and for `failed`: clients never see these. */
const findVisible = (status: OrderStatus): VisibleStatus | null =>
	status === "creating" || status === "failed" ? null : status;
const mustBeVisible = (status: OrderStatus): VisibleStatus => {
	const visible = findVisible(status);
	if (!visible) throw new Error(`An order that is ${status} is not shown`);
	return visible;
};
const toIso = (at: Date | undefined) => at?.toISOString() ?? null;

const toTimelineEntry = ({ from, to, event, by, at, reason }: TimelineEntry) => ({
	from: findVisible(from),
	to: mustBeVisible(to),
	event,
	by,
	at: at.toISOString(),
	reason
});

/** The order as its buyer sees it. */
export const toSummary = (order: Order): OrderSummary => ({
	id: order._id,
	orderNo: order.orderNo,
	status: mustBeVisible(order.status),
	items: order.items.map(({ heldQuantity: _held, cancelledQuantity: _cancelled, ...item }) => ({
		listPrice: item.price,
		gift: false,
		...item,
		shippedQuantity: countShipped(order, item),
		refundedQuantity: countRefunded(order, item)
	})),
	address: order.address,
	itemsTotal: order.itemsTotal,
	discounts: order.discounts,
	notApplied: order.notApplied ?? [],
	points: order.points ?? { used: 0, amount: 0, usable: 0, earn: 0 },
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
	timeline: order.timeline.map(toTimelineEntry),
	paidAt: toIso(order.paidAt),
	completedAt: toIso(order.completedAt),
	createdAt: order.createdAt.toISOString(),
	updatedAt: order.updatedAt.toISOString()
});

/** The order as its buyer saw it right after it was placed, whatever has become of it since. */
export const toSummaryAtPlacing = (order: Order): OrderSummary => {
	const summary = toSummary(order);
	const [placed] = summary.timeline;
	return {
		...summary,
		status: placed?.to ?? "pending_payment",
		items: summary.items.map(item => ({ ...item, shippedQuantity: 0, refundedQuantity: 0 })),
		refundedTotal: 0,
		shipment: null,
		timeline: placed ? [placed] : [],
		paidAt: placed?.to === "paid" ? placed.at : null,
		completedAt: null,
		updatedAt: placed?.at ?? summary.createdAt
	};
};

/** The order as staff see it. */
export const toStaffSummary = (order: Order) => ({
	...toSummary(order),
	userId: order.userId,
	staffRemark: order.staffRemark ?? null
});

/** Steps of the order's life from its own document, including those that no client sees. */
export const toHistory = ({ _id, timeline, createdAt }: Order) => ({
	orderId: _id,
	steps: [
		toHistoryStep(createdAt, "written", "creating"),
		...timeline.map(({ at, event, to, reason }) =>
			toHistoryStep(at, event, reason ? `${to}: ${reason}` : to)
		)
	]
});
const toHistoryStep = (at: Date, event: string, outcome: string): HistoryStep => ({
	at: at.toISOString(),
	step: "status",
	event,
	outcome
});

/** What is left of the amount that was paid (fen), and whether an order in this status may be refunded at all. */
export const toPaidAmount = ({ total, refundedTotal, status }: Order) => ({
	amount: Math.max(0, total - refundedTotal),
	status,
	paid: REFUNDABLE_STATUSES.some(refundable => refundable === status)
});
