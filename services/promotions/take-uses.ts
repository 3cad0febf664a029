import { releaseQuotas, takeQuotas, type QuotaClaim } from "../../mixins/quotas";
import { invalidState, Refusal } from "../../schemas/errors/errors";
import type { PromotionUse } from "../../schemas/promotions.contract";
import { buyerQuotaOf, stockQuotaOf } from "./current-promotions";
import type { Promotion } from "./promotion.domain";
import type { PromotionsContext } from "./promotions.context";

type Context = Pick<PromotionsContext, "promotions" | "quotas" | "quotaHolds">;

/** Takes what an order uses of limited promotions, all of it or nothing; refuses with PRICE_CHANGED what is not left. */
export async function takeUses(
	context: Context,
	{ orderId, userId, uses }: { orderId: string; userId: string; uses: readonly PromotionUse[] }
): Promise<void> {
	const found = await context.promotions.find({ _id: { $in: uses.map(use => use.promotionId) } });
	const claims = found.flatMap(promotion => {
		const units = uses.find(use => use.promotionId === promotion._id)?.units ?? 1;
		return toClaims(promotion, userId, units);
	});
	const failed = await takeQuotas(context, orderId, claims);
	if (failed === "released")
		throw invalidState("The order has given back what it took", {
			id: orderId,
			state: "released",
			allowed: []
		});
	if (failed)
		throw new Refusal("PRICE_CHANGED", "A promotion has run out", {
			promotionId: failed.quotaId.split(":")[0]
		});
}

/** The quotas that one use counts against. Of gifts the stock counts units, and the buyer's limit counts orders. */
function toClaims(
	{ _id, type, stock, limitPerUser }: Promotion,
	userId: string,
	units: number
): QuotaClaim[] {
	const byBuyer = type === "flash_sale" ? units : 1;
	return [
		...(limitPerUser !== null
			? [{ quotaId: buyerQuotaOf(_id, userId), units: byBuyer, limit: limitPerUser }]
			: []),
		...(stock !== null ? [{ quotaId: stockQuotaOf(_id), units, limit: null }] : [])
	];
}

export const giveBackUses = (context: Context, orderId: string): Promise<void> =>
	releaseQuotas(context, orderId);

/** Gives back what an order took that was placed, which is nothing for most: all that it took, it took before. */
export async function giveBackUsesOfPlaced(context: Context, orderId: string): Promise<void> {
	if (await context.quotaHolds.findOne({ _id: orderId }, { fields: ["_id"] }))
		await releaseQuotas(context, orderId);
}
