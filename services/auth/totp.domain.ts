import { Secret, TOTP } from "otpauth";

const ISSUER = "zjMall";
const PERIOD_SECONDS = 30;
/** Codes of this many periods before and after the present one are accepted: clocks of phones differ. */
const WINDOW = 1;
const RECOVERY_CODES = 10;

/** A user's second factor (RFC 6238) from `POST /me/totp` on. */
export type TotpEnrolment = {
	/** The user's id. */
	readonly _id: string;
	/** The secret in base32, encrypted for the store. */
	readonly sealedSecret: string;
	/** Id of the secret of the shop under which the TOTP secret is encrypted. */
	readonly sealedUnder: string;
	/** When the user proved to have the secret in an app; log-ins need a code from then on. Null until then. */
	readonly confirmedAt: Date | null;
	/** Periods whose code was used, the latest ones. */
	readonly usedPeriods: readonly number[];
	/** Hashes of the recovery codes that are left. */
	readonly recoveryHashes: readonly string[];
	readonly createdAt: Date;
};

const makeTotp = (secret: string, label = "") =>
	new TOTP({ issuer: ISSUER, label, secret: Secret.fromBase32(secret), period: PERIOD_SECONDS });

/** A secret of 160 bits, as RFC 4226 recommends, in base32. */
export const encodeSecret = (bytes: Uint8Array): string =>
	new Secret({ buffer: new Uint8Array(bytes).buffer }).base32;

/** The address that an authenticator app reads from a QR code. */
export const buildOtpauthUrl = (secret: string, label: string): string => makeTotp(secret, label).toString();

/** The period whose code this is; null for a wrong code, or one whose period was used. */
export function findPeriod(
	{ usedPeriods }: Pick<TotpEnrolment, "usedPeriods">,
	secret: string,
	code: string,
	now: Date
): number | null {
	const delta = makeTotp(secret).validate({ token: code, timestamp: now.getTime(), window: WINDOW });
	if (delta === null) return null;
	const period = Math.floor(now.getTime() / 1000 / PERIOD_SECONDS) + delta;
	return usedPeriods.includes(period) ? null : period;
}

/** The used periods with one more. Those whose code is no longer accepted are dropped. */
export const addUsedPeriod = (usedPeriods: readonly number[], period: number): number[] => [
	...usedPeriods.filter(used => used >= period - 2 * WINDOW),
	period
];

/** Codes like `abcd-efgh-ijkl-mnop` of 80 bits each, from `RECOVERY_BYTES` random bytes. */
export const RECOVERY_BYTES = RECOVERY_CODES * 10;
export function formatRecoveryCodes(random: Uint8Array): string[] {
	return Array.from({ length: RECOVERY_CODES }, (_, n) =>
		encodeSecret(random.slice(n * 10, n * 10 + 10))
			.toLowerCase()
			.replace(/(.{4})(?!$)/g, "$1-")
	);
}

/** A code as it is compared: in lower case, without blanks and hyphens. */
export const normalizeCode = (written: string): string => written.replace(/[\s-]/g, "").toLowerCase();
export const isTotpCode = (normalized: string): boolean => /^\d{6}$/.test(normalized);
