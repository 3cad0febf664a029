import { Secret, TOTP } from "otpauth";
import {
	addUsedPeriod,
	buildOtpauthUrl,
	encodeSecret,
	findPeriod,
	formatRecoveryCodes,
	isTotpCode,
	normalizeCode,
	RECOVERY_BYTES
} from "./totp.domain";

/** The secret of the test vectors of RFC 6238, appendix B. */
const SECRET = encodeSecret(Buffer.from("12345678901234567890"));
const at = (seconds: number) => new Date(seconds * 1000);
const unused = { usedPeriods: [] };

// The vectors have eight digits; a code of six has the last six of them.
it.each([
	[59, "287082"],
	[1_111_111_109, "081804"],
	[1_234_567_890, "005924"],
	[2_000_000_000, "279037"]
])("accepts the code of RFC 6238 at %s s", (seconds, code) => {
	expect(findPeriod(unused, SECRET, code, at(seconds))).toBe(Math.floor(seconds / 30));
});

it("accepts the codes of the periods beside the present one, and no others", () => {
	const codeIn = (period: number) =>
		new TOTP({ secret: Secret.fromBase32(SECRET) }).generate({ timestamp: period * 30_000 });

	const periods = [98, 99, 100, 101, 102].map(p => findPeriod(unused, SECRET, codeIn(p), at(3005)));

	expect(periods).toEqual([null, 99, 100, 101, null]);
});

it("accepts the code of a period once", () => {
	const usedPeriods = addUsedPeriod([], 1);

	expect(findPeriod({ usedPeriods }, SECRET, "287082", at(59))).toBeNull();
});

it("remembers used periods as long as their codes would be accepted", () => {
	expect(addUsedPeriod([90, 97, 98, 99], 100)).toEqual([98, 99, 100]);
	expect(addUsedPeriod([101], 99)).toEqual([101, 99]);
});

it.each(["", "28708", "2870820", "abcdef"])("refuses what is no code: %j", code => {
	expect(findPeriod(unused, SECRET, code, at(59))).toBeNull();
	expect(isTotpCode(code)).toBe(false);
});

it("makes an address that apps understand", () => {
	expect(buildOtpauthUrl(SECRET, "138****0000")).toBe(
		`otpauth://totp/zjMall:138****0000?issuer=zjMall&secret=${SECRET}&algorithm=SHA1&digits=6&period=30`
	);
});

it("makes ten recovery codes that differ, and reads them however they are typed", () => {
	const codes = formatRecoveryCodes(Buffer.from(Array.from({ length: RECOVERY_BYTES }, (_, n) => n)));

	expect(new Set(codes).size).toBe(10);
	for (const code of codes) expect(code).toMatch(/^([a-z2-7]{4}-){3}[a-z2-7]{4}$/);
	expect(normalizeCode(` ${codes[0]?.toUpperCase().replaceAll("-", " ")}`)).toBe(
		codes[0]?.replaceAll("-", "")
	);
	expect(codes.map(normalizeCode).some(isTotpCode)).toBe(false);
});
