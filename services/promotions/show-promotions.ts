import type { PayloadOf, AnswerOf } from "../../schemas/kit/contract";
import type { promotions } from "../../schemas/promotions.contract";
import { isForEverybody } from "./buyer-rules.domain";
import { readRunningPromotions, readUses } from "./current-promotions";
import { toUsesOf } from "./quote-prices";
import type { PromotionsContext } from "./promotions.context";
import { toRule, GUEST } from "./buyer-rules.domain";
import { decideUnitPrices } from "./unit-price.domain";
import { isRejection } from "./reduction.domain";

type Showcase = typeof promotions.actions.showcase;

/** The lowest unit price of each product for anybody, and the labels of the promotions that are for it. */
export async function showPromotions(
	context: PromotionsContext,
	{ products }: PayloadOf<Showcase>
): Promise<AnswerOf<Showcase>> {
	const running = await readRunningPromotions(context, new Date());
	if (!running.length)
		return products.map(({ productId }) => ({ productId, promotionPrice: null, promotions: [] }));
	const limited = running.filter(({ promotion }) => promotion.stock !== null);
	const uses = await readUses(
		context,
		limited.map(({ promotion }) => promotion),
		null
	);
	const usesOf = toUsesOf(uses, null);
	const open = running.filter(({ promotion }) => isForEverybody(promotion, usesOf(promotion)));
	const rules = open
		.map(current => toRule(current, GUEST, usesOf))
		.filter(({ type }) => type === "flash_sale" || type === "price_off");
	return products.map(({ productId, categoryIds, brandId, skus }) => {
		const goods = skus.map(({ skuId, price }) => ({ skuId, productId, categoryIds, brandId, price }));
		const prices = goods.map(sku => {
			const states = [{ line: { ...sku, quantity: 1 }, left: sku.price, free: true }];
			const cuts = decideUnitPrices(states, rules).flatMap(({ result }) =>
				isRejection(result) ? [] : [result.amount]
			);
			return sku.price - (cuts[0] ?? 0);
		});
		const lowest = Math.min(...prices);
		const promotionPrice = lowest < Math.min(...skus.map(({ price }) => price)) ? lowest : null;
		const labels = open
			.filter(({ covers }) => goods.some(sku => covers(sku)))
			.map(({ promotion: { _id, type, label, name } }) => ({ id: _id, type, label: label ?? name }));
		return { productId, promotionPrice, promotions: labels };
	});
}
