/** The middle one of the sorted numbers, the larger of two; NaN of none. */
export const median = (numbers: readonly number[]): number =>
	numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
