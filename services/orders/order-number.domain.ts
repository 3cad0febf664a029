const RANDOM_DIGITS = 9;
/** Exclusive upper bound of the random part. */
export const RANDOM_BELOW = 10 ** RANDOM_DIGITS;

/**
 * An order's number for people: second (UTC), nine random digits, check digit. It sorts by time, can't be guessed from
 * another, and a slip in one digit shows.
 */
export function makeOrderNumber(at: Date, random: number): string {
	const second = at.toISOString().replace(/\D/g, "").slice(2, 14);
	const digits = second + String(random).padStart(RANDOM_DIGITS, "0");
	return digits + checkDigit(digits);
}

export const isOrderNumber = (text: string): boolean =>
	/^\d{22}$/.test(text) && checkDigit(text.slice(0, -1)) === text.at(-1);

/** Luhn. */
function checkDigit(digits: string): string {
	const sum = Array.from(digits)
		.reverse()
		.reduce((total, digit, n) => {
			const value = Number(digit) * (n % 2 === 0 ? 2 : 1);
			return total + (value > 9 ? value - 9 : value);
		}, 0);
	return String((10 - (sum % 10)) % 10);
}
