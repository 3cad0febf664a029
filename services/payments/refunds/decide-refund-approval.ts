import { invalidState, isDefiniteRefusal, Refusal } from "../../../schemas/errors/errors";
import type { Ctx } from "../../../schemas/kit/service";
import type { PaymentsContext } from "../payments.context";
import { assertStepUpForRefund, sendStaffRefund } from "./staff-refund";
import type { RefundApproval } from "./refund-approval.domain";

/** Agrees to a refund that another person requested, and makes it. Refuses with SECOND_PERSON_REQUIRED to the one who requested it. */
export async function approveRefund(
	context: PaymentsContext,
	ctx: Ctx<unknown>,
	id: string
): Promise<RefundApproval> {
	const { paymentId, amount } = await context.approvals.get(id);
	assertStepUpForRefund(context, ctx, await context.payments.get(paymentId), amount);
	return executeApproval(context, ctx, await decide(context, ctx, id, "approved", null));
}

export const rejectRefund = (
	context: PaymentsContext,
	ctx: Ctx<unknown>,
	id: string,
	reason: string
): Promise<RefundApproval> => decide(context, ctx, id, "rejected", reason);

function decide(
	{ approvals }: PaymentsContext,
	{ meta }: Ctx<unknown>,
	id: string,
	status: "approved" | "rejected",
	note: string | null
): Promise<RefundApproval> {
	const decidedBy = meta.user?.id ?? "operator";
	// Whoever requested a refund may withdraw it.
	const guard = {
		status: "waiting" as const,
		...(status === "approved" && { requestedBy: { $ne: decidedBy } })
	};
	const update = { $set: { status, note, decidedBy, decidedAt: new Date() } };
	return approvals.mustChange(id, guard, update, [], approval =>
		approval.status === "waiting"
			? new Refusal("SECOND_PERSON_REQUIRED", "Whoever requested a refund can't approve it")
			: invalidState("The refund is decided", { id, state: approval.status, allowed: [] })
	);
}

/**
 * Makes an approved refund. Its number follows from the approval, so repeating it after a crash refunds nothing more. A
 * refusal, such as REFUND_EXCEEDS_PAID, ends the approval as `failed`.
 */
export async function executeApproval(
	context: PaymentsContext,
	ctx: Pick<Ctx<unknown>, "call">,
	{ _id, paymentId, request }: RefundApproval
): Promise<RefundApproval> {
	const end = (status: "done" | "failed", note: string | null) =>
		context.approvals.change({ _id, status: "approved" }, { $set: { status, note } });
	try {
		await sendStaffRefund(context, ctx, await context.payments.get(paymentId), _id, request);
	} catch (err) {
		if (isDefiniteRefusal(err)) await end("failed", err.type);
		throw err;
	}
	await end("done", null);
	return context.approvals.get(_id);
}
