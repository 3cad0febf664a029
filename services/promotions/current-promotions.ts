import { readQuotas, type Quota } from "../../mixins/quotas";
import type { Promotion } from "./promotion.domain";
import type { PromotionsContext } from "./promotions.context";
import { compileScope, type Covers } from "./scope.domain";

/** A promotion that runs or is to come, with its scope compiled. */
export type CurrentPromotion = { readonly promotion: Promotion; readonly covers: Covers };

/** Most promotions that run or are to come at a time. */
const MAX_CURRENT = 2000;

/**
 * All promotions that are enabled and have not ended. They are cached for at most half a second, and a change drops them from
 * the cache of every process; the caller compares their times with the clock.
 */
export const readCurrentPromotions = (
	context: Pick<PromotionsContext, "promotions" | "cache">
): Promise<readonly CurrentPromotion[]> =>
	context.cache.getLocal("current", async () => {
		const found = await context.promotions.find(
			{ enabled: true, removed: false, endsAt: { $gt: new Date() } },
			{ sort: { endsAt: 1 }, limit: MAX_CURRENT }
		);
		return found.map(promotion => ({ promotion, covers: compileScope(promotion.scope) }));
	});

/** Those of the current promotions that run now. */
export async function readRunningPromotions(
	context: Pick<PromotionsContext, "promotions" | "cache">,
	now: Date
): Promise<CurrentPromotion[]> {
	const current = await readCurrentPromotions(context);
	return current.filter(({ promotion }) => promotion.startsAt <= now && now < promotion.endsAt);
}

export const stockQuotaOf = (promotionId: string): string => promotionId;
export const buyerQuotaOf = (promotionId: string, userId: string): string => `${promotionId}:${userId}`;

/** What was taken of each limited promotion, by everybody and by the buyer. */
export async function readUses(
	context: Pick<PromotionsContext, "quotas">,
	promotions: readonly Promotion[],
	userId: string | null
): Promise<ReadonlyMap<string, Quota>> {
	const quotaIds = promotions.flatMap(({ _id, stock, limitPerUser }) => [
		...(stock !== null ? [stockQuotaOf(_id)] : []),
		...(limitPerUser !== null && userId !== null ? [buyerQuotaOf(_id, userId)] : [])
	]);
	return readQuotas(context, quotaIds);
}
