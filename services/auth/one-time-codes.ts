import { randomInt, randomUUID } from "node:crypto";
import type { SmsPurpose } from "../../schemas/values/sms-kinds";
import { isRefusal, Refusal } from "../../schemas/errors/errors";
import type { AuthContext } from "./auth.context";
import { codeMac } from "./derived-keys";
import { applyAttempt, releaseCode, CODE_SECONDS, newCode, type OneTimeCode } from "./one-time-code.domain";

type Codes = Pick<AuthContext, "kv">;
const codeKey = (phone: string, purpose: SmsPurpose) => `code:${purpose}:${phone}`;
/** Covers phone and purpose, so that a code for one purpose is wrong for every other. */
const toSignedText = (phone: string, purpose: SmsPurpose, code: string) => `${purpose}:${phone}:${code}`;

/** Makes and stores a code of six digits. It replaces the phone's former code for the purpose. */
export async function issueCode({ kv }: Codes, phone: string, purpose: SmsPurpose): Promise<string> {
	const digits = String(randomInt(1_000_000)).padStart(6, "0");
	const code = newCode(codeMac.sign(toSignedText(phone, purpose, digits)), Date.now());
	await kv.update<OneTimeCode>(codeKey(phone, purpose), () => code, CODE_SECONDS * 1000);
	return digits;
}

/**
 * Uses a code up and resolves to the id of the attempt. Refuses with SMS_CODE_INVALID. Of concurrent callers with the right
 * code one passes.
 */
export async function consumeCode(
	{ kv }: Codes,
	phone: string,
	purpose: SmsPurpose,
	digits: string
): Promise<string> {
	const attemptId = randomUUID();
	const macs = codeMac.signAll(toSignedText(phone, purpose, digits));
	const now = Date.now();
	const code = await kv.update<OneTimeCode>(
		codeKey(phone, purpose),
		before => applyAttempt(before, macs, attemptId, now),
		CODE_SECONDS * 1000
	);
	if (code?.usedBy !== attemptId)
		throw new Refusal("SMS_CODE_INVALID", "Not the code that was sent, or too late");
	return attemptId;
}

/** Runs `verify`, a check of a second factor, with the code used up; a code whose check failed can be sent once more. */
export async function withCode<R>(
	context: Codes,
	{
		phone,
		purpose,
		digits
	}: { readonly phone: string; readonly purpose: SmsPurpose; readonly digits: string },
	verify: () => Promise<R>
): Promise<R> {
	const attemptId = await consumeCode(context, phone, purpose, digits);
	try {
		return await verify();
	} catch (err) {
		const outcome = isRefusal(err, "TOTP_REQUIRED") ? "missing" : "wrong";
		await context.kv.update<OneTimeCode>(
			codeKey(phone, purpose),
			code => releaseCode(code, attemptId, outcome),
			CODE_SECONDS * 1000
		);
		throw err;
	}
}
