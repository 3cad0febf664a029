import { Refusal } from "../../../schemas/errors/errors";
import { allocateAmount, sumAmounts } from "../../../schemas/values/money";
import type { Payment, RefundLine, RefundPart } from "../payment.domain";

/** The lines of an order and the price paid for each; the amounts and the fee sum to the order's total. */
export type PaidLines = { readonly lines: readonly RefundLine[]; readonly shippingFee: number };
export type RefundSelection = {
	readonly items: readonly { readonly skuId: string; readonly quantity: number }[];
	readonly shipping: boolean;
};

/** The shipping fee's name among the units. */
const SHIPPING = "shipping";
const nameUnit = (skuId: string, index: number): string => `${skuId}#${index}`;

/**
 * Chooses as many units as are selected among those that no refund has taken, at the price paid for each. A line's amount is
 * split over its units by largest remainder, the same way every time. Refuses with REFUND_EXCEEDS_PAID if too few are left.
 */
export function chooseUnits(
	{ lines, shippingFee }: PaidLines,
	takenUnits: Payment["refundUnits"],
	selection: RefundSelection
): RefundPart {
	const taken = new Set(takenUnits);
	const chosen = selection.items.map(({ skuId, quantity }) => {
		const line = lines.find(candidate => candidate.skuId === skuId);
		const free = line ? priceUnits(line).filter(({ unit }) => !taken.has(unit)) : [];
		if (free.length < quantity)
			throw new Refusal("REFUND_EXCEEDS_PAID", "More units than are left of what was paid", {
				skuId,
				requested: quantity,
				refundable: free.length
			});
		return { skuId, quantity, units: free.slice(0, quantity) };
	});
	if (selection.shipping && taken.has(SHIPPING))
		throw new Refusal("REFUND_EXCEEDS_PAID", "The shipping fee was sent back before", { shipping: true });
	const refundLines = chosen.map(({ skuId, quantity, units }) => ({
		skuId,
		quantity,
		amount: sumAmounts(units.map(({ amount }) => amount))
	}));
	const shipping = selection.shipping ? shippingFee : 0;
	return {
		units: [
			...chosen.flatMap(({ units }) => units.map(({ unit }) => unit)),
			...(selection.shipping ? [SHIPPING] : [])
		],
		lines: refundLines,
		shipping,
		amount: sumAmounts([...refundLines.map(({ amount }) => amount), shipping])
	};
}

function priceUnits({ skuId, quantity, amount }: RefundLine): { unit: string; amount: number }[] {
	const equalWeights = Array.from({ length: quantity }, () => 1);
	return allocateAmount(amount, equalWeights).map((share, index) => ({
		unit: nameUnit(skuId, index),
		amount: share
	}));
}

/** Whether the part has as many units of each SKU as are selected, and the shipping fee only if that is. */
export const coversSelection = (
	part: Pick<RefundPart, "units" | "lines">,
	{ items, shipping }: RefundSelection
): boolean =>
	part.units.includes(SHIPPING) === shipping &&
	part.lines.length === items.length &&
	items.every(({ skuId, quantity }) =>
		part.lines.some(line => line.skuId === skuId && line.quantity === quantity)
	);
