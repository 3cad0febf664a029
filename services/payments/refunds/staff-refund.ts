import { createHash } from "node:crypto";
import { invalid, invalidState, Refusal } from "../../../schemas/errors/errors";
import type { ActionsOf, PayloadOf } from "../../../schemas/kit/contract";
import type { Ctx } from "../../../schemas/kit/service";
import type { payments } from "../../../schemas/payments.contract";
import { call } from "../../../schemas/registry";
import { isAboveThreshold } from "../../../schemas/values/money";
import { assertSteppedUp } from "../../../schemas/values/step-up";
import { buildRefundNo, refundableAmount, type Payment } from "../payment.domain";
import type { PaymentsContext } from "../payments.context";
import type { RefundApproval, StaffRefundRequest } from "./refund-approval.domain";
import { refundPayment } from "./refund-payment";
import { refundUnits } from "./refund-units";

type StaffRefund = PayloadOf<ActionsOf<typeof payments>["payments.refund"]>;

/**
 * Refunds a bare amount, or the units and shipping fee of an order. The staff's idempotency key makes a repetition harmless.
 * A refund above `security.twoPersonRefundAbove` is not made: it waits for a second person, and the approval is the answer.
 */
export async function refundForStaff(
	context: PaymentsContext,
	ctx: Ctx<unknown>,
	{ id, key, amount, items = [], shipping = false, reason }: StaffRefund
): Promise<RefundApproval | null> {
	const byLine = items.length > 0 || shipping;
	if ((amount !== undefined) === byLine) throw invalid("amount", "amountOrItems");
	refuseRepeatedItems(items);
	const payment = await context.payments.get(id);
	const { status } = payment;
	if (status !== "succeeded" && status !== "refunded")
		throw invalidState("Only what was paid can be refunded", { id, state: status, allowed: [] });
	const staffId = ctx.meta.user?.id ?? "operator";
	const purpose = createHash("sha256").update(`${staffId}:${key}`).digest("hex").slice(0, 24);
	const request = { bareAmount: amount ?? null, items, shipping, reason };
	const approval = await requestApprovalIfNeeded(context, ctx, payment, { purpose, request });
	if (!approval) await sendStaffRefund(context, ctx, payment, purpose, request);
	return approval;
}

/**
 * Checks a refund against the thresholds. Refuses with STEP_UP_REQUIRED; resolves to the approval that the refund waits for,
 * or to null where its requester may make it alone.
 */
async function requestApprovalIfNeeded(
	context: PaymentsContext,
	ctx: Ctx<unknown>,
	payment: Payment,
	{ purpose, request }: { readonly purpose: string; readonly request: StaffRefundRequest }
): Promise<RefundApproval | null> {
	const { user } = ctx.meta;
	const twoPersonsAbove = context.config.get("security.twoPersonRefundAbove");
	const stepUpAbove = context.config.get("security.stepUpRefundAbove");
	// No refund of a payment is above its amount.
	const canBeAbove = [twoPersonsAbove, stepUpAbove].some(threshold =>
		isAboveThreshold(payment.paidAmount ?? 0, threshold)
	);
	if (!user || !canBeAbove || (await isRefundStored(context, payment, purpose))) return null;
	const amount = await computeAmount(ctx, payment, request);
	assertStepUpForRefund(context, ctx, payment, amount);
	if (!isAboveThreshold(sumWithEarlierRefunds(payment, amount), twoPersonsAbove)) return null;
	return storeApproval(context, payment, purpose, { amount, request, requestedBy: user.id });
}

/** Makes the refund, or goes on with it where an earlier call stopped. */
export async function sendStaffRefund(
	context: PaymentsContext,
	ctx: Pick<Ctx<unknown>, "call">,
	payment: Payment,
	purpose: string,
	{ bareAmount, items, shipping, reason }: StaffRefundRequest
): Promise<void> {
	if (bareAmount !== null) {
		const refundNo = buildRefundNo(payment, purpose);
		await refundPayment(context, payment, { refundNo, amount: bareAmount, reason });
		return;
	}
	const { _id: paymentId, orderId } = payment;
	const refund = await call(ctx, "orders.claimForStaff", {
		claimId: purpose,
		orderId,
		paymentId,
		refundable: refundableAmount(payment),
		reason,
		items,
		shipping
	});
	await refundUnits(context, { ...refund, paymentId, claimId: purpose, reason });
}

/** Refuses with STEP_UP_REQUIRED a refund above `security.stepUpRefundAbove` by a session without a recent proof of identity. */
export function assertStepUpForRefund(
	{ config }: Pick<PaymentsContext, "config">,
	{ meta }: Ctx<unknown>,
	payment: Payment,
	amount: number
): void {
	const sum = sumWithEarlierRefunds(payment, amount);
	if (meta.user && isAboveThreshold(sum, config.get("security.stepUpRefundAbove")))
		assertSteppedUp(meta.user, new Date());
}

/** What the thresholds apply to: earlier refunds of the payment count, so that a large refund can't be split into small ones. */
const sumWithEarlierRefunds = ({ refundReserved }: Payment, amount: number): number =>
	refundReserved + amount;

const isRefundStored = async ({ refunds }: PaymentsContext, payment: Payment, purpose: string) =>
	(await refunds.findOne({ _id: buildRefundNo(payment, purpose) })) !== null;

async function computeAmount(
	ctx: Ctx<unknown>,
	{ _id: paymentId, orderId }: Payment,
	{ bareAmount, items, shipping }: StaffRefundRequest
): Promise<number> {
	if (bareAmount !== null) return bareAmount;
	return (await call(ctx, "orders.priceForStaff", { orderId, paymentId, items, shipping })).amount;
}

/** Stores the refund for a second person's decision, once for each purpose. */
async function storeApproval(
	{ approvals }: PaymentsContext,
	{ _id: paymentId, orderId, paidAmount, refundReserved }: Payment,
	purpose: string,
	asked: Pick<RefundApproval, "amount" | "request" | "requestedBy">
): Promise<RefundApproval> {
	const refundable = Math.max(0, (paidAmount ?? 0) - refundReserved);
	if (asked.amount > refundable)
		throw new Refusal("REFUND_EXCEEDS_PAID", "More than is left of what was paid", {
			requested: asked.amount,
			refundable
		});
	const approval: RefundApproval = {
		_id: purpose,
		paymentId,
		orderId,
		...asked,
		status: "waiting",
		requestedAt: new Date(),
		decidedBy: null,
		decidedAt: null,
		note: null
	};
	return approvals.insertOnce(approval, { _id: purpose });
}

function refuseRepeatedItems(items: readonly { readonly skuId: string }[]): void {
	const again = items.findIndex(({ skuId }, index) =>
		items.slice(0, index).some(one => one.skuId === skuId)
	);
	if (again >= 0) throw invalid(`items[${again}].skuId`, "repeated");
}
