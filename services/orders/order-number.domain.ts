const RANDOM_DIGITS = 9;
/** Exclusive upper bound of an order number's random part. */
export const RANDOM_BELOW = 10 ** RANDOM_DIGITS;

/**
 * Makes an order's number for people, of 22 digits: `YYMMDDhhmmss` (UTC), nine random digits, a Luhn check digit. Numbers
 * sort by time, can't be guessed from each other, and a typing error in one digit shows.
 */
export function makeOrderNumber(at: Date, random: number): string {
	const second = at.toISOString().replace(/\D/g, "").slice(2, 14);
	const digits = second + String(random).padStart(RANDOM_DIGITS, "0");
	return digits + makeCheckDigit(digits);
}

/** True for 22 digits with the right check digit. */
export const isOrderNumber = (text: string): boolean =>
	/^\d{22}$/.test(text) && makeCheckDigit(text.slice(0, -1)) === text.at(-1);

/** Check digit of the Luhn algorithm (ISO/IEC 7812-1), which doubles every second digit, from the last one backwards. */
function makeCheckDigit(digits: string): string {
	const sum = Array.from(digits)
		.reverse()
		.reduce((total, digit, n) => {
			const value = Number(digit) * (n % 2 === 0 ? 2 : 1);
			return total + (value > 9 ? value - 9 : value);
		}, 0);
	return String((10 - (sum % 10)) % 10);
}
