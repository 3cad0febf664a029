import { checkTimeline } from "../../invariants/after-sale.invariants";
import { checkClaims } from "../../invariants/check-orders";
import { findExcessiveReturns } from "../../invariants/offer.invariants";
import type { AfterSale } from "../../services/after-sales/after-sale.domain";
import { sumLedger } from "../../services/inventory/stock.domain";
import { TRANSITIONS, type Order } from "../../services/orders/order.domain";
import type { Channel } from "./channel";
import { SKU } from "./goods";
import type { Collections } from "./services";

const all = <T>({ documents }: { readonly documents: ReadonlyMap<string, T> }): T[] => [
	...documents.values()
];
const sum = <T>(of: readonly T[], amount: (one: T) => number): number =>
	of.reduce((total, one) => total + amount(one), 0);

/** Statuses of an order that keeps its money. */
const KEPT: readonly Order["status"][] = ["paid", "shipped", "completed"];
const isKept = ({ status }: Order): boolean => KEPT.includes(status);
/** Statuses in which an order may rest. */
const ORDERS_AT_REST: readonly Order["status"][] = [...KEPT, "cancelled", "refunded", "failed"];

/** Lists what is wrong in a shop in which nothing is under way. `units` is the stock with which it began. */
export const findViolations = (collections: Collections, channel: Channel, units: number): string[] => [
	...findOrderViolations(collections),
	...findMoneyViolations(collections, channel),
	...findUnitViolations(collections),
	...findOfferViolations(collections),
	...findStockViolations(collections, units)
];

function findOrderViolations({ orders, payments }: Collections): string[] {
	const violations: string[] = [];
	for (const order of all(orders)) {
		const { _id, status, timeline, paymentId, total } = order;
		if (!ORDERS_AT_REST.includes(status)) violations.push(`${_id} is still ${status}`);
		let at: Order["status"] = "creating";
		for (const { from, to } of timeline) {
			if (from !== at || !TRANSITIONS[from].includes(to))
				violations.push(`${_id} went from ${from} to ${to} when ${at}`);
			at = to;
		}
		const own = paymentId === undefined ? undefined : payments.documents.get(paymentId);
		if (isKept(order) && own?.paidAmount !== total)
			violations.push(`${_id} is paid by what does not fit`);
	}
	return violations;
}

function findMoneyViolations({ orders, payments, refunds }: Collections, channel: Channel): string[] {
	const violations: string[] = [];
	for (const { _id, paymentNo, orderId, paidAmount, refunded } of all(payments)) {
		const taken = channel.receivedAmount(paymentNo);
		const back = channel.refundedAmount(paymentNo);
		const order = orders.documents.get(orderId);
		const isOwn = order?.paymentId === _id;
		const kept = isOwn && isKept(order);
		if (kept && order.refundedTotal !== back)
			violations.push(`${_id}: ${back} went back, its order knows of ${order.refundedTotal}`);
		if ((paidAmount ?? 0) !== taken)
			violations.push(`${_id}: the channel took ${taken}, booked are ${paidAmount}`);
		if (back !== refunded)
			violations.push(`${_id}: the channel sent back ${back}, booked are ${refunded}`);
		if (back > taken) violations.push(`${_id}: more went back than came`);
		if (!kept && back !== taken) violations.push(`${_id}: ${taken - back} fen belong to nobody`);
		const requested = all(refunds).some(r => r.paymentId === _id && (r.reason === "part" || r.claim));
		const called = order?.timeline.some(({ by }) => by === "staff");
		if (isOwn && back === taken && !requested && !called)
			violations.push(`${_id}: sent back, and nobody requested that`);
	}
	return violations;
}

/** Statuses in which a case may rest: staff or the buyer go on, or nobody does. */
const CASES_AT_REST: readonly AfterSale["status"][] = [
	...["requested", "approved", "refunded", "rejected", "cancelled", "reshipped", "completed"]
] as AfterSale["status"][];
const isAtRest = ({ type, status, failureReason }: AfterSale): boolean =>
	CASES_AT_REST.includes(status) ||
	(status === "returned" && (type === "exchange" || failureReason !== undefined));

/** Violations of I13 and I14. */
function findUnitViolations({ orders, refunds, cases }: Collections): string[] {
	const violations = [...all(orders).flatMap(checkClaims), ...all(cases).flatMap(checkTimeline)];
	for (const afterSale of all(cases)) {
		const { _id, orderId, status, amount } = afterSale;
		const made = all(refunds).filter(refund => refund.claim?.id === _id && refund.status === "succeeded");
		const back = sum(made, refund => refund.amount);
		const claim = orders.documents.get(orderId)?.unitClaims?.find(({ id }) => id === _id);
		const isFree = claim === undefined || claim.state === "released";
		if (!isAtRest(afterSale)) violations.push(`case ${_id} is still ${status}`);
		const isRight =
			status === "refunded"
				? back === amount && made.length === (amount > 0 ? 1 : 0)
				: made.length === 0;
		if (!isRight) violations.push(`case ${_id} is ${status} with ${made.length} refunds of ${back}`);
		const isOver = status === "rejected" || status === "cancelled";
		if (isOver !== isFree)
			violations.push(`case ${_id} is ${status} and holds ${isFree ? "no" : "its"} units`);
	}
	for (const order of all(orders)) {
		const { _id, unitClaims = [], total, refundedTotal } = order;
		for (const { id, kind, state } of unitClaims)
			if (
				state === "refunding" ||
				(state === "claimed" && (kind === "staff" || !cases.documents.has(id)))
			)
				violations.push(`${_id}: claim ${id} is still ${state}`);
		// The last unit takes the rest: nothing is left of an order all of whose units were refunded for what they cost.
		const back = unitClaims.filter(({ state }) => state === "refunded");
		const units = sum(back, ({ lines }) => sum(lines, ({ quantity }) => quantity));
		if (units === sum(order.items, ({ quantity }) => quantity) && refundedTotal < total)
			violations.push(`${_id}: all units came back, and ${total - refundedTotal} fen did not`);
	}
	return violations;
}

/** Violations of I5, I10 and I11, and of what comes back of an order that did not last. */
function findOfferViolations(collections: Collections): string[] {
	const { orders, coupons, accounts, log, promotions, quotas, quotaHolds } = collections;
	const violations: string[] = [];
	const holding = all(orders).filter(
		order => isKept(order) || (order.status === "refunded" && order.shipment !== undefined)
	);
	for (const { _id, status, orderId } of all(coupons)) {
		const users = holding.filter(({ couponId }) => couponId === _id).map(order => order._id);
		const expected = status === "used" ? [orderId] : [];
		if (String(users) !== String(expected))
			violations.push(
				`the coupon is ${status} by ${orderId}, and live orders with it are ${users.join()}`
			);
	}
	for (const { _id, balance, lots, inFlight } of all(accounts)) {
		const entries = all(log).filter(({ userId }) => userId === _id);
		const sums = [sum(entries, ({ delta }) => delta), sum(lots, ({ points }) => points)];
		if (balance < 0 || inFlight.length > 0 || sums.some(points => points !== balance))
			violations.push(`${balance} points, the log and the lots sum to ${sums.join(" and ")}`);
		violations.push(...findExcessiveReturns(entries));
		for (const order of all(orders)) {
			const ofOrder = entries.filter(({ orderId }) => orderId === order._id);
			const left = sum(
				ofOrder.filter(({ reason }) => reason === "used" || reason === "returned"),
				({ delta }) => delta
			);
			const isOver = !isKept(order);
			if (isOver && left !== 0)
				violations.push(`${order._id} is ${order.status} and keeps ${-left} points`);
			if (!isOver && order.refundedTotal === 0 && -left !== order.points?.used)
				violations.push(`${order._id} took ${-left} points`);
		}
	}
	const countHeld = (quotaId: string) =>
		sum(all(quotaHolds), ({ state, claims }) =>
			state === "held" ? sum(claims, claim => (claim.quotaId === quotaId ? claim.units : 0)) : 0
		);
	for (const { _id, used } of all(quotas))
		if (used !== countHeld(_id))
			violations.push(`quota ${_id} counts ${used}, its holds sum to ${countHeld(_id)}`);
	for (const { _id, stock } of all(promotions)) {
		const taken = sum(holding, ({ promotionUses = [] }) =>
			sum(promotionUses, use => (use.promotionId === _id ? use.units : 0))
		);
		if (taken !== countHeld(_id) || taken > (stock ?? Infinity))
			violations.push(`flash sale of ${stock}: orders took ${taken}, ${countHeld(_id)} are held`);
	}
	return violations;
}

/** Statuses of an exchange whose new units are sold. */
const EXCHANGES_SOLD: readonly AfterSale["status"][] = ["approved", "returned", "reshipped", "completed"];

function findStockViolations({ orders, cases, stock, ledger }: Collections, units: number): string[] {
	const violations: string[] = [];
	const ofOrders = sum(all(orders), order => {
		const { quantity = 0, shippedQuantity = 0, cancelledQuantity = 0 } = order.items[0] ?? {};
		if (isKept(order)) return quantity - cancelledQuantity;
		return order.status === "refunded" ? shippedQuantity : 0;
	});
	const ofCases = sum(all(cases), ({ type, status, items, restocked }) => {
		const isSold = type === "exchange" && EXCHANGES_SOLD.includes(status);
		return (isSold ? sum(items, i => i.quantity) : 0) - sum(restocked, i => i.quantity);
	});
	const now = stock.documents.get(SKU);
	if (!now) return ["no stock"];
	const { available, reserved, sold } = now;
	if (Math.min(available, reserved, sold) < 0) violations.push("a count below 0");
	if (available + reserved + sold !== units) violations.push("units came or went");
	if (sold !== ofOrders + ofCases || reserved !== 0)
		violations.push(`${sold} sold, ${reserved} reserved; paid orders took ${ofOrders}, cases ${ofCases}`);
	const logged = sumLedger(all(ledger));
	if (logged.sold !== sold || logged.reserved !== reserved)
		violations.push("the ledger differs from the stock");
	return violations;
}
