import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { AuthContext } from "./auth.context";
import { requireMobile, requireSignedIn } from "./credentials";
import { consumeCode } from "./one-time-codes";
import { keepSession } from "./sessions";
import { PHONE_CHANGED_TEXT, sendSms } from "./sms/send-sms";

/** Moves the caller's account to another phone, which a code has proved; ends the other sessions. */
export async function changePhone(
	context: AuthContext,
	ctx: Ctx<unknown>,
	params: { readonly phone: string; readonly smsCode: string }
) {
	const phone = requireMobile(params.phone);
	const { id, epoch, phone: oldPhone, sessionId } = await requireSignedIn(ctx);
	await consumeCode(context, phone, "bind", params.smsCode);
	await keepSession(context, sessionId, await call(ctx, "users.setPhone", { id, phone, epoch }));
	await notifyPhoneChanged(context, ctx, oldPhone);
	return call(ctx, "users.profile", { id });
}

/** Tells the holder of a phone about a change of the account. A message that can't be sent does not undo the change. */
async function notifyPhoneChanged(context: AuthContext, ctx: Ctx<unknown>, phone: string): Promise<void> {
	await sendSms(context, ctx, { phone, kind: "phone_changed", text: PHONE_CHANGED_TEXT, code: null }).catch(
		(err: unknown) => context.logger.warn({ err }, "A notice was not sent")
	);
}
