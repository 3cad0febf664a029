import { invalid, invalidState, Refusal } from "../../schemas/errors/errors";
import type { ActionsOf, AnswerOf, PayloadOf } from "../../schemas/kit/contract";
import type { orders } from "../../schemas/orders.contract";
import { requestRefundOf } from "./claim-units";
import type { Order } from "./order.domain";
import type { OrdersContext } from "./orders.context";
import {
	chooseUnits,
	countFree,
	createClaim,
	findBoughtLine,
	findClaim,
	isShippingTaken,
	SHIPPING,
	splitRefund,
	startRefund,
	type UnitClaim
} from "./unit-claims.domain";

type Actions = ActionsOf<typeof orders>;
type Selection = Pick<PayloadOf<Actions["orders.claimForStaff"]>, "items" | "shipping">;
type Context = Pick<OrdersContext, "orders" | "config">;

/** What the selected units were paid with; changes nothing. Refuses with REFUND_EXCEEDS_PAID if too few are left. */
export async function priceForStaff(
	{ orders }: Pick<OrdersContext, "orders">,
	{ orderId, paymentId, ...selection }: PayloadOf<Actions["orders.priceForStaff"]>
): Promise<AnswerOf<Actions["orders.priceForStaff"]>> {
	const order = await orders.get(orderId);
	refuseOtherPayment(order, paymentId);
	return { amount: startSelected(order, orderId, selection).amount };
}

/**
 * Claims units for a refund by staff and requests it, once for its id. Refuses with REFUND_EXCEEDS_PAID more units than no
 * claim holds, and more money than the payment has left (`refundable`: an earlier refund of a bare amount may have taken
 * part of the units' price).
 */
export async function claimForStaff(
	context: Context,
	{
		claimId,
		orderId,
		paymentId,
		refundable,
		reason,
		...selection
	}: PayloadOf<Actions["orders.claimForStaff"]>
): Promise<AnswerOf<Actions["orders.claimForStaff"]>> {
	const order = await context.orders.rewrite(orderId, current => {
		refuseOtherPayment(current, paymentId);
		const known = findClaim(current, claimId);
		if (known && !coversSelection(known, selection))
			throw new Refusal("IDEMPOTENCY_KEY_REUSED", "This refund was asked for with other units");
		if (known) return null;
		const claim = startSelected(current, claimId, selection);
		// A refund of nothing would count as the whole refund of a payment of nothing, and end its order.
		if (claim.amount === 0) throw invalid(selection.items.length ? "items" : "shipping", "nothingPaid");
		if (claim.amount > refundable)
			throw new Refusal("REFUND_EXCEEDS_PAID", "More than is left of what was paid", {
				requested: claim.amount,
				refundable
			});
		return requestRefundOf(context, current, claim, reason);
	});
	const claim = findClaim(order, claimId);
	if (!claim) throw new Error(`Order ${orderId} has no claim ${claimId}`);
	const { lines, shipping } = splitRefund(claim);
	return {
		attempt: claim.attempt,
		units: [...claim.units],
		lines: lines.map(({ skuId, quantity, amount }) => ({ skuId, quantity, amount })),
		shipping,
		amount: claim.amount
	};
}

function refuseOtherPayment({ _id: id, status: state, paymentId: paidBy }: Order, paymentId: string): void {
	if (paidBy !== paymentId)
		throw invalidState("The order was not paid by this payment", { id, state, allowed: [] });
}

function startSelected(order: Order, claimId: string, { items, shipping }: Selection): UnitClaim {
	for (const { skuId, quantity } of items) {
		const item = findBoughtLine(order, skuId);
		const free = item ? countFree(order, item) : { sent: 0, unsent: 0 };
		if (free.sent + free.unsent < quantity)
			throw new Refusal("REFUND_EXCEEDS_PAID", "More units than are left of what was paid", {
				skuId,
				requested: quantity,
				refundable: free.sent + free.unsent
			});
	}
	if (shipping && isShippingTaken(order))
		throw new Refusal("REFUND_EXCEEDS_PAID", "The shipping fee was sent back before", { shipping: true });
	const claim = createClaim(claimId, "staff", chooseUnits(order, items));
	const fee = shipping ? order.shippingFee : 0;
	return startRefund(claim, { amount: claim.amount + fee, shipping: fee });
}

/** Whether the claim has as many units of each SKU as are selected, and the shipping fee only if that is. */
const coversSelection = ({ lines, units }: UnitClaim, { items, shipping }: Selection): boolean =>
	units.includes(SHIPPING) === shipping &&
	lines.length === items.length &&
	items.every(({ skuId, quantity }) =>
		lines.some(line => line.skuId === skuId && line.quantity === quantity)
	);
