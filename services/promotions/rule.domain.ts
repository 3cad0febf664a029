import type { CouponType } from "../../schemas/coupons.contract";
import type { PromotionType } from "../../schemas/promotions.contract";
import type { Covers, ScopedGoods } from "./scope.domain";

/** Steps of the calculation, in their order. Each works on what the one before has left. */
export type Step = "unit" | "line" | "order" | "coupon" | "points" | "shipping";
export const STEP_OF = {
	flash_sale: "unit",
	price_off: "unit",
	units_off: "line",
	percent_off: "line",
	amount_off: "order",
	gift: "order",
	free_shipping: "shipping"
} as const satisfies Readonly<Record<PromotionType, Step>>;

/**
 * Why an offer was not applied. SCOPE: no line is in its scope. EXCLUDED: another offer took its lines, or nothing of them is
 * left to take. LIMIT and SOLD_OUT: no more for this buyer, or for anybody.
 */
export type NotAppliedReason =
	"THRESHOLD" | "SCOPE" | "EXCLUDED" | "LIMIT" | "SOLD_OUT" | "AUDIENCE" | "EXPIRED" | "NOT_FOUND";

/** Units of a SKU to be bought, at most one line per SKU. `price` is the lowest of its list price and the member's. */
export type PricedLine = ScopedGoods & {
	readonly price: number;
	readonly quantity: number;
	/** Grams of one unit. */
	readonly weight?: number | undefined;
	/** The rule of the freight that the product names. */
	readonly shippingRuleId?: string | null | undefined;
};

/** Lines an offer is for, and what they must sum to (fen, and units) before it applies. */
export type Condition = {
	readonly covers: Covers;
	readonly threshold: number;
	readonly thresholdUnits: number;
};

export type Tier = { readonly threshold: number; readonly value: number };
export type Gift = { readonly skuId: string; readonly quantity: number };

/** A running promotion as this buyer has it. `value` as in the REST contract; 0 for a type without one. */
export type Rule = Condition & {
	readonly id: string;
	readonly name: string;
	readonly type: PromotionType;
	readonly value: number;
	readonly tiers: readonly Tier[];
	readonly repeat: boolean;
	readonly gift: Gift | null;
	readonly priority: number;
	readonly exclusive: boolean;
	/** Why this buyer can't have the promotion, whatever the cart holds. */
	readonly blocked: NotAppliedReason | null;
	/** Units of a flash sale that are left for everybody, and for this buyer. */
	readonly unitsLeft: { readonly inAll: number; readonly forBuyer: number };
};

/** A coupon of this buyer. */
export type Coupon = Condition & {
	readonly id: string;
	readonly code: string;
	readonly name: string;
	readonly type: CouponType;
	readonly value: number;
	readonly maxDiscount: number;
	readonly blocked: NotAppliedReason | null;
};

/** Higher priority first, then by id: the order in which rules are tried inside a step. */
export const compareRank = (a: Rule, b: Rule): number => b.priority - a.priority || compareText(a.id, b.id);

/** Compares by code unit, so that the order does not depend on the locale of the process. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
