import { allocateAmount, calculatePercent, sumAmounts } from "../../schemas/values/money";
import type { Condition, Coupon, Gift, NotAppliedReason, PricedLine, Rule } from "./rule.domain";

/** What is left to pay of each line; `free`: the line is not taken by an exclusive offer of this step. */
export type LineState = { readonly line: PricedLine; left: number; free: boolean };

/** `missing`: fen or units short of the threshold. */
export type Rejection = { readonly reason: NotAppliedReason; readonly missing?: number };
/** Fen off each line (in the order of the lines); `base` is what was left of the offer's lines before. */
export type Reduction = {
	readonly base: number;
	readonly amount: number;
	readonly shares: readonly number[];
	readonly gift?: Gift;
};
export const isRejection = (outcome: Reduction | Rejection): outcome is Rejection => "reason" in outcome;

const NOTHING_LEFT: Rejection = { reason: "EXCLUDED" };

/** Lines of an offer whose condition is met, with `weights`: what is left of its lines, 0 for the others. */
type Met = { readonly weights: readonly number[]; readonly base: number; readonly units: number };

/** Tests the condition on the free lines. Where all lines would meet it, the reason is EXCLUDED. */
export function testCondition(
	{ covers, threshold, thresholdUnits }: Condition,
	states: readonly LineState[]
): Met | Rejection {
	const weights: number[] = [];
	let base = 0;
	let units = 0;
	let takenBase = 0;
	let takenUnits = 0;
	for (const { line, left, free } of states) {
		const covered = covers(line);
		weights.push(covered && free ? left : 0);
		if (!covered) continue;
		if (free) {
			base += left;
			units += line.quantity;
		} else {
			takenBase += left;
			takenUnits += line.quantity;
		}
	}
	if (units + takenUnits === 0) return { reason: "SCOPE" };
	if (units > 0 && base >= threshold && units >= thresholdUnits) return { weights, base, units };
	if (base + takenBase >= threshold && units + takenUnits >= thresholdUnits) return { reason: "EXCLUDED" };
	const missing = base < threshold ? threshold - base : thresholdUnits - units;
	return { reason: "THRESHOLD", missing };
}

/** Calculates what a promotion of the steps `line` and `order` takes off the free lines, or why it takes nothing. */
export function calculateReduction(
	rule: Rule,
	states: readonly LineState[],
	isGiftInStock: (gift: Gift) => boolean
): Reduction | Rejection {
	const met = testCondition(withLowestTier(rule), states);
	if ("reason" in met) return rule.blocked && met.reason !== "SCOPE" ? { reason: rule.blocked } : met;
	if (rule.blocked) return { reason: rule.blocked };
	switch (rule.type) {
		case "percent_off":
			return spread(met, calculatePercent(met.base, rule.value));
		case "amount_off":
			return spread(met, calculateAmountOff(rule, met));
		case "units_off":
			return freeCheapestUnits(rule, met, states);
		case "gift": {
			const { gift } = rule;
			if (!gift || !isGiftInStock(gift)) return { reason: "SOLD_OUT" };
			return { base: met.base, amount: 0, shares: met.weights.map(() => 0), gift };
		}
		case "flash_sale":
		case "price_off":
		case "free_shipping":
			throw new Error(`${rule.type} takes nothing off lines or orders`);
	}
}

/** A promotion with tiers applies from the lowest of their thresholds on. */
const withLowestTier = (rule: Rule): Condition =>
	rule.tiers.length ? { ...rule, threshold: Math.min(...rule.tiers.map(tier => tier.threshold)) } : rule;

function calculateAmountOff({ tiers, value, ...rule }: Rule, met: Met): number {
	if (!tiers.length) return value * countRepeats(rule, met);
	return Math.max(...tiers.filter(({ threshold }) => threshold <= met.base).map(tier => tier.value));
}

function countRepeats(
	{ repeat, threshold, thresholdUnits }: Pick<Rule, "repeat" | "threshold" | "thresholdUnits">,
	{ base, units }: Met
): number {
	if (!repeat) return 1;
	const byAmount = threshold > 0 ? Math.floor(base / threshold) : Infinity;
	const byUnits = thresholdUnits > 0 ? Math.floor(units / thresholdUnits) : Infinity;
	const times = Math.min(byAmount, byUnits);
	return times === Infinity ? 1 : times;
}

/** Takes the amount, as far as there is as much, and splits it over the offer's lines by largest remainder. */
function spread({ base, weights }: Met, amount: number): Reduction | Rejection {
	const taken = Math.min(amount, base);
	return taken > 0 ? { base, amount: taken, shares: allocateAmount(taken, weights) } : NOTHING_LEFT;
}

/**
 * Frees the cheapest units at what is left of them. What is left of a line is split over its units to the fen, so a line has
 * units of at most two prices.
 */
function freeCheapestUnits(rule: Rule, met: Met, states: readonly LineState[]): Reduction | Rejection {
	const groups = states.flatMap(({ line, left, free }, index) => {
		if (!free || !rule.covers(line)) return [];
		const dearer = left % line.quantity;
		const price = (left - dearer) / line.quantity;
		return [
			{ index, price, units: line.quantity - dearer },
			{ index, price: price + 1, units: dearer }
		];
	});
	const shares = states.map(() => 0);
	let units = rule.value * countRepeats(rule, met);
	for (const group of groups.sort((a, b) => a.price - b.price || a.index - b.index)) {
		const freed = Math.min(units, group.units);
		shares[group.index] = (shares[group.index] ?? 0) + freed * group.price;
		units -= freed;
	}
	const amount = sumAmounts(shares);
	return amount > 0 ? { base: met.base, amount, shares } : NOTHING_LEFT;
}

/** Calculates what a coupon takes off the lines, or why it takes nothing. One for free shipping takes `fee`, of no line. */
export function calculateCoupon(
	coupon: Coupon,
	states: readonly LineState[],
	fee: number
): Reduction | Rejection {
	const { type, value, maxDiscount, blocked } = coupon;
	if (blocked) return { reason: blocked };
	const met = testCondition(coupon, states);
	if ("reason" in met) return met;
	if (type === "fixed") return spread(met, value);
	if (type === "percent") return spread(met, Math.min(maxDiscount, calculatePercent(met.base, value)));
	return fee > 0 ? { base: met.base, amount: fee, shares: met.weights.map(() => 0) } : NOTHING_LEFT;
}
