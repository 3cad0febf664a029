import { invalid, invalidState, Refusal } from "../../schemas/errors/errors";
import type { AfterSaleType } from "../../schemas/after-sales.contract";
import type { Demand } from "../../schemas/values/demand";
import { TRANSITIONS, type Order } from "./order.domain";
import {
	chooseUnits,
	computeMaximum,
	countFree,
	findBoughtLine,
	type ClaimedLine
} from "./unit-claims.domain";

type Wanted = { readonly type: AfterSaleType; readonly items: readonly Demand[] };

/**
 * Refuses a case that the order can't have: in a wrong state, after the window (AFTER_SALE_CLOSED), for units that were not
 * sent (they can only be refunded) or that other claims hold. Faults of the request name its field.
 */
export function refuseUnclaimable(order: Order, { type, items }: Wanted, now: Date, windowMs: number): void {
	refuseState(order, now, windowMs);
	for (const [n, { skuId, quantity }] of items.entries()) {
		if (items.findIndex(item => item.skuId === skuId) < n) throw invalid(`items[${n}].skuId`, "repeated");
		const item = findBoughtLine(order, skuId);
		if (!item) throw invalid(`items[${n}].skuId`, "notOrdered");
		const free = countFree(order, item);
		const left = type === "refund" ? free.sent + free.unsent : free.sent;
		if (left === 0 && free.unsent > 0)
			throw invalidState("Units that were not sent can only be refunded", {
				id: order._id,
				state: order.status,
				allowed: ["refund"],
				items: [{ skuId, requested: quantity, left }]
			});
		if (left === 0)
			throw new Refusal("AFTER_SALE_CLOSED", "No unit of this line is left to claim", {
				id: order._id,
				skuId
			});
		if (quantity > left) throw invalid(`items[${n}].quantity`, "claimMax", left);
	}
}

function refuseState({ _id: id, status, completedAt }: Order, now: Date, windowMs: number): void {
	const isOver = completedAt !== undefined && completedAt.getTime() + windowMs <= now.getTime();
	if (status === "refunded" || (status === "completed" && isOver))
		throw new Refusal("AFTER_SALE_CLOSED", "The time for after-sales cases of this order is over", {
			id
		});
	if (status !== "paid" && status !== "shipped" && status !== "completed")
		throw invalidState("An order in this state has no after-sales cases", {
			id,
			state: status,
			allowed: TRANSITIONS[status]
		});
}

/** What a case for these units could get; refuses as `refuseUnclaimable`. */
export function quoteClaim(order: Order, wanted: Wanted, now: Date, windowMs: number) {
	refuseUnclaimable(order, wanted, now, windowMs);
	const { lines } = chooseUnits(order, wanted.items, { sentOnly: wanted.type !== "refund" });
	return toClaimAnswer(order, lines);
}

/** Claimed lines with what a case shows of them, and what the case can get. */
export function toClaimAnswer(order: Order, lines: readonly ClaimedLine[]) {
	const { shipping, maximum } = computeMaximum(order, lines);
	return {
		orderNo: order.orderNo,
		items: lines.map(line => {
			const {
				productId = "",
				name = "",
				image = null,
				attributes = {}
			} = findBoughtLine(order, line.skuId) ?? {};
			return { ...line, productId, name, image, attributes };
		}),
		shipping,
		points: countPointsBack(order, maximum),
		maximum
	};
}

/** Used points that come back with a refund of this amount, in proportion to it. */
function countPointsBack({ points, total, refundedTotal }: Order, amount: number): number {
	const used = points?.used ?? 0;
	const share = (refunded: number) => (total > 0 ? Math.floor((used * refunded) / total) : 0);
	return share(refundedTotal + amount) - share(refundedTotal);
}
