import { invalidState } from "../../schemas/errors/errors";
import type { GuardedChange } from "../../mixins/store.mixin";
import type { ActionsOf, AnswerOf, PayloadOf } from "../../schemas/kit/contract";
import type { orders } from "../../schemas/orders.contract";
import { fact } from "../../schemas/registry";
import { quoteClaim, refuseUnclaimable, toClaimAnswer } from "./case-claims.domain";
import { REFUNDABLE_STATUSES, TRANSITIONS, type Order } from "./order.domain";
import { recordClaimRefund } from "./record-claim-refund";
import type { OrdersContext } from "./orders.context";
import { guardLines } from "./guard-lines";
import {
	chooseUnits,
	computeMaximum,
	createClaim,
	failRefund,
	findClaim,
	putClaim,
	splitRefund,
	startRefund,
	type UnitClaim
} from "./unit-claims.domain";

type Actions = ActionsOf<typeof orders>;
type Context = Pick<OrdersContext, "orders" | "config">;
type ClaimAnswer = AnswerOf<Actions["orders.claimUnits"]>;

const readWindow = ({ config }: Pick<OrdersContext, "config">) => config.get("afterSales.window") * 1000;

/** What a case for these units could get; changes nothing. */
export async function quoteUnits(
	context: Context,
	{ orderId, userId, type, items }: PayloadOf<Actions["orders.quoteUnits"]>
): Promise<ClaimAnswer> {
	const order = await context.orders.get(orderId, { userId });
	return quoteClaim(order, { type, items }, new Date(), readWindow(context));
}

/** Claims units for a case, once for its id. Of two claims at once for the last unit one is refused. */
export async function claimUnits(
	context: Context,
	{ claimId, orderId, userId, type, items }: PayloadOf<Actions["orders.claimUnits"]>
): Promise<ClaimAnswer> {
	await context.orders.get(orderId, { userId });
	const order = await context.orders.rewrite(orderId, current => {
		const known = findClaim(current, claimId);
		if (known?.state === "released")
			throw invalidState("The units were released", { id: orderId, state: known.state, allowed: [] });
		if (known) return null;
		refuseUnclaimable(current, { type, items }, new Date(), readWindow(context));
		const chosen = chooseUnits(current, items, { sentOnly: type !== "refund" });
		return guardLines(current, putClaim(current, createClaim(claimId, "case", chosen)));
	});
	const claim = findClaim(order, claimId);
	if (!claim) throw new Error(`Order ${orderId} has no claim ${claimId}`);
	return toClaimAnswer(order, claim.lines);
}

/**
 * Frees the units of a case, and resolves to false where their refund has begun. An id without a claim is noted as well, so that
 * a slow `claimUnits` of it fails.
 */
export async function releaseUnits(
	{ orders }: Pick<OrdersContext, "orders">,
	orderId: string,
	claimId: string
): Promise<boolean> {
	const order = await orders.rewrite(orderId, current => {
		const claim = findClaim(current, claimId) ?? createClaim(claimId, "case", { lines: [], units: [] });
		if (claim.state !== "claimed") return null;
		return guardLines(current, putClaim(current, { ...claim, state: "released" }));
	});
	return findClaim(order, claimId)?.state === "released";
}

function mustBeRefundable(order: Order, claimId: string): UnitClaim {
	const claim = findClaim(order, claimId);
	if (claim?.state === "claimed" && REFUNDABLE_STATUSES.some(status => status === order.status))
		return claim;
	const { _id: id, status: state } = order;
	throw invalidState("The order is not in a state for this refund", {
		id,
		state,
		allowed: TRANSITIONS[state]
	});
}

/** The most that a case can get now, and what the order got back before. */
export async function priceClaim(
	{ orders }: Pick<OrdersContext, "orders">,
	{ orderId, claimId }: PayloadOf<Actions["orders.priceClaim"]>
): Promise<AnswerOf<Actions["orders.priceClaim"]>> {
	const order = await orders.get(orderId);
	const { maximum } = computeMaximum(order, mustBeRefundable(order, claimId).lines);
	return { maximum, refundedTotal: order.refundedTotal };
}

/**
 * Requests the refund of a case's units, once for each attempt, and resolves to its amount. `payments` makes the refund by the
 * fact in the same write. A refund of nothing is done at once.
 */
export async function requestUnitsRefund(
	context: Context,
	{ orderId, claimId, amount, attempt, reason }: PayloadOf<Actions["orders.refundUnits"]>
): Promise<AnswerOf<Actions["orders.refundUnits"]>> {
	const order = await context.orders.rewrite(orderId, current => {
		if ((findClaim(current, claimId)?.attempt ?? 0) >= attempt) return null;
		const claim = mustBeRefundable(current, claimId);
		const { shipping, maximum } = computeMaximum(current, claim.lines);
		const started = startRefund(claim, { amount: Math.min(amount ?? maximum, maximum), shipping });
		return requestRefundOf(context, current, started, reason);
	});
	return { amount: findClaim(order, claimId)?.amount ?? 0 };
}

/** The write that puts a claim whose refund begins, with the fact by which `payments` makes it. */
export function requestRefundOf(
	context: Pick<OrdersContext, "config">,
	order: Order,
	claim: UnitClaim,
	reason: string
): GuardedChange<Order> | null {
	const put = putClaim(order, claim);
	if (claim.amount === 0) return recordClaimRefund(context, { ...order, ...put }, claim.id, { reason });
	const { id: claimId, units, amount, attempt } = claim;
	const { lines, shipping } = splitRefund(claim);
	return guardLines(order, put, [
		fact("order.units_refund_requested", {
			orderId: order._id,
			userId: order.userId,
			paymentId: order.paymentId ?? "",
			claimId,
			attempt,
			units,
			lines: lines.map(line => ({ skuId: line.skuId, quantity: line.quantity, amount: line.amount })),
			shipping,
			amount,
			reason
		})
	]);
}

/** Ends a refund that failed, once, and frees what it held. */
export async function endFailedRefund(
	{ orders }: Pick<OrdersContext, "orders">,
	{ orderId, claimId, attempt, reason }: FailedRefund
): Promise<void> {
	await orders.rewrite(orderId, order => {
		const claim = findClaim(order, claimId);
		if (claim?.state !== "refunding" || claim.attempt !== attempt) return null;
		const failed = fact("order.units_refund_failed", { orderId, claimId, attempt, reason });
		return guardLines(order, putClaim(order, failRefund(claim)), [failed]);
	});
}

type FailedRefund = {
	readonly orderId: string;
	readonly claimId: string;
	readonly attempt: number;
	readonly reason: string;
};
