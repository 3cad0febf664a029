import type { Order } from "../services/orders/order.domain";
import type { Payment, Refund } from "../services/payments/payment.domain";
import { readAll, sumOf, type InvariantsContext } from "./invariants.context";

/** I2: received money pays for one order or is refunded, and the refunds of a payment are those counted against it. */
export async function findPaymentViolations(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	const received = { status: { $in: ["succeeded", "refunded"] } } as const;
	for await (const payment of readAll<Payment>(context, "payments", received)) {
		const { _id, orderId, paidAmount, refundReserved } = payment;
		found.push(...(await compareWithRefunds(context, payment)));
		const [order] = await context.collection<Order>("orders").find({ _id: orderId }, { limit: 1 });
		const paysForOrder = order?.paymentId === _id && order.total === paidAmount;
		if (!paysForOrder && refundReserved !== paidAmount)
			found.push(`payment ${_id}: neither its order's nor sent back`);
	}
	const paid = { paymentId: { $exists: true } };
	for await (const { _id, paymentId, total } of readAll<Order>(context, "orders", paid)) {
		const payments = context.collection<Payment>("payments");
		const [payment] = await payments.find({ _id: paymentId ?? "" }, { limit: 1 });
		if (payment?.paidAmount !== total)
			found.push(`order ${_id} was paid by ${paymentId}, which does not fit`);
	}
	return found;
}

async function compareWithRefunds(context: InvariantsContext, payment: Payment): Promise<string[]> {
	const found: string[] = [];
	const { _id, paidAmount, refundReserved, refundIds, refundUnits = [], refunded } = payment;
	const refunds = await context.collection<Refund>("refunds").find({ paymentId: _id });
	const succeeded = refunds.filter(({ status }) => status === "succeeded");
	if (sumOf(succeeded, refund => refund.amount) !== refunded)
		found.push(`payment ${_id}: its refunds do not sum to ${refunded}`);
	const counted = refunds.filter(refund => refundIds.includes(refund._id));
	if (sumOf(counted, refund => refund.amount) !== refundReserved)
		found.push(`payment ${_id}: the refunds counted against it do not sum to ${refundReserved}`);
	if (refundReserved > (paidAmount ?? 0)) found.push(`payment ${_id}: more refunded than paid`);
	const units = counted.flatMap(({ part }) => part?.units ?? []);
	if (new Set(units).size !== units.length) found.push(`payment ${_id}: a unit was refunded twice`);
	if (units.toSorted().join() !== refundUnits.toSorted().join())
		found.push(`payment ${_id}: the units counted against it are not those of its refunds`);
	return found;
}

/** I5: a coupon is used by at most one order that is neither failed, cancelled nor refunded. */
export async function findCouponViolations(context: InvariantsContext): Promise<string[]> {
	const orderOfCoupon = new Map<string, string>();
	const found: string[] = [];
	const live = { status: { $nin: ["failed", "cancelled", "refunded"] } } as const;
	for await (const { _id, discounts } of readAll<Order>(context, "orders", live))
		for (const { id } of discounts.filter(({ type }) => type === "coupon")) {
			const other = orderOfCoupon.get(id);
			if (other) found.push(`coupon ${id} pays for orders ${other} and ${_id}`);
			orderOfCoupon.set(id, _id);
		}
	return found;
}

/** I7: the amounts of an order sum exactly, and none is below 0. */
export async function findSumViolations(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	for await (const order of readAll<Order>(context, "orders")) {
		const { items, discounts, itemsTotal, discountTotal, shippingFee, total, refundedTotal } = order;
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
			"no more is refunded than paid": refundedTotal <= total
		};
		for (const [rule, holds] of Object.entries(rules))
			if (!holds) found.push(`order ${order._id}: not so that ${rule}`);
	}
	return found;
}
