import type { FreightRule } from "../../schemas/shipping.contract";
import { sumAmounts } from "../../schemas/values/money";
import { calculateShippingFee, type FeeRule } from "./fee.domain";

/** Units to send: `listAmount` is what they cost before discounts, `left` what is left of that. Weight in grams a unit. */
export type FreightLine = {
	readonly skuId: string;
	readonly quantity: number;
	readonly weight: number;
	readonly shippingRuleId: string | null;
	readonly listAmount: number;
	readonly left: number;
};
export type FreightTerms = {
	readonly rules: readonly FreightRule[];
	/** By its full name; null where the address is not known yet. */
	readonly province: string | null;
	/** For lines without a rule. */
	readonly flat: FeeRule;
};
type Area = FreightRule["areas"][number];

/** Calculates the freight: the lines of one rule are counted together, and the rules add up. Refused lines cost nothing. */
export function calculateFreight(lines: readonly FreightLine[], terms: FreightTerms): number {
	const groups = Map.groupBy(lines, line => findRule(line, terms.rules));
	return sumAmounts(
		[...groups].map(([rule, group]) =>
			rule
				? calculateRule(rule, group, terms.province)
				: calculateShippingFee(sumAmounts(group.map(({ listAmount }) => listAmount)), terms.flat)
		)
	);
}

/** SKUs of the lines that are not sent to the province. */
export const findUndeliverable = (
	lines: readonly Pick<FreightLine, "skuId" | "shippingRuleId">[],
	{ rules, province }: Pick<FreightTerms, "rules" | "province">
): string[] =>
	province === null
		? []
		: lines
				.filter(line => {
					const rule = findRule(line, rules);
					return rule !== undefined && findArea(rule, province) === null;
				})
				.map(({ skuId }) => skuId);

/** The rule that the product names, else the default one. */
const findRule = (
	{ shippingRuleId }: Pick<FreightLine, "shippingRuleId">,
	rules: readonly FreightRule[]
): FreightRule | undefined =>
	rules.find(({ id }) => id === shippingRuleId) ?? rules.find(({ isDefault }) => isDefault);

/** The area with the province, else the one for everywhere else; null where the rule does not send. */
function findArea({ areas, notTo }: FreightRule, province: string | null): Area | null {
	const elsewhere = areas.find(({ provinces }) => provinces.length === 0);
	if (province === null) return elsewhere ?? areas[0] ?? null;
	if (notTo.includes(province)) return null;
	return areas.find(({ provinces }) => provinces.includes(province)) ?? elsewhere ?? null;
}

function calculateRule(rule: FreightRule, lines: readonly FreightLine[], province: string | null): number {
	const area = findArea(rule, province);
	if (!area) return 0;
	const { first, firstFee, next, nextFee, freeFrom = null } = area;
	if (freeFrom !== null && sumAmounts(lines.map(({ left }) => left)) >= freeFrom) return 0;
	const measure = ({ quantity, weight }: FreightLine) =>
		rule.chargeBy === "piece" ? quantity : quantity * weight;
	const over = Math.max(0, sumAmounts(lines.map(measure)) - first);
	return firstFee + Math.ceil(over / next) * nextFee;
}
