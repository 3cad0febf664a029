import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { withoutInvisible } from "./text";

const DIGITS = /^\+?\d{6,19}$/;
/** Checked by shape, not by the library's table of segments, which lags behind new segments. */
const MOBILE = /^1[3-9]\d{9}$/;

/** The digits of a number in half width, without separators, with the plus of a country code. */
export const extractPhoneDigits = (written: string): string =>
	withoutInvisible(written.normalize("NFKC")).replace(/[\p{Pd}\u2212.·()]/gu, "");

function parsePhone(written: string) {
	const digits = extractPhoneDigits(written);
	return DIGITS.test(digits) ? parsePhoneNumberFromString(digits, "CN") : undefined;
}

/** The 11 digits of a mobile number of mainland China in any notation; null for any other text. */
export function parseMobile(written: string): string | null {
	const phone = parsePhone(written);
	return phone?.countryCallingCode === "86" && MOBILE.test(phone.nationalNumber)
		? phone.nationalNumber
		: null;
}

/** The digits of a text that can be the beginning of a mainland mobile number, in any notation; null otherwise. */
export function parseMobileBeginning(written: string): string | null {
	const digits = extractPhoneDigits(written).replace(/^(\+|00)?86/, "");
	return /^1\d{0,10}$/.test(digits) ? digits : null;
}

/**
 * A number that a courier can call, in one form: a mobile number as 11 digits, a mainland landline in national form, any
 * other in international form. Null for any other text.
 */
export function parseReachablePhone(written: string): string | null {
	const mobile = parseMobile(written);
	if (mobile) return mobile;
	const phone = parsePhone(written);
	if (!phone?.isValid()) return null;
	return phone.country === "CN" ? phone.formatNational().replaceAll(" ", "-") : phone.number;
}

/** Hides the middle of a mobile number: `138****0000`. */
export const maskPhone = (mobile: string): string => `${mobile.slice(0, 3)}****${mobile.slice(-4)}`;
