import { call } from "../../schemas/registry";
import type { Via } from "./orders.context";
import type { Order } from "./order.domain";

/**
 * A counted thing beside stock that an order takes while it is placed. `take` takes all or nothing, once for the order's id;
 * `giveBack` makes a later `take` fail. An order that is cancelled or refunded gives back by its facts.
 */
type Benefit = {
	readonly isUsedBy: (order: Order) => boolean;
	readonly take: (via: Via, order: Order) => Promise<unknown>;
	readonly giveBack: (via: Via, order: Order) => Promise<unknown>;
};

const BENEFITS: readonly Benefit[] = [
	{
		isUsedBy: ({ promotionUses = [] }) => promotionUses.length > 0,
		take: (via, { _id: orderId, userId, promotionUses: uses = [] }) =>
			call(via, "promotions.take", { orderId, userId, uses }),
		giveBack: (via, { _id: orderId }) => call(via, "promotions.giveBack", { orderId })
	},
	{
		isUsedBy: ({ couponId }) => typeof couponId === "string",
		take: (via, { _id: orderId, userId, couponId, discounts }) => {
			const discount = discounts.find(({ id }) => id === couponId)?.amount ?? 0;
			return call(via, "coupons.use", { orderId, userId, couponId: couponId ?? "", discount });
		},
		giveBack: (via, { _id: orderId, couponId }) =>
			call(via, "coupons.giveBack", { orderId, couponId: couponId ?? "" })
	},
	{
		isUsedBy: ({ points }) => (points?.used ?? 0) > 0,
		take: (via, { _id: orderId, userId, points }) =>
			call(via, "points.use", { orderId, userId, points: points?.used ?? 0 }),
		giveBack: (via, { _id: orderId, userId }) => call(via, "points.giveBack", { orderId, userId })
	}
];

/** Takes all that the order uses, at the same time; waits for each to end, then throws the first refusal. */
export async function takeBenefits(via: Via, order: Order): Promise<void> {
	const taken = await Promise.allSettled(
		BENEFITS.filter(({ isUsedBy }) => isUsedBy(order)).map(({ take }) => take(via, order))
	);
	for (const outcome of taken) if (outcome.status === "rejected") throw outcome.reason;
}

/** Gives back what the order took or may still be taking. */
export async function giveBackBenefits(via: Via, order: Order): Promise<void> {
	await Promise.all(
		BENEFITS.filter(({ isUsedBy }) => isUsedBy(order)).map(({ giveBack }) => giveBack(via, order))
	);
}
