import { allocateAmount, calculatePercent, sumAmounts } from "../../schemas/money";

/** What is bought. A SKU stands on one line only; `categoryIds` names its category and every one above. */
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
 * When each kind takes its turn: activities change the price of a line, full reductions and coupons take from a sum of
 * lines, freight comes last. Every turn sees, and tests its thresholds on, what the turns before it left.
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
 * A running promotion or a coupon in hand; whether it runs, and may be used by this user, is decided before.
 * `value` is the unit price of a flash sale, fen off each unit (`price_off`), a percentage off (`percent_off`,
 * `percent`), or fen off the sum of what is in scope (`amount_off`, `fixed`). A higher priority goes first.
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

/** What an offer takes from each line, and from the fee. */
export type Reduction = { readonly shares: readonly number[]; readonly shipping: number };

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
	const cut = {
		shares: sharesOf(offer, base, lines),
		shipping: offer.type === "free_shipping" ? fee : 0
	};
	return sumAmounts(cut.shares) + cut.shipping > 0 ? cut : "NOTHING_TO_SAVE";
}

function sharesOf(
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
