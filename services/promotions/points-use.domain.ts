/** How a buyer may pay with points. `wanted` is the number that the request asks to use. */
export type PointsTerms = {
	readonly wanted: number;
	readonly balance: number;
	readonly fenPerPoint: number;
	/** Most per cent of what is left of the goods that points may pay. */
	readonly maxPercent: number;
	/** Points earned for a yuan of goods. */
	readonly perYuan: number;
};

/** `amount` is what the used points pay, in fen; `usable` the most that this order takes; `earn` what it will bring. */
export type PointsUse = {
	readonly used: number;
	readonly amount: number;
	readonly usable: number;
	readonly earn: number;
};

/** Calculates the use of points for goods of which `left` fen are to be paid. More than are usable are not used. */
export function calculatePoints(
	{ wanted, balance, fenPerPoint, maxPercent }: PointsTerms,
	left: number
): Omit<PointsUse, "earn"> {
	// In two parts: the product of a large sum outgrows 2^53.
	const payable = Math.floor(left / 100) * maxPercent + Math.floor(((left % 100) * maxPercent) / 100);
	const most = Math.floor(payable / fenPerPoint);
	const usable = Math.min(balance, most);
	const used = Math.min(wanted, usable);
	return { used, amount: used * fenPerPoint, usable };
}
