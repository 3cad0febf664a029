import type { Order } from "../services/orders/order.domain";
import type { Payment, Refund } from "../services/payments/payment.domain";
import { checkOrders } from "./check-orders";
import { readBatches, readByIds, sumOf, type InvariantsContext } from "./invariants.context";

/** I2: received money pays for one order or is refunded, and the refunds of a payment are those counted against it. */
export async function findPaymentViolations(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	const received = { status: { $in: ["succeeded", "refunded"] } } as const;
	for await (const payments of readBatches<Payment>(context, "payments", received)) {
		const ids = payments.map(({ _id }) => _id);
		const refunds = await context.collection<Refund>("refunds").find({ paymentId: { $in: ids } });
		const refundsOf = Map.groupBy(refunds, ({ paymentId }) => paymentId);
		const orderIds = payments.map(({ orderId }) => orderId);
		const orders = await readByIds<Order>(context, "orders", orderIds);
		for (const payment of payments) {
			const { _id, orderId, paidAmount, refundReserved } = payment;
			found.push(...compareWithRefunds(payment, refundsOf.get(_id) ?? []));
			const order = orders.get(orderId);
			const paysForOrder = order?.paymentId === _id && order.total === paidAmount;
			if (!paysForOrder && refundReserved !== paidAmount)
				found.push(`payment ${_id}: neither its order's nor sent back`);
		}
	}
	return [...found, ...(await checkOrders(context)).payments];
}

function compareWithRefunds(payment: Payment, refunds: readonly Refund[]): string[] {
	const found: string[] = [];
	const { _id, paidAmount, refundReserved, refundIds, refundUnits = [], refunded } = payment;
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
