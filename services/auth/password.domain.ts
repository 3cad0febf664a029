import type * as LanguageModule from "@zxcvbn-ts/language-common";
import { invalid, invalidFields } from "../../schemas/errors/errors";

/** Passwords that attackers try first in China, in lower case; many are not in the dictionary of leaks. */
const COMMON_PASSWORDS = new Set(
	`12345678 123456789 1234567890 0123456789 87654321 987654321 9876543210 11223344 112233445566 12341234 123123123
	123321123 12344321 147258369 147852369 159357456 789456123 123456123456 1234567a a12345678 a123456789 12345678a
	123456789a 1234qwer qwer1234 qwer123456 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc qazwsxedc zaq12wsx qwertyui
	qwertyuiop qwerty123 qwerty12 asdfghjk asdfghjkl asdf1234 zxcvbnm123 abc12345 abc123456 abcd1234 abcdefgh aa123456
	aa12345678 password password1 password12 password123 passw0rd p@ssw0rd iloveyou iloveyou1 sunshine princess
	football baseball superman batman123 trustno1 letmein1 welcome1 welcome123 admin123 admin1234 administrator
	changeme changeme1 internet computer whatever starwars michelle jennifer woaini123 woaini1314 woaini520 5201314520
	13145200 52013140 woshishui wodemima mima1234 zhangsan zhang123 wang1234 taobao123 zjmall123 zjmall1234`.split(
		/\s+/
	)
);

const MIN_CODE_POINTS = 8;
/** Of the passwords of staff, who may do more than buy for themselves (NIST SP 800-63B, for a single factor). */
const MIN_STAFF_CODE_POINTS = 15;
const MAX_CODE_POINTS = 128;
const SHOP_NAME = "zjmall";
/** Characters that a password must have beside those of the phone, the nickname and the shop's name. */
const MIN_OWN_CODE_POINTS = 4;

let dictionary: ReadonlySet<string> | undefined;
/** The 49,000 passwords that leaks have most often. Read at the first use. */
function isCommon(password: string): boolean {
	const { dictionary: all } = require("@zxcvbn-ts/language-common") as typeof LanguageModule;
	dictionary ??= new Set(all["passwords-common"]);
	return dictionary.has(password);
}

export type PasswordOwner = {
	readonly phone: string;
	readonly nickname?: string | undefined;
	readonly isStaff?: boolean;
};

/**
 * Refuses a new password that is too short or too long once it is normalised (NFKC, in code points), among the most common
 * ones, one character repeated, or made of the phone, the nickname or the shop's name. As NIST SP 800-63B advises, there are
 * no rules about kinds of characters.
 */
export function assertAcceptablePassword(
	password: string,
	{ phone, nickname = "", isStaff = false }: PasswordOwner,
	field: string
): void {
	const normalized = password.normalize("NFKC").toLowerCase();
	const length = countCodePoints(password.normalize("NFKC"));
	if (length < MIN_CODE_POINTS)
		throw invalidFields([{ field, type: "stringMin", expected: MIN_CODE_POINTS }]);
	if (length > MAX_CODE_POINTS)
		throw invalidFields([{ field, type: "stringMax", expected: MAX_CODE_POINTS }]);
	if (COMMON_PASSWORDS.has(normalized) || isCommon(normalized) || /^(.)\1*$/u.test(normalized))
		throw invalid(field, "passwordCommon");
	if (isStaff && length < MIN_STAFF_CODE_POINTS)
		throw invalidFields([{ field, type: "stringMin", expected: MIN_STAFF_CODE_POINTS }]);
	if (normalized.includes(phone)) throw invalid(field, "passwordHasPhone");
	const words = [phone.slice(-8), SHOP_NAME, nickname.normalize("NFKC").toLowerCase()];
	const own = words
		.filter(word => word.length > 1)
		.reduce((rest, word) => rest.replaceAll(word, ""), normalized);
	if (own !== normalized && countCodePoints(own) < MIN_OWN_CODE_POINTS)
		throw invalid(field, "passwordPersonal");
}

const countCodePoints = (text: string): number => Array.from(text).length;
