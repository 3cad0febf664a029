import type { Coupon } from "../services/coupons/coupon.domain";
import { countShipped } from "../services/orders/order-lines.domain";
import { TRANSITIONS, type Order } from "../services/orders/order.domain";
import type { UnitClaim } from "../services/orders/unit-claims.domain";
import type { Payment } from "../services/payments/payment.domain";
import type { Reservation } from "../services/inventory/reservation.domain";
import { readBatches, readByIds, secondsAgo, sumOf, type InvariantsContext } from "./invariants.context";

/** Violations of the invariants about each order. */
type OrderViolations = Readonly<
	Record<"payments" | "deadlines" | "coupons" | "sums" | "transitions" | "claims", string[]>
>;

const passes = new WeakMap<InvariantsContext, Promise<OrderViolations>>();

/** Checks every order once, for all invariants about orders; their checks in the same context share the pass. */
export function checkOrders(context: InvariantsContext): Promise<OrderViolations> {
	const pass = passes.get(context) ?? checkAllOrders(context);
	passes.set(context, pass);
	return pass;
}

async function checkAllOrders(context: InvariantsContext): Promise<OrderViolations> {
	const found = { payments: [], deadlines: [], coupons: [], sums: [], transitions: [], claims: [] } as {
		[K in keyof OrderViolations]: string[];
	};
	const orderOfCoupon = new Map<string, string>();
	let openReservations: ReadonlySet<string> | undefined;
	for await (const orders of readBatches<Order>(context, "orders")) {
		openReservations ??= await readOpenReservations(context);
		const pending = orders.filter(({ status }) => status === "pending_payment").map(({ _id }) => _id);
		const paymentIds = orders.flatMap(({ paymentId }) => paymentId ?? []);
		const reservations = await readByIds<Reservation>(context, "stock_reservations", pending);
		const payments = await readByIds<Payment>(context, "payments", paymentIds);
		const couponIds = orders.flatMap(({ couponId }) => couponId ?? []);
		const coupons = await readByIds<Coupon>(context, "coupons", couponIds);
		for (const order of orders) {
			found.payments.push(...checkPayment(order, payments));
			const holdsStock =
				order.status === "pending_payment"
					? reservations.get(order._id)?.state === "open"
					: openReservations.has(order._id);
			found.deadlines.push(...checkDeadlines(order, holdsStock, context));
			found.coupons.push(...checkCoupons(order, coupons, orderOfCoupon, context));
			found.sums.push(...checkSums(order));
			found.transitions.push(...checkTransitions(order));
			found.claims.push(...checkClaims(order));
		}
	}
	return found;
}

/** Ids of the orders that hold stock. Orders that ended a while ago must not be among them. */
async function readOpenReservations({ collection }: InvariantsContext): Promise<ReadonlySet<string>> {
	const reservations = collection<Reservation>("stock_reservations");
	const open = await reservations.find({ state: "open" }, { fields: ["state"] });
	return new Set(open.map(({ _id }) => _id));
}

function checkPayment(order: Order, payments: ReadonlyMap<string, Payment>): string[] {
	const { _id, paymentId, total } = order;
	if (paymentId === undefined || payments.get(paymentId)?.paidAmount === total) return [];
	return [`order ${_id} was paid by ${paymentId}, which does not fit`];
}

/** No order stays in a status past its deadline, and stock is reserved for exactly the orders that wait for payment. */
function checkDeadlines(
	{ _id, status, expiresAt, createdAt, updatedAt, paymentId }: Order,
	holdsStock: boolean,
	context: InvariantsContext
): string[] {
	const found: string[] = [];
	if (status === "pending_payment" && expiresAt < secondsAgo(context, 60))
		found.push(`order ${_id} is past its deadline`);
	if (status === "creating" && createdAt < secondsAgo(context, 120))
		found.push(`order ${_id} is still being placed`);
	if (status === "cancelled" && paymentId) found.push(`order ${_id} is cancelled and paid`);
	if (status === "pending_payment" && !holdsStock) found.push(`order ${_id} waits and holds no stock`);
	const settled = updatedAt < secondsAgo(context, 60) && status !== "creating";
	if (settled && holdsStock && status !== "pending_payment")
		found.push(`order ${_id} is ${status} and still holds stock`);
	return found;
}

/** A coupon is used by at most one order that is neither failed, cancelled nor refunded, and by the one that holds it. */
function checkCoupons(
	{ _id, status, couponId, updatedAt }: Order,
	coupons: ReadonlyMap<string, Coupon>,
	orderOfCoupon: Map<string, string>,
	context: InvariantsContext
): string[] {
	if (!couponId || status === "failed" || status === "cancelled" || status === "refunded") return [];
	const other = orderOfCoupon.get(couponId);
	orderOfCoupon.set(couponId, _id);
	const isPlaced = status !== "creating" && updatedAt < secondsAgo(context, 60);
	return [
		...(other ? [`coupon ${couponId} pays for orders ${other} and ${_id}`] : []),
		...(isPlaced && coupons.get(couponId)?.orderId !== _id
			? [`order ${_id} does not hold coupon ${couponId}`]
			: [])
	];
}

/** The amounts of an order sum exactly, and none is below 0. */
function checkSums(order: Order): string[] {
	const { items, discounts, itemsTotal, discountTotal, shippingFee, total, refundedTotal } = order;
	const refunded = (order.unitClaims ?? []).filter(({ state }) => state === "refunded");
	const rules = {
		"items at list prices make the items' total":
			sumOf(items, i => (i.listPrice ?? i.price) * i.quantity) === itemsTotal,
		"price cuts and the lines' shares make the discount":
			sumOf(items, i => ((i.listPrice ?? i.price) - i.price) * i.quantity + i.discount) ===
			discountTotal,
		"each discount is its shares": discounts.every(
			d => d.step === "shipping" || sumOf(d.lines, l => l.amount) === d.amount
		),
		"each line is its price less its share": items.every(
			i => i.amount === i.price * i.quantity - i.discount
		),
		"the total is lines and fee": sumOf(items, i => i.amount) + shippingFee === total,
		"nothing is below 0": Math.min(total, shippingFee, ...items.map(i => i.amount)) >= 0,
		"no more is refunded than paid": refundedTotal <= total,
		"the refunded units are part of the refunds": sumOf(refunded, claim => claim.amount) <= refundedTotal,
		"no refund of units is above what they cost": refunded.every(
			claim => claim.amount <= sumOf(claim.lines, l => l.amount) + claim.shipping
		)
	};
	return Object.entries(rules)
		.filter(([, holds]) => !holds)
		.map(([rule]) => `order ${order._id}: not so that ${rule}`);
}

/** Of each line no more is sent, held and cancelled than was bought, no more sent units are claimed than were sent. */
export function checkClaims(
	order: Pick<Order, "_id" | "items" | "shipment" | "parcels" | "unitClaims">
): string[] {
	const held = (order.unitClaims ?? []).filter(({ state }) => state !== "released");
	const units = held.flatMap(claim => claim.units);
	const found = units.length === new Set(units).size ? [] : [`order ${order._id}: a unit is claimed twice`];
	for (const item of order.items.filter(({ gift }) => !gift)) {
		const { skuId, quantity, heldQuantity = 0, cancelledQuantity = 0 } = item;
		const linesOf = (claims: readonly UnitClaim[]) =>
			claims.flatMap(({ lines }) => lines.filter(line => line.skuId === skuId));
		const shipped = countShipped(order, item);
		const settled = held.filter(({ state }) => state === "refunded");
		const open = held.filter(({ state }) => state !== "refunded");
		const rules = {
			"no more units are claimed than bought": sumOf(linesOf(held), l => l.quantity) <= quantity,
			"no more units are sent, held and cancelled than bought":
				shipped + heldQuantity + cancelledQuantity <= quantity,
			"no more sent units are claimed than sent":
				sumOf(linesOf(held), l => l.quantity - l.unsent) <= shipped,
			"no unit is refunded for more than was paid for it": linesOf(held).every(
				// The last unit takes the rest.
				l => l.amount <= Math.floor(item.amount / quantity) * l.quantity + (item.amount % quantity)
			),
			"the units held back are those of open claims":
				sumOf(linesOf(open), l => l.unsent) === heldQuantity,
			"the units cancelled are those of refunded claims":
				sumOf(linesOf(settled), l => l.unsent) === cancelledQuantity
		};
		for (const [rule, holds] of Object.entries(rules))
			if (!holds) found.push(`order ${order._id}, ${skuId}: not so that ${rule}`);
	}
	return found;
}

/** The timeline of an order has only transitions that the state machine allows, and ends at the order's status. */
function checkTransitions({ _id, status, timeline }: Order): string[] {
	const found: string[] = [];
	let at: Order["status"] = "creating";
	for (const { from, to } of timeline) {
		if (from !== at || !TRANSITIONS[from].includes(to))
			found.push(`order ${_id} went from ${from} to ${to} when ${at}`);
		at = to;
	}
	if (at !== status) found.push(`order ${_id} is ${status}, its timeline ends at ${at}`);
	return found;
}
