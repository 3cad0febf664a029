import { call, fact } from "../../schemas/registry";
import { refundsFrom, type AfterSale } from "./after-sale.domain";
import { identify, transition } from "./after-sale.transitions";
import type { AfterSalesContext, Via } from "./after-sales.context";

/** A refund that is due and was not requested by then is requested by the sweep. */
export const REQUEST_REFUND_WITHIN_MS = 15_000;

/**
 * Requests the refund of a case that is approved, or whose goods are back. The order decides the amount and publishes the
 * request in one write. Refuses with INVALID_STATE while the whole order is refunded; the sweep tries again.
 */
export async function requestRefund(
	context: Pick<AfterSalesContext, "cases">,
	via: Via,
	afterSale: AfterSale
): Promise<AfterSale> {
	const { _id, orderId, amountChosen, attempts, reason } = afterSale;
	const attempt = attempts + 1;
	const { amount } = await call(via, "orders.refundUnits", {
		orderId,
		claimId: _id,
		...(amountChosen && { amount: afterSale.amount }),
		attempt,
		reason
	});
	return (await startRefunding(context, afterSale, { amount, attempt })) ?? context.cases.get(_id);
}

const startRefunding = (
	context: Pick<AfterSalesContext, "cases">,
	afterSale: AfterSale,
	{ amount, attempt }: { readonly amount: number; readonly attempt: number }
): Promise<AfterSale | null> =>
	transition(context, afterSale, {
		to: "refunding",
		event: "refund_requested",
		by: "system",
		set: { amount, attempts: attempt, refundRequestedAt: new Date() }
	});

type RefundResult = { readonly claimId: string; readonly attempt: number; readonly amount: number };

/** Ends a case whose refund succeeded. Claims of refunds by staff have no case. */
export async function applyRefund(
	context: Pick<AfterSalesContext, "cases">,
	{ claimId, attempt, amount }: RefundResult
): Promise<void> {
	const afterSale = await followRequest(context, { claimId, attempt, amount });
	if (!afterSale) return;
	const set = { amount, refundedAt: new Date() };
	await transition(
		context,
		afterSale,
		{ to: "refunded", event: "refunded", by: "system", set },
		fact("after_sale.refunded", { ...identify(afterSale), amount })
	);
}

/** Moves a case back to where its refund began: staff decide again. */
export async function applyFailedRefund(
	context: Pick<AfterSalesContext, "cases">,
	{ claimId, attempt, reason }: Omit<RefundResult, "amount"> & { readonly reason: string }
): Promise<void> {
	const afterSale = await followRequest(context, { claimId, attempt });
	if (!afterSale) return;
	const set = { failureReason: reason };
	await transition(
		context,
		afterSale,
		{ to: refundsFrom(afterSale), event: "refund_failed", by: "system", set },
		fact("after_sale.refund_failed", identify(afterSale))
	);
}

/**
 * The case in `refunding` by this attempt, or null where it has moved on since. The result of a refund may come before the case
 * was written after the request.
 */
async function followRequest(
	context: Pick<AfterSalesContext, "cases">,
	{ claimId, attempt, amount }: Omit<RefundResult, "amount"> & { readonly amount?: number }
): Promise<AfterSale | null> {
	const { cases } = context;
	return cases
		.retryConflicts(claimId, async () => {
			const afterSale = await cases.findOne({ _id: claimId });
			const isDue =
				afterSale?.status === (afterSale && refundsFrom(afterSale)) &&
				afterSale.attempts === attempt - 1;
			if (afterSale && isDue)
				return startRefunding(context, afterSale, { amount: amount ?? afterSale.amount, attempt });
			return {
				afterSale:
					afterSale?.status === "refunding" && afterSale.attempts === attempt ? afterSale : null
			};
		})
		.then(result => ("afterSale" in result ? result.afterSale : result));
}
