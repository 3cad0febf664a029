import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { assertSteppedUp } from "../../schemas/values/step-up";
import type { AuthContext } from "./auth.context";
import {
	isStaff,
	requireActiveAccount,
	requireMobile,
	requireSignedIn,
	verifyOwnPassword
} from "./credentials";
import { hashPassword } from "./hash-password";
import { clearLockout } from "./lockout";
import { withCode } from "./one-time-codes";
import { assertAcceptablePassword } from "./password.domain";
import { keepSession } from "./sessions";

/** Sets a forgotten password anew for the holder of a phone; ends all sessions. */
export async function resetPassword(
	context: AuthContext,
	ctx: Ctx<unknown>,
	params: { readonly phone: string; readonly smsCode: string; readonly password: string }
): Promise<void> {
	const { smsCode, password } = params;
	const phone = requireMobile(params.phone);
	assertAcceptablePassword(password, { phone }, "password");
	// Only the phone's holder learns whether it is one of staff.
	const id = await withCode(context, { phone, purpose: "reset", digits: smsCode }, async () => {
		const account = await requireActiveAccount(ctx, phone);
		assertAcceptablePassword(password, { phone, isStaff: isStaff(account) }, "password");
		return account.id;
	});
	await call(ctx, "users.setPassword", { id, passwordHash: await hashPassword(password) });
	ctx.meta.provenId = id;
	await clearLockout(context, phone);
}

/** Changes the caller's password; ends the other sessions. Without the old one the session needs a recent step-up. */
export async function changePassword(
	context: AuthContext,
	ctx: Ctx<unknown>,
	{ oldPassword, newPassword }: { readonly oldPassword?: string | undefined; readonly newPassword: string }
): Promise<void> {
	const account = await requireSignedIn(ctx);
	const { id, epoch, phone, sessionId } = account;
	const { nickname } = await call(ctx, "users.profile", { id });
	assertAcceptablePassword(newPassword, { phone, nickname, isStaff: isStaff(account) }, "newPassword");
	if (oldPassword !== undefined) await verifyOwnPassword(context, ctx, account, oldPassword);
	else assertSteppedUp(ctx.meta.user, new Date());
	const passwordHash = await hashPassword(newPassword);
	await keepSession(context, sessionId, await call(ctx, "users.setPassword", { id, passwordHash, epoch }));
	await clearLockout(context, phone);
}
