import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { withoutInvisible } from "./text";

const DIGITS = /^\+?\d{6,19}$/;
/** By shape and not by the library's table: new segments open faster than tables follow. */
const MOBILE = /^1[3-9]\d{9}$/;

/** The number's digits in half width, with a plus before the country if there was one: separators say nothing. */
export const phoneDigits = (written: string): string =>
	withoutInvisible(written.normalize("NFKC")).replace(/[\p{Pd}\u2212.·()]/gu, "");

function parsePhone(written: string) {
	const digits = phoneDigits(written);
	return DIGITS.test(digits) ? parsePhoneNumberFromString(digits, "CN") : undefined;
}

/** A mainland mobile number, however it is written, as its 11 digits; null when it is none. */
export function parseMobile(written: string): string | null {
	const phone = parsePhone(written);
	return phone?.countryCallingCode === "86" && MOBILE.test(phone.nationalNumber)
		? phone.nationalNumber
		: null;
}

/** The digits with which a mainland mobile number may begin, however they are written; null when it can't. */
export function parseMobileBeginning(written: string): string | null {
	const digits = phoneDigits(written).replace(/^(\+|00)?86/, "");
	return /^1\d{0,10}$/.test(digits) ? digits : null;
}

/** Any number a courier can ring: a mobile as 11 digits, a mainland landline in national, others in international form. */
export function parseReachablePhone(written: string): string | null {
	const mobile = parseMobile(written);
	if (mobile) return mobile;
	const phone = parsePhone(written);
	if (!phone?.isValid()) return null;
	return phone.country === "CN" ? phone.formatNational().replaceAll(" ", "-") : phone.number;
}

/** What may be shown of an account's phone: `138****0000`. */
export const maskPhone = (mobile: string): string => `${mobile.slice(0, 3)}****${mobile.slice(-4)}`;
