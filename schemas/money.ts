/** Money is an integer number of minor units (fen); a fraction of one exists nowhere. */

export const sumAmounts = (amounts: readonly number[]): number =>
	amounts.reduce((total, amount) => total + amount, 0);

/**
 * Splits an amount in proportion to the weights by largest remainder; the shares sum to it exactly, and equal remainders
 * go to whoever stands first. While the amount is at most the sum of the weights no share exceeds its own weight,
 * so a discount split by what the lines cost can make none of them negative.
 */
export function allocateAmount(amount: number, weights: readonly number[]): number[] {
	for (const value of [amount, ...weights])
		if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`Not an amount: ${value}`);
	if (amount === 0) return weights.map(() => 0);
	const whole = weights.reduce((total, weight) => total + BigInt(weight), 0n);
	if (whole === 0n) throw new RangeError("Nobody bears any weight");

	// The products outgrow 2^53 long before the amounts themselves do.
	const parts = weights.map((weight, index) => {
		const product = BigInt(amount) * BigInt(weight);
		return { index, share: Number(product / whole), remainder: product % whole };
	});
	const shares = parts.map(({ share }) => share);
	const largestFirst = parts.toSorted((a, b) =>
		a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1
	);
	for (const { index, share } of largestFirst.slice(0, amount - sumAmounts(shares)))
		shares[index] = share + 1;
	return shares;
}

/** A percentage of an amount, rounded half up to a whole minor unit. */
export const calculatePercent = (amount: number, percent: number): number =>
	Math.floor((amount * percent + 50) / 100);

/** The amount as a person reads it: `¥12.50` for 1250 fen. */
export function format(amount: number, currency = "CNY", locale = "zh-CN"): string {
	const style = new Intl.NumberFormat(locale, { style: "currency", currency });
	const digits = style.resolvedOptions().maximumFractionDigits ?? 2;
	return style.format(amount / 10 ** digits);
}

/** What the shop sells in. */
export const CURRENCY = "CNY";
