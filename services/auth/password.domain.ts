import { invalid } from "../../schemas/errors/errors";

/** The passwords of eight characters or more that attackers try first, in lower case. */
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

/**
 * Refuses a new password that is among the most common ones or contains the phone number; the contract checks its length. As
 * NIST SP 800-63B advises, there are no rules about kinds of characters.
 */
export function assertAcceptablePassword(password: string, phone: string, field: string): void {
	const normalized = password.normalize("NFKC").toLowerCase();
	if (COMMON_PASSWORDS.has(normalized) || /^(.)\1*$/u.test(normalized))
		throw invalid(field, "passwordCommon");
	if (normalized.includes(phone)) throw invalid(field, "passwordHasPhone");
}
