import { setTimeout as pause } from "node:timers/promises";
import type { ActionsOf, AnswerOf, PayloadOf } from "../../schemas/kit/contract";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { sandbox } from "../../schemas/sandbox.contract";
import type { NotificationReply, SandboxContext } from "./sandbox.context";

type PayAction = ActionsOf<typeof sandbox>["sandbox.pay"];

/** Pays as a shopper at the emulated cashier, then sends the channel's notifications: none, one, two, or a forged one. */
export async function payAtCashier(
	{ emulators, post }: SandboxContext,
	ctx: Ctx<unknown>,
	{ paymentNo, outcome, notify, delayMs = 0 }: PayloadOf<PayAction>
): Promise<AnswerOf<PayAction>> {
	const payment = await call(ctx, "payments.byNumber", { paymentNo });
	const emulator = emulators()[payment.channel];
	const paid = await emulator.pay(paymentNo, outcome, payment.action);
	const returnUrl = await emulator.buildReturnUrl(paymentNo);
	if (!("notification" in paid) || notify === "never")
		return { paymentNo, outcome: paid.outcome, notifications: [], returnUrl };
	const forged =
		notify === "forged" ? await emulator.paymentNotification(paymentNo, { forged: true }) : undefined;
	const notification = forged ?? paid.notification;
	const sendAll = async () => {
		const replies: NotificationReply[] = [];
		for (let sent = 0; sent < (notify === "twice" ? 2 : 1); sent++)
			replies.push(await post(notification));
		return replies;
	};
	if (delayMs === 0) return { paymentNo, outcome: paid.outcome, notifications: await sendAll(), returnUrl };
	void pause(delayMs, undefined, { ref: false }).then(sendAll);
	return { paymentNo, outcome: paid.outcome, notifications: [], returnUrl };
}
