import { createHash, randomBytes } from "node:crypto";
import { ACCEPTED_SECRETS, CURRENT_SECRET } from "../../mixins/platform";
import { invalidState, Refusal } from "../../schemas/errors/errors";
import type { AuthContext } from "./auth.context";
import { openText, sealText } from "./derived-keys";
import { withLockout } from "./lockout";
import * as totp from "./totp.domain";

type SecondFactors = Pick<AuthContext, "enrolments" | "kv" | "config">;
type Enrolments = Pick<AuthContext, "enrolments">;

const hashRecoveryCode = (code: string) =>
	createHash("sha256").update(totp.normalizeCode(code)).digest("base64url");
const alreadySetUp = () =>
	invalidState("A second factor is set up already", { state: "on", allowed: ["off"] });
const wrongCode = () => new Refusal("BAD_CREDENTIALS", "Not a code of the authenticator app, or used before");

/** Makes a secret for an authenticator app. It counts only once it is confirmed; a former unconfirmed one is replaced. */
export async function beginEnrolment(
	{ enrolments }: Enrolments,
	userId: string,
	label: string
): Promise<{ secret: string; otpauthUrl: string }> {
	const secret = totp.encodeSecret(randomBytes(20));
	const enrolment = {
		_id: userId,
		...sealText(secret, userId),
		confirmedAt: null,
		usedPeriods: [],
		recoveryHashes: [],
		createdAt: new Date()
	};
	const { _id, ...fields } = enrolment;
	const stored =
		(await enrolments.tryInsert(enrolment)) ??
		(await enrolments.change({ _id, confirmedAt: null }, { $set: fields }));
	if (!stored) throw alreadySetUp();
	return { secret, otpauthUrl: totp.buildOtpauthUrl(secret, label) };
}

/** Turns the second factor on by a code of the app, which is used by that. Resolves to the recovery codes. */
export async function confirmEnrolment(
	context: SecondFactors,
	userId: string,
	code: string
): Promise<string[]> {
	const recoveryCodes = totp.formatRecoveryCodes(randomBytes(totp.RECOVERY_BYTES));
	const recoveryHashes = recoveryCodes.map(hashRecoveryCode);
	await withLockout(context, lockoutSubject(userId), () =>
		context.enrolments.rewrite(userId, ({ _id, ...enrolment }) => {
			if (enrolment.confirmedAt) throw alreadySetUp();
			const secret = openText(enrolment, _id);
			const period = totp.findPeriod(enrolment, secret, totp.normalizeCode(code), new Date());
			if (period === null) throw wrongCode();
			return {
				guard: { confirmedAt: null, sealedSecret: enrolment.sealedSecret },
				update: { $set: { confirmedAt: new Date(), usedPeriods: [period], recoveryHashes } }
			};
		})
	);
	return recoveryCodes;
}

export async function removeEnrolment({ enrolments }: Enrolments, userId: string): Promise<void> {
	await enrolments.remove({ _id: userId });
}

export const findEnrolment = async ({ enrolments }: Enrolments, userId: string) => {
	const enrolment = await enrolments.findOne({ _id: userId });
	return enrolment?.confirmedAt ? enrolment : null;
};

/**
 * Uses a code of the user's second factor up. Does nothing for a user without one. Refuses with TOTP_REQUIRED without a code,
 * with BAD_CREDENTIALS for a wrong or used one, with TOO_MANY_REQUESTS after five wrong ones.
 */
export async function verifySecondFactor(
	context: SecondFactors,
	userId: string,
	code: string | undefined
): Promise<void> {
	const enrolment = await findEnrolment(context, userId);
	if (!enrolment) return;
	if (code === undefined) throw new Refusal("TOTP_REQUIRED", "A code of the authenticator app is needed");
	await useCode(context, userId, code);
}

/** Refuses with BAD_CREDENTIALS, also for a user without a second factor. */
export async function useCode(context: SecondFactors, userId: string, written: string): Promise<void> {
	const code = totp.normalizeCode(written);
	// Recovery codes can't be guessed, so they work while wrong codes have locked the app's codes.
	if (!totp.isTotpCode(code)) return useRecoveryCode(context, userId, code);
	await withLockout(context, lockoutSubject(userId), async () => {
		if (!(await findEnrolment(context, userId))) throw wrongCode();
		await context.enrolments.rewrite(userId, ({ _id, usedPeriods, ...sealed }) => {
			const period = totp.findPeriod({ usedPeriods }, openText(sealed, _id), code, new Date());
			if (period === null) throw wrongCode();
			return {
				guard: { usedPeriods },
				update: { $set: { usedPeriods: totp.addUsedPeriod(usedPeriods, period) } }
			};
		});
	});
}

async function useRecoveryCode({ enrolments }: Enrolments, userId: string, code: string): Promise<void> {
	const hash = hashRecoveryCode(code);
	const guard = { _id: userId, recoveryHashes: hash, confirmedAt: { $ne: null } };
	if (!(await enrolments.change(guard, { $pull: { recoveryHashes: hash } }))) throw wrongCode();
}

/** Encrypts second factors under the current secret that are still under the one before, so that it can be removed. */
export async function resealEnrolments({ enrolments }: Enrolments): Promise<void> {
	const former = ACCEPTED_SECRETS.filter(secret => secret !== CURRENT_SECRET).map(({ id }) => id);
	if (former.length === 0) return;
	const left = await enrolments.find({ sealedUnder: { $in: former } }, { limit: 500 });
	for (const enrolment of left) {
		const { _id, sealedSecret } = enrolment;
		await enrolments.change({ _id, sealedSecret }, { $set: sealText(openText(enrolment, _id), _id) });
	}
}

const lockoutSubject = (userId: string) => `totp:${userId}`;
