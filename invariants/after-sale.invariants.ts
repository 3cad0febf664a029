import { canTransition, type AfterSale } from "../services/after-sales/after-sale.domain";
import type { Order } from "../services/orders/order.domain";
import type { UnitClaim } from "../services/orders/unit-claims.domain";
import type { Refund } from "../services/payments/payment.domain";
import { checkOrders } from "./check-orders";
import { readBatches, readByIds, secondsAgo, sumOf, type InvariantsContext } from "./invariants.context";

/** Statuses of cases that ended without a refund: their units are free again. */
const ENDED_FREE: readonly AfterSale["status"][] = ["rejected", "cancelled"];
const HIDDEN: readonly AfterSale["status"][] = ["creating", "undoing"];

/** Cases in batches, with their orders and the refunds that were made for them. */
async function* readCases(context: InvariantsContext) {
	for await (const cases of readBatches<AfterSale>(context, "after_sales")) {
		const orders = await readByIds<Order>(context, "orders", [...new Set(cases.map(c => c.orderId))]);
		const paymentIds = [...orders.values()].flatMap(({ paymentId }) => paymentId ?? []);
		const refunds = await context
			.collection<Refund>("refunds")
			.find({ paymentId: { $in: paymentIds }, claim: { $exists: true } });
		const refundsOf = Map.groupBy(refunds, ({ claim }) => claim?.id);
		for (const found of cases)
			yield {
				found,
				claim: orders.get(found.orderId)?.unitClaims?.find(({ id }) => id === found._id),
				refunds: refundsOf.get(found._id) ?? [],
				/** Nothing that changed lately is still under way. */
				isSettled: found.updatedAt < secondsAgo(context, 60)
			};
	}
}

/** I13: no unit of an order is claimed or given back twice, and a case holds just its units. */
export async function findClaimMismatches(context: InvariantsContext): Promise<string[]> {
	const found = [...(await checkOrders(context)).claims];
	for await (const { found: one, claim, isSettled } of readCases(context)) {
		found.push(...checkTimeline(one));
		const isHeld = claim !== undefined && claim.state !== "released";
		if (HIDDEN.includes(one.status)) {
			if (isSettled) found.push(`case ${one._id} is still being opened`);
		} else if (ENDED_FREE.includes(one.status)) {
			if (isSettled && isHeld) found.push(`case ${one._id} is ${one.status} and still holds units`);
		} else if (!isHeld || !hasUnitsOf(claim, one))
			found.push(`case ${one._id} is ${one.status} and does not hold its units`);
	}
	return found;
}

/** The timeline of a case has only transitions that its table allows, and ends at the case's status. */
export function checkTimeline({ _id, status, timeline }: AfterSale): string[] {
	const found: string[] = [];
	let at: AfterSale["status"] = "creating";
	for (const { event, from, to } of timeline) {
		if (from !== at || !canTransition(event, from, to))
			found.push(`case ${_id} went from ${from} to ${to} when ${at}`);
		at = to;
	}
	if (at !== status && status !== "undoing")
		found.push(`case ${_id} is ${status}, its timeline ends at ${at}`);
	return found;
}

const hasUnitsOf = ({ lines }: UnitClaim, { items }: AfterSale): boolean =>
	lines.length === items.length &&
	items.every(({ skuId, quantity }) =>
		lines.some(line => line.skuId === skuId && line.quantity === quantity)
	);

/** I14: a refunded case has exactly one refund, of just its amount, and no other case has one. */
export async function findCaseRefundViolations(context: InvariantsContext): Promise<string[]> {
	const violations: string[] = [];
	for await (const { found, claim, refunds, isSettled } of readCases(context)) {
		const { _id, status, amount } = found;
		const made = refunds.filter(refund => refund.status === "succeeded");
		if (status === "refunded") {
			const wanted = amount > 0 ? 1 : 0;
			if (made.length !== wanted || sumOf(made, refund => refund.amount) !== amount)
				violations.push(`case ${_id}: ${made.length} refunds that do not make its amount`);
			if (claim?.state !== "refunded" || claim.amount !== amount)
				violations.push(`case ${_id}: refunded, but its order does not know it`);
		} else if (status !== "refunding" && isSettled && made.length > 0)
			violations.push(`case ${_id} is ${status} and was refunded`);
		else if (status === "refunding" && isSettled && made.length > 0)
			violations.push(`case ${_id} was refunded and still is refunding`);
	}
	return violations;
}
