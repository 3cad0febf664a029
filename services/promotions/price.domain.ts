import type { CouponType } from "../../schemas/coupons.contract";
import type { PromotionType } from "../../schemas/promotions.contract";
import { allocateAmount, sumAmounts } from "../../schemas/values/money";
import { calculatePoints, type PointsTerms, type PointsUse } from "./points-use.domain";
import {
	calculateCoupon,
	calculateReduction,
	isRejection,
	testCondition,
	type LineState,
	type Reduction,
	type Rejection
} from "./reduction.domain";
import {
	compareRank,
	compareText,
	STEP_OF,
	type Coupon,
	type Gift,
	type NotAppliedReason,
	type PricedLine,
	type Rule,
	type Step
} from "./rule.domain";
import { decideUnitPrices, type Outcome } from "./unit-price.domain";

/** What one offer took. `base` is what was left of its lines before; one of the step `shipping` takes off the fee, of no line. */
export type Discount = {
	readonly step: Step;
	readonly type: PromotionType | CouponType | "points";
	readonly id: string;
	readonly name: string;
	readonly amount: number;
	readonly base: number;
	readonly lines: readonly { readonly skuId: string; readonly amount: number }[];
};
export type NotApplied = Rejection & { readonly id: string; readonly name: string };
export type CouponOffer = {
	readonly code: string;
	readonly name: string;
	readonly amount: number;
	readonly applicable: boolean;
	readonly reason: NotAppliedReason | null;
};

/** `price` is after the step `unit`, `listPrice` before it; `amount` is price × quantity − discount. */
export type QuoteLine = {
	readonly skuId: string;
	readonly productId: string;
	readonly listPrice: number;
	readonly price: number;
	readonly quantity: number;
	readonly discount: number;
	readonly amount: number;
};

export type QuoteInput = {
	readonly lines: readonly PricedLine[];
	readonly rules: readonly Rule[];
	/** The coupon to use. */
	readonly coupon: Coupon | null;
	/** Coupons to tell the worth of. */
	readonly offered: readonly Coupon[];
	readonly points: PointsTerms;
	/** The freight, by what is left of the lines. */
	readonly feeFor: (states: readonly LineState[]) => number;
	/** Units of gift SKUs that are in stock; absent: none. */
	readonly giftStock: ReadonlyMap<string, number>;
	readonly currency: string;
};

/** `itemsTotal` is at list prices: total = itemsTotal − discountTotal + shippingFee. */
export type CalculatedQuote = {
	readonly lines: readonly QuoteLine[];
	readonly itemsTotal: number;
	readonly discounts: readonly Discount[];
	/** Sum of all discounts but those off the shipping fee. */
	readonly discountTotal: number;
	readonly notApplied: readonly NotApplied[];
	readonly gifts: readonly (Gift & { readonly promotionId: string })[];
	readonly coupons: readonly CouponOffer[];
	readonly points: PointsUse;
	readonly shippingFee: number;
	readonly total: number;
	readonly currency: string;
};

type Source = { readonly id: string; readonly name: string; readonly type: Discount["type"] };

/**
 * Calculates the price of lines with the offers of this buyer, for cart, preview and order alike: unit price, lines, order,
 * coupon, points, shipping. The order of lines, rules and coupons in the input changes nothing.
 */
export function calculateQuote(input: QuoteInput): CalculatedQuote {
	const { rules, coupon, currency } = input;
	const states: LineState[] = input.lines
		.toSorted((a, b) => compareText(a.skuId, b.skuId))
		.map(line => ({ line, left: line.price * line.quantity, free: true }));
	const discounts: Discount[] = [];
	const notApplied: NotApplied[] = [];
	const gifts: (Gift & { promotionId: string })[] = [];
	let fee = 0;

	const book = (step: Step, { id, name, type }: Source, result: Reduction | Rejection) => {
		if (isRejection(result)) {
			notApplied.push({ id, name, ...result });
			return;
		}
		const { amount, base, shares, gift } = result;
		const lines = states.flatMap((state, i) => {
			const share = shares[i] ?? 0;
			state.left -= share;
			return share > 0 ? [{ skuId: state.line.skuId, amount: share }] : [];
		});
		if (step === "shipping") fee -= amount;
		if (gift) gifts.push({ ...gift, promotionId: id });
		discounts.push({ step, type, id, name, amount, base, lines });
	};
	const rulesOf = (step: Step) => rules.filter(({ type }) => STEP_OF[type] === step);

	for (const { rule, result } of decideUnitPrices(states, rulesOf("unit"))) book("unit", rule, result);
	const atUnitPrice = states.map(({ left }) => left);
	const isGiftInStock = (gift: Gift) => {
		const taken = [...input.lines, ...gifts].filter(({ skuId }) => skuId === gift.skuId);
		const left = (input.giftStock.get(gift.skuId) ?? 0) - sumAmounts(taken.map(l => l.quantity));
		return left >= gift.quantity;
	};
	for (const step of ["line", "order"] as const)
		applyStep(states, rulesOf(step), isGiftInStock, (rule, result) => book(step, rule, result));

	for (const state of states) state.free = true;
	const freeShipping = rulesOf("shipping").toSorted(compareRank);
	fee = input.feeFor(states);
	const feeBeforeCoupon = freeShipping.some(rule => !isRejection(calculateFreeShipping(rule, states, fee)))
		? 0
		: fee;
	const coupons = rankCoupons(input.offered, states, feeBeforeCoupon);
	if (coupon && coupon.type !== "free_shipping")
		book("coupon", coupon, calculateCoupon(coupon, states, fee));

	const points = calculatePoints(input.points, sumAmounts(states.map(({ left }) => left)));
	if (points.amount > 0) book("points", POINTS, takePoints(points.amount, states));

	fee = input.feeFor(states);
	for (const rule of freeShipping) book("shipping", rule, calculateFreeShipping(rule, states, fee));
	if (coupon?.type === "free_shipping") book("shipping", coupon, calculateCoupon(coupon, states, fee));

	const bySku = new Map(
		states.map(({ line, left }, i) => [line.skuId, { left, units: atUnitPrice[i] ?? 0 }])
	);
	const lines = input.lines.map(({ skuId, productId, price, quantity }): QuoteLine => {
		const { left, units } = bySku.get(skuId) ?? { left: 0, units: 0 };
		return {
			skuId,
			productId,
			listPrice: price,
			price: units / quantity,
			quantity,
			discount: units - left,
			amount: left
		};
	});
	const goods = sumAmounts(states.map(({ left }) => left));
	const itemsTotal = sumAmounts(input.lines.map(line => line.price * line.quantity));
	return {
		lines,
		itemsTotal,
		discounts,
		discountTotal: itemsTotal - goods,
		notApplied: notApplied.sort((a, b) => compareText(a.id, b.id)),
		gifts,
		coupons,
		points: { ...points, earn: Math.floor((goods * input.points.perYuan) / 100) },
		shippingFee: fee,
		total: goods + fee,
		currency
	};
}

/**
 * Applies the rules of one step. Exclusive ones whose condition is met come first, the one that saves most before the others,
 * and take their lines; the remaining rules, by rank, see only the lines that are left.
 */
function applyStep(
	states: readonly LineState[],
	rules: readonly Rule[],
	isGiftInStock: (gift: Gift) => boolean,
	book: (rule: Rule, result: Reduction | Rejection) => void
): void {
	const ranked = rules.toSorted(compareRank);
	for (const state of states) state.free = true;
	const attempt = (rule: Rule): Outcome => ({
		rule,
		result: calculateReduction(rule, states, isGiftInStock)
	});
	let waiting = ranked.filter(rule => rule.exclusive);
	while (waiting.length) {
		const outcomes = waiting.map(attempt);
		const best = outcomes.reduce<Outcome | null>(
			(winner, next) => (amountOf(next) > (winner ? amountOf(winner) : -1) ? next : winner),
			null
		);
		if (!best) {
			for (const { rule, result } of outcomes) book(rule, result);
			break;
		}
		book(best.rule, best.result);
		for (const state of states) if (best.rule.covers(state.line)) state.free = false;
		waiting = waiting.filter(rule => rule !== best.rule);
	}
	for (const rule of ranked) if (!rule.exclusive) book(rule, attempt(rule).result);
}

/** Fen that an offer takes; −1 for one that does not apply. A gift takes 0. */
const amountOf = ({ result }: Outcome): number => (isRejection(result) ? -1 : result.amount);

function calculateFreeShipping(rule: Rule, states: readonly LineState[], fee: number): Reduction | Rejection {
	const met = testCondition(rule, states);
	if ("reason" in met) return rule.blocked && met.reason !== "SCOPE" ? { reason: rule.blocked } : met;
	if (rule.blocked) return { reason: rule.blocked };
	return fee > 0 ? { base: met.base, amount: fee, shares: [] } : { reason: "EXCLUDED" };
}

/** The coupons with what each would take off this cart, the best first. */
const rankCoupons = (coupons: readonly Coupon[], states: readonly LineState[], fee: number): CouponOffer[] =>
	coupons
		.map(coupon => {
			const result = calculateCoupon(coupon, states, fee);
			const { code, name } = coupon;
			return isRejection(result)
				? { code, name, amount: 0, applicable: false, reason: result.reason }
				: { code, name, amount: result.amount, applicable: true, reason: null };
		})
		.sort((a, b) => b.amount - a.amount || compareText(a.code, b.code));

const POINTS: Source = { id: "points", name: "积分抵扣", type: "points" };

function takePoints(amount: number, states: readonly LineState[]): Reduction {
	const weights = states.map(({ left }) => left);
	return { base: sumAmounts(weights), amount, shares: allocateAmount(amount, weights) };
}
