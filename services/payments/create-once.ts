import { hashContent, runKeyed } from "../../mixins/platform";
import type { ActionsOf, PayloadOf } from "../../schemas/kit/contract";
import type { Ctx } from "../../schemas/kit/service";
import type { PaymentView, payments } from "../../schemas/payments.contract";
import { createPayment, refuseOtherRequest } from "./create-payment";
import { toPaymentView, toViewAtCreation } from "./payment-view.domain";
import type { PaymentsContext } from "./payments.context";

/** Creates a payment once for the user's idempotency key; a repeated request gets the first answer again. */
export async function createOnce(
	context: PaymentsContext,
	ctx: Ctx<unknown>,
	request: PayloadOf<ActionsOf<typeof payments>["payments.create"]>
): Promise<PaymentView> {
	const { key, ...content } = request;
	const userId = ctx.meta.user?.id ?? "";
	return runKeyed(
		context.refusals,
		ctx,
		{ key: `${userId}:${key}`, fingerprint: hashContent(content) },
		{
			async find() {
				const known = await context.payments.findOne({ userId, key });
				if (known) refuseOtherRequest(known, request);
				// A payment that the channel has not prepared is continued: it had no answer yet.
				const isPrepared = known?.action || (known?.amount === 0 && known.paidAt);
				return known && isPrepared ? toViewAtCreation(known) : null;
			},
			// The channel's notification may have come before its answer: then the payment has succeeded already.
			run: async () => toPaymentView(await createPayment(context, ctx, request))
		}
	);
}
