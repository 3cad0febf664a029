import { allocateAmount, calculatePercent, sumAmounts } from "../../schemas/values/money";

/** Units of a SKU to be bought, at most one line per SKU. `categoryIds` names its category and all above it. */
export type PricedLine = {
	readonly skuId: string;
	readonly productId: string;
	readonly categoryIds: readonly string[];
	readonly brandId: string | null;
	readonly price: number;
	readonly quantity: number;
};

/** A line is in scope when `all` is set or any of the lists names it. */
export type Scope = {
	readonly all: boolean;
	readonly categoryIds: readonly string[];
	readonly brandIds: readonly string[];
	readonly productIds: readonly string[];
	readonly skuIds: readonly string[];
};

/**
 * Phase in which offers of a type are applied. Activities change the price of a line, full reductions and coupons take from
 * a sum of lines, and shipping comes last. Each phase sees, and tests its thresholds on, what the phases before it left.
 */
export const PHASES = {
	flash_sale: 10,
	price_off: 10,
	amount_off: 20,
	percent_off: 20,
	fixed: 30,
	percent: 30,
	free_shipping: 50
} as const;
export const ACTIVITY_PHASE = 10;

export type OfferType = keyof typeof PHASES;

/**
 * A promotion that runs, or a coupon that this user may use; both are checked before. `value` is the unit price of a flash
 * sale, fen off each unit (`price_off`), a percentage off (`percent_off`, `percent`), or fen off the sum of the lines in scope
 * (`amount_off`, `fixed`). Within a phase a higher priority goes first.
 */
export type Offer = {
	readonly id: string;
	readonly name: string;
	readonly type: OfferType;
	readonly value: number;
	readonly threshold: number;
	readonly maxDiscount?: number | undefined;
	readonly scope: Scope;
	readonly priority: number;
	readonly exclusive: boolean;
};

export type NotAppliedReason = "OUT_OF_SCOPE" | "BELOW_THRESHOLD" | "NOTHING_TO_SAVE" | "BETTER_OFFER";

/** Fen that an offer takes off each line, and off the shipping fee. */
export type Reduction = { readonly shares: readonly number[]; readonly shipping: number };

/** Calculates an offer's reduction from `left` (fen still to pay of each line) and `fee`, or the reason why there is none. */
export function calculateReduction(
	offer: Offer,
	lines: readonly PricedLine[],
	left: readonly number[],
	fee: number
): Reduction | NotAppliedReason {
	const covered = lines.map(line => covers(offer.scope, line));
	if (!covered.includes(true)) return "OUT_OF_SCOPE";
	const base = left.map((amount, i) => (covered[i] ? amount : 0));
	if (sumAmounts(base) < offer.threshold) return "BELOW_THRESHOLD";
	const reduction = {
		shares: calculateShares(offer, base, lines),
		shipping: offer.type === "free_shipping" ? fee : 0
	};
	return sumAmounts(reduction.shares) + reduction.shipping > 0 ? reduction : "NOTHING_TO_SAVE";
}

function calculateShares(
	{ type, value, maxDiscount = Infinity }: Offer,
	base: readonly number[],
	lines: readonly PricedLine[]
) {
	const perUnit = (cut: (amount: number, quantity: number) => number) =>
		base.map((amount, i) => Math.min(amount, Math.max(0, cut(amount, lines[i]?.quantity ?? 0))));
	const overall = (cut: number) => allocateAmount(Math.min(cut, maxDiscount, sumAmounts(base)), base);
	switch (type) {
		case "flash_sale":
			return perUnit((amount, quantity) => amount - value * quantity);
		case "price_off":
			return perUnit((_, quantity) => value * quantity);
		case "amount_off":
		case "fixed":
			return overall(value);
		case "percent_off":
		case "percent":
			return overall(calculatePercent(sumAmounts(base), value));
		case "free_shipping":
			return base.map(() => 0);
	}
}

const covers = (scope: Scope, line: PricedLine): boolean =>
	scope.all ||
	scope.skuIds.includes(line.skuId) ||
	scope.productIds.includes(line.productId) ||
	(line.brandId !== null && scope.brandIds.includes(line.brandId)) ||
	line.categoryIds.some(id => scope.categoryIds.includes(id));
