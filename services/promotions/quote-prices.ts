import type { Quota } from "../../mixins/quotas";
import type { Ctx } from "../../schemas/kit/service";
import type {
	CouponTerms,
	GiftLine,
	OrderQuote,
	PromotionUse,
	promotions
} from "../../schemas/promotions.contract";
import type { PayloadOf } from "../../schemas/kit/contract";
import { call } from "../../schemas/registry";
import { CURRENCY, sumAmounts } from "../../schemas/values/money";
import { toProvinceName } from "../../schemas/values/regions";
import { GUEST, toRule, type Buyer, type UsesOf } from "./buyer-rules.domain";
import {
	buyerQuotaOf,
	readRunningPromotions,
	readUses,
	stockQuotaOf,
	type CurrentPromotion
} from "./current-promotions";
import { calculateFreight, findUndeliverable, type FreightLine, type FreightTerms } from "./freight.domain";
import { calculateQuote, type CalculatedQuote } from "./price.domain";
import type { LineState } from "./reduction.domain";
import { isLimited } from "./promotion.domain";
import type { PromotionsContext } from "./promotions.context";
import type { Coupon, Gift } from "./rule.domain";
import { compileScope } from "./scope.domain";

export type QuoteParams = PayloadOf<typeof promotions.actions.quote>;

/** Quotes lines with the promotions that run now. */
export async function quotePrices(
	context: PromotionsContext,
	ctx: Ctx<unknown>,
	params: QuoteParams
): Promise<OrderQuote> {
	return quoteWithPromotions(context, ctx, params, await readRunningPromotions(context, new Date()));
}

/** Quotes lines with these promotions. */
export async function quoteWithPromotions(
	context: PromotionsContext,
	ctx: Ctx<unknown>,
	params: QuoteParams,
	running: readonly CurrentPromotion[]
): Promise<OrderQuote> {
	const { lines, userId } = params;
	const limited = running.filter(
		({ promotion, covers }) => isLimited(promotion) && lines.some(line => covers(line))
	);
	const gifts = running.flatMap(({ promotion, covers }) =>
		promotion.gift && lines.some(line => covers(line)) ? [promotion.gift] : []
	);
	const [uses, stockedGifts, { buyer, prices }, { coupon, offered }, balance, freight] = await Promise.all([
		readUses(
			context,
			limited.map(({ promotion }) => promotion),
			userId
		),
		fetchGifts(ctx, gifts),
		fetchBuyer(ctx, params),
		fetchCoupons(ctx, params),
		fetchBalance(ctx, params),
		readFreightTerms(context, ctx, params)
	]);
	const priced = lines.map(line => ({
		...line,
		price: Math.min(line.price, prices.get(line.skuId) ?? Infinity)
	}));
	const usesOf = toUsesOf(uses, userId);
	const { config } = context;
	const calculated = calculateQuote({
		lines: priced,
		rules: running.map(current => toRule(current, buyer, usesOf)),
		coupon: coupon && toCoupon(coupon),
		offered: offered.map(toCoupon),
		points: {
			wanted: params.usePoints ?? 0,
			balance,
			fenPerPoint: config.get("points.fenPerPoint"),
			maxPercent: config.get("points.maxPercent"),
			perYuan: userId === null ? 0 : config.get("points.perYuan")
		},
		feeFor: states => calculateFreight(states.map(toFreightLine), freight),
		giftStock: new Map(stockedGifts.map(gift => [gift.skuId, gift.available])),
		currency: CURRENCY
	});
	const { couponCode } = params;
	const unknown =
		couponCode !== undefined && !coupon
			? [{ id: couponCode, name: couponCode, reason: "NOT_FOUND" as const }]
			: [];
	const undeliverable = findUndeliverable(
		lines.map(({ skuId, shippingRuleId = null }) => ({ skuId, shippingRuleId })),
		freight
	);
	return {
		...calculated,
		lines: calculated.lines.map(line => ({
			...line,
			problem: undeliverable.includes(line.skuId) ? "NOT_DELIVERABLE" : null
		})),
		notApplied: [...calculated.notApplied, ...unknown],
		uses: listUses(calculated, lines, running),
		couponId: calculated.discounts.find(({ id }) => id === coupon?.id)?.id ?? null,
		gifts: calculated.gifts.flatMap(({ promotionId, skuId, quantity }) => {
			const gift = stockedGifts.find(stocked => stocked.skuId === skuId);
			if (!gift) return [];
			const { available: _available, ...goods } = gift;
			return [{ ...goods, promotionId, quantity }];
		})
	};
}

/** The rules of the freight and the province that it is for. `shipping` says when a rule changes. */
async function readFreightTerms(
	{ cache, config }: Pick<PromotionsContext, "cache" | "config">,
	ctx: Ctx<unknown>,
	{ province }: QuoteParams
): Promise<FreightTerms> {
	return {
		rules: await cache.getLocal("freight", () => call(ctx, "shipping.freightRules", {})),
		province: province === undefined ? null : toProvinceName(province),
		flat: { fee: config.get("shipping.fee"), freeFrom: config.get("shipping.freeFrom") }
	};
}

const toFreightLine = ({ line, left }: LineState): FreightLine => ({
	skuId: line.skuId,
	quantity: line.quantity,
	weight: line.weight ?? 0,
	shippingRuleId: line.shippingRuleId ?? null,
	listAmount: line.price * line.quantity,
	left
});

/** The buyer's level, and member's prices of the SKUs. */
async function fetchBuyer(
	ctx: Ctx<unknown>,
	{ userId, lines }: QuoteParams
): Promise<{ readonly buyer: Buyer; readonly prices: ReadonlyMap<string, number> }> {
	if (userId === null) return { buyer: GUEST, prices: new Map() };
	const skuIds = lines.map(({ skuId }) => skuId);
	const { levelId, isNew, prices } = await call(ctx, "members.standing", { userId, skuIds });
	return {
		buyer: { userId, levelId, isNew },
		prices: new Map(prices.map(({ skuId, price }) => [skuId, price]))
	};
}

async function fetchCoupons(ctx: Ctx<unknown>, { userId, couponCode, offerCoupons }: QuoteParams) {
	if (userId === null || (couponCode === undefined && !offerCoupons)) return { coupon: null, offered: [] };
	return call(ctx, "coupons.forQuote", {
		userId,
		...(couponCode !== undefined && { code: couponCode }),
		...(offerCoupons && { offer: true })
	});
}

/** The buyer's points, where the answer depends on them: in a preview, and for an order that uses some. */
async function fetchBalance(
	ctx: Ctx<unknown>,
	{ userId, usePoints, offerCoupons }: QuoteParams
): Promise<number> {
	return userId === null || (!usePoints && !offerCoupons) ? 0 : call(ctx, "points.balance", { userId });
}

const toCoupon = ({ scope, maxDiscount, ...terms }: CouponTerms): Coupon => ({
	...terms,
	maxDiscount: maxDiscount ?? Infinity,
	thresholdUnits: 0,
	covers: compileScope(scope)
});

/** What an order at this price takes of limited promotions: units of a flash sale or of gifts, else one use. */
function listUses(
	{ discounts, gifts }: Pick<CalculatedQuote, "discounts" | "gifts">,
	lines: QuoteParams["lines"],
	running: readonly CurrentPromotion[]
): PromotionUse[] {
	const unitsOf = new Map(lines.map(({ skuId, quantity }) => [skuId, quantity]));
	const applied = new Map(discounts.map(discount => [discount.id, discount]));
	return running.flatMap(({ promotion: { _id, type, stock, limitPerUser } }) => {
		const discount = applied.get(_id);
		if (!discount || !isLimited({ stock, limitPerUser })) return [];
		const given = gifts.find(({ promotionId }) => promotionId === _id);
		const sold = sumAmounts(discount.lines.map(({ skuId }) => unitsOf.get(skuId) ?? 0));
		return [{ promotionId: _id, units: type === "flash_sale" ? sold : (given?.quantity ?? 1) }];
	});
}

export const toUsesOf =
	(uses: ReadonlyMap<string, Quota>, userId: string | null): UsesOf =>
	({ _id }) => ({
		inAll: uses.get(stockQuotaOf(_id))?.used ?? 0,
		byBuyer: userId === null ? 0 : (uses.get(buyerQuotaOf(_id, userId))?.used ?? 0)
	});

type StockedGift = Omit<GiftLine, "promotionId" | "quantity"> & { readonly available: number };

/** The gifts that are on the shelf, with their units in stock. */
async function fetchGifts(ctx: Ctx<unknown>, gifts: readonly Gift[]): Promise<StockedGift[]> {
	const skuIds = [...new Set(gifts.map(({ skuId }) => skuId))];
	if (!skuIds.length) return [];
	const [skus, stock] = await Promise.all([
		call(ctx, "products.skus", { skuIds }),
		call(ctx, "inventory.query", { skuIds })
	]);
	const available = new Map(stock.map(row => [row.skuId, row.available]));
	return skus
		.filter(({ onShelf }) => onShelf)
		.map(({ skuId, productId, code, name, image, attributes }) => ({
			skuId,
			productId,
			code,
			name,
			image,
			attributes,
			available: available.get(skuId) ?? 0
		}));
}
