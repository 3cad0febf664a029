import type { SessionView } from "../../schemas/auth.contract";
import type { Ctx } from "../../schemas/kit/service";
import type { AuthContext } from "./auth.context";
import { requireActiveAccount, requireMobile, verifyCredentials } from "./credentials";
import { withLoginThrottles } from "./login-throttle";
import { withCode } from "./one-time-codes";
import { verifySecondFactor } from "./second-factor";
import { assertActive } from "./session.domain";
import { startSession } from "./sessions";

type PasswordLogin = {
	readonly phone: string;
	readonly password: string;
	readonly smsCode?: string | undefined;
	readonly deviceToken?: string | undefined;
	readonly totpCode?: string | undefined;
};
type SmsLogin = {
	readonly phone: string;
	readonly smsCode: string;
	readonly totpCode?: string | undefined;
};

/** Starts a session by password. A code by SMS, where it is given, takes the place of the throttles. */
export async function logIn(
	context: AuthContext,
	ctx: Ctx<unknown>,
	params: PasswordLogin
): Promise<SessionView> {
	const { password, smsCode, totpCode } = params;
	const phone = requireMobile(params.phone);
	const verify = () => verifyCredentials(ctx, phone, password);
	const verifyBoth = async (check: () => ReturnType<typeof verify>) => {
		const account = await check();
		assertActive(account);
		await verifySecondFactor(context, account.id, totpCode);
		return account;
	};
	const account = await (smsCode === undefined
		? verifyBoth(() => withLoginThrottles(context, ctx, { ...params, phone }, verify))
		: withCode(context, { phone, purpose: "login", digits: smsCode }, () => verifyBoth(verify)));
	return startSession(context, ctx, account);
}

/** Starts a session by a code sent to the phone. */
export async function logInBySms(
	context: AuthContext,
	ctx: Ctx<unknown>,
	params: SmsLogin
): Promise<SessionView> {
	const { smsCode, totpCode } = params;
	const phone = requireMobile(params.phone);
	const account = await withCode(context, { phone, purpose: "login", digits: smsCode }, async () => {
		const found = await requireActiveAccount(ctx, phone);
		await verifySecondFactor(context, found.id, totpCode);
		return found;
	});
	return startSession(context, ctx, account);
}
