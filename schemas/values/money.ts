// Money is an integer number of minor units (fen) everywhere in the shop; there are no fractions of one.

export const sumAmounts = (amounts: readonly number[]): number =>
	amounts.reduce((total, amount) => total + amount, 0);

/**
 * Splits an amount in proportion to the weights by the largest-remainder method. The shares sum to the amount exactly; of
 * equal remainders the first gets the unit. While the amount is at most the sum of the weights, no share exceeds its own
 * weight, so a discount split by the prices of lines makes no line negative.
 */
export function allocateAmount(amount: number, weights: readonly number[]): number[] {
	for (const value of [amount, ...weights])
		if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`Not an amount: ${value}`);
	if (amount === 0) return weights.map(() => 0);
	const whole = weights.reduce((total, weight) => total + BigInt(weight), 0n);
	if (whole === 0n) throw new RangeError("All weights are 0");

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
	// In two parts: the product of a large sum outgrows 2^53.
	Math.floor(amount / 100) * percent + Math.floor(((amount % 100) * percent + 50) / 100);

/** The shop's only currency. */
export const CURRENCY = "CNY";

/** Whether an amount is above a threshold that the shop has set (fen). 0 sets none: nothing is above it then. */
export const isAboveThreshold = (amount: number, threshold: number): boolean =>
	threshold > 0 && amount > threshold;
