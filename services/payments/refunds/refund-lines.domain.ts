import { Refusal } from "../../../schemas/errors";
import { allocateAmount, sumAmounts } from "../../../schemas/money";
import type { Payment, RefundLine, RefundPart } from "../payment.domain";

/** What an order was paid for; the lines' amounts and the fee sum to its total. */
export type PaidLines = { readonly lines: readonly RefundLine[]; readonly shippingFee: number };
export type RefundSelection = {
	readonly items: readonly { readonly skuId: string; readonly quantity: number }[];
	readonly shipping: boolean;
};

/** The shipping fee's place among the units. */
const SHIPPING = "shipping";
const unitOf = (skuId: string, index: number): string => `${skuId}#${index}`;

/**
 * The wanted units that no refund has taken yet, at what each of them cost: a line's amount is split over its units by
 * largest remainder, the same way every time. Refuses with REFUND_EXCEEDS_PAID what is not left.
 */
export function chooseUnits(
	{ lines, shippingFee }: PaidLines,
	taken: Payment["refundUnits"],
	wanted: RefundSelection
): RefundPart {
	const gone = new Set(taken);
	const chosen = wanted.items.map(({ skuId, quantity }) => {
		const line = lines.find(one => one.skuId === skuId);
		const shares = line
			? allocateAmount(
					line.amount,
					Array.from({ length: line.quantity }, () => 1)
				)
			: [];
		const free = shares.flatMap((amount, index) => {
			const unit = unitOf(skuId, index);
			return gone.has(unit) ? [] : [{ unit, amount }];
		});
		if (free.length < quantity)
			throw new Refusal("REFUND_EXCEEDS_PAID", "More units than are left of what was paid", {
				skuId,
				requested: quantity,
				refundable: free.length
			});
		return { skuId, quantity, taken: free.slice(0, quantity) };
	});
	if (wanted.shipping && gone.has(SHIPPING))
		throw new Refusal("REFUND_EXCEEDS_PAID", "The shipping fee was sent back before", { shipping: true });
	const parts = chosen.map(({ skuId, quantity, taken: units }) => ({
		skuId,
		quantity,
		amount: sumAmounts(units.map(({ amount }) => amount))
	}));
	const shipping = wanted.shipping ? shippingFee : 0;
	return {
		units: [
			...chosen.flatMap(({ taken: units }) => units.map(({ unit }) => unit)),
			...(wanted.shipping ? [SHIPPING] : [])
		],
		lines: parts,
		shipping,
		amount: sumAmounts([...parts.map(({ amount }) => amount), shipping])
	};
}

/** Whether the part is of as many units as are wanted. */
export const coversSelection = (
	part: Pick<RefundPart, "units" | "lines">,
	{ items, shipping }: RefundSelection
): boolean =>
	part.units.includes(SHIPPING) === shipping &&
	part.lines.length === items.length &&
	items.every(({ skuId, quantity }) =>
		part.lines.some(line => line.skuId === skuId && line.quantity === quantity)
	);
