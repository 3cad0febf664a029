import { invalid } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call, fact } from "../../schemas/registry";
import { isAboveThreshold } from "../../schemas/values/money";
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
	afterSale: AfterSale,
	{ by, amount: chosen }: Approval
): Promise<AfterSale> {
	if (afterSale.type === "exchange") {
		if (chosen !== undefined) throw invalid("amount", "notInExchange");
		return approveExchange(context, ctx, afterSale, by);
	}
	if (afterSale.status !== "requested" && !isRefundDue(afterSale)) throw notInState(afterSale, "approved");
	const { _id, orderId, status, attempts } = afterSale;
	const { maximum, refundedTotal } = await call(ctx, "orders.priceClaim", { orderId, claimId: _id });
	if (chosen !== undefined && chosen > maximum) throw invalid("amount", "refundMax", maximum);
	// Earlier refunds of the order count, so that a large one can't be split into small ones.
	const agreedAmount = Math.min(chosen ?? afterSale.amount, maximum);
	const sum = refundedTotal + agreedAmount;
	const { user } = ctx.meta;
	const { config } = context;
	if (user && isAboveThreshold(sum, config.get("security.stepUpRefundAbove")))
		assertSteppedUp(user, new Date());
	const needsSecond = isAboveThreshold(sum, config.get("security.twoPersonRefundAbove"));
	const isSecond = (afterSale.agreedBy ?? by) !== by && afterSale.agreedAmount === agreedAmount;
	if (needsSecond && !isSecond)
		return context.cases.mustChange(_id, { status, attempts }, { $set: { agreedBy: by, agreedAmount } });
	const amount = needsSecond ? agreedAmount : chosen;
	if (afterSale.status === "requested") return approveCase(context, ctx, afterSale, { by, amount });
	if (amount === undefined) return requestRefund(context, ctx, afterSale);
	const $set = { amount, amountChosen: true };
	return requestRefund(context, ctx, await context.cases.mustChange(_id, { status, attempts }, { $set }));
}

/** Agrees to a requested refund or return. */
export async function approveCase(
	context: AfterSalesContext,
	via: AfterSalesContext["broker"],
	afterSale: AfterSale,
	{ by, amount }: Approval
): Promise<AfterSale> {
	const waitsMs =
		afterSale.type === "refund"
			? REQUEST_REFUND_WITHIN_MS
			: context.config.get("afterSales.returnWithin") * 1000;
	const approved = await mustTransition(
		context,
		afterSale,
		{
			to: "approved",
			event: "approved",
			by,
			...(amount !== undefined && { set: { amount, amountChosen: true } }),
			deadline: new Date(Date.now() + waitsMs)
		},
		fact("after_sale.approved", { ...identify(afterSale), amount: amount ?? afterSale.amount })
	);
	return isRefundDue(approved) ? requestRefund(context, via, approved) : approved;
}
