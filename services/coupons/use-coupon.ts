import { unavailable } from "./claim-coupon";
import type { CouponsContext } from "./coupons.context";

type Context = Pick<CouponsContext, "coupons">;
type Use = {
	readonly orderId: string;
	readonly userId: string;
	readonly couponId: string;
	readonly discount: number;
};

/** Uses the coupon for the order by one guarded write, so that of many orders at once one gets it. */
export async function useCoupon(
	{ coupons }: Context,
	{ orderId, userId, couponId, discount }: Use
): Promise<void> {
	const now = new Date();
	const used = await coupons.change(
		{
			_id: couponId,
			userId,
			status: "unused",
			validFrom: { $lte: now },
			validTo: { $gt: now },
			givenBackBy: { $ne: orderId }
		},
		{ $set: { status: "used", orderId, discount, updatedAt: now } }
	);
	if (used) return;
	const coupon = await coupons.findOne({ _id: couponId, userId });
	if (coupon?.orderId === orderId) return;
	throw unavailable(couponId, coupon?.status === "unused" ? "EXPIRED" : "LIMIT");
}

/** Gives the coupon of an order back. The order is noted, so that a slow `useCoupon` of it fails. */
export async function giveBackCoupon({ coupons }: Context, couponId: string, orderId: string): Promise<void> {
	const note = { $each: [orderId], $slice: -20 };
	const now = new Date();
	const freed = await coupons.change(
		{ _id: couponId, orderId, status: "used" },
		{
			$set: { status: "unused", updatedAt: now },
			$unset: { orderId: "", discount: "" },
			$push: { givenBackBy: note }
		}
	);
	if (freed) return;
	await coupons.change({ _id: couponId, givenBackBy: { $ne: orderId } }, { $push: { givenBackBy: note } });
}

/** Gives back the coupon that an order used, if it used one. */
export async function giveBackCouponOf(context: Context, orderId: string): Promise<void> {
	for (const { _id } of await context.coupons.find({ orderId }))
		await giveBackCoupon(context, _id, orderId);
}
