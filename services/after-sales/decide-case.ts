import { invalid } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call, fact } from "../../schemas/registry";
import { assertSteppedUp } from "../../schemas/values/step-up";
import { isRefundDue, type AfterSale } from "./after-sale.domain";
import { identify, notInState, mustTransition } from "./after-sale.transitions";
import type { AfterSalesContext } from "./after-sales.context";
import { approveExchange } from "./exchange-goods";
import { REQUEST_REFUND_WITHIN_MS, requestRefund } from "./refund-case";

type Approval = { readonly by: string; readonly amount?: number | undefined };

/**
 * Agrees to a case for staff. A refund is requested at once, and once more where the last one failed; a return waits for the
 * goods; an exchange reserves the new goods first. Above `security.twoPersonRefundAbove` two people have to agree to one amount:
 * where the second names another one, the first has to agree to that.
 */
export async function approveForStaff(
	context: AfterSalesContext,
	ctx: Ctx<unknown>,
	found: AfterSale,
	{ by, amount: chosen }: Approval
): Promise<AfterSale> {
	if (found.type === "exchange") {
		if (chosen !== undefined) throw invalid("amount", "notInExchange");
		return approveExchange(context, ctx, found, by);
	}
	if (found.status !== "requested" && !isRefundDue(found)) throw notInState(found, "approved");
	const { _id, orderId, status, attempts } = found;
	const { maximum, refundedTotal } = await call(ctx, "orders.priceClaim", { orderId, claimId: _id });
	if (chosen !== undefined && chosen > maximum) throw invalid("amount", "refundMax", maximum);
	// Earlier refunds of the order count, so that a large one can't be split into small ones.
	const agreedAmount = Math.min(chosen ?? found.amount, maximum);
	const sum = refundedTotal + agreedAmount;
	const { user } = ctx.meta;
	if (user && isAbove(context, "security.stepUpRefundAbove", sum)) assertSteppedUp(user, new Date());
	const needsSecond = isAbove(context, "security.twoPersonRefundAbove", sum);
	const isSecond = (found.agreedBy ?? by) !== by && found.agreedAmount === agreedAmount;
	if (needsSecond && !isSecond)
		return context.cases.mustChange(_id, { status, attempts }, { $set: { agreedBy: by, agreedAmount } });
	const amount = needsSecond ? agreedAmount : chosen;
	if (found.status === "requested") return approveCase(context, ctx, found, { by, amount });
	if (amount === undefined) return requestRefund(context, ctx, found);
	const $set = { amount, amountChosen: true };
	return requestRefund(context, ctx, await context.cases.mustChange(_id, { status, attempts }, { $set }));
}

export const isAbove = (
	{ config }: Pick<AfterSalesContext, "config">,
	key: "security.stepUpRefundAbove" | "security.twoPersonRefundAbove",
	sum: number
): boolean => config.get(key) > 0 && sum > config.get(key);

/** Agrees to a requested refund or return. */
export async function approveCase(
	context: AfterSalesContext,
	via: AfterSalesContext["broker"],
	found: AfterSale,
	{ by, amount }: Approval
): Promise<AfterSale> {
	const waitsMs =
		found.type === "refund"
			? REQUEST_REFUND_WITHIN_MS
			: context.config.get("afterSales.returnWithin") * 1000;
	const approved = await mustTransition(
		context,
		found,
		{
			to: "approved",
			event: "approved",
			by,
			...(amount !== undefined && { set: { amount, amountChosen: true } }),
			deadline: new Date(Date.now() + waitsMs)
		},
		fact("after_sale.approved", { ...identify(found), amount: amount ?? found.amount })
	);
	return isRefundDue(approved) ? requestRefund(context, via, approved) : approved;
}
