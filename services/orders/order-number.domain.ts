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

/**
 * The time range, `from` ≤ time < `to`, in which orders have numbers that begin with these digits, as the digits of the second
 * can tell; null where no time has such digits.
 */
export function getTimesOfNumbers(beginning: string): { readonly from: Date; readonly to: Date } | null {
	const first = beginning.slice(0, SECOND_DIGITS).padEnd(SECOND_DIGITS, "0");
	const last = beginning.slice(0, SECOND_DIGITS).padEnd(SECOND_DIGITS, "9");
	const part = (digits: string, n: number) => Number(digits.slice(2 * n, 2 * n + 2));
	const from: number[] = [];
	const to: number[] = [];
	for (const [n, [lowest, highest]] of RANGES.entries()) {
		const low = Math.max(part(first, n), lowest);
		const high = Math.min(part(last, n), n === 2 ? daysOf(to) : highest);
		if (low > high) return null;
		from.push(low);
		to.push(high);
	}
	const timeOf = ([year = 0, month = 1, ...rest]: number[]) =>
		Date.UTC(2000 + year, month - 1, ...(rest as [number, number, number, number]));
	return { from: new Date(timeOf(from)), to: new Date(timeOf(to) + 1000) };
}

/** Digits of a number that tell its second. */
const SECOND_DIGITS = 12;
/** The lowest and highest year of the century, month, day, hour, minute and second. */
const RANGES = [
	[0, 99],
	[1, 12],
	[1, 31],
	[0, 23],
	[0, 59],
	[0, 59]
] as const;
const daysOf = ([year = 0, month = 1]: readonly number[]) =>
	new Date(Date.UTC(2000 + year, month, 0)).getUTCDate();

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
