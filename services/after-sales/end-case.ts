import { call, fact } from "../../schemas/registry";
import { isRefundDue, type AfterSale } from "./after-sale.domain";
import { identify, notInState, mustTransition } from "./after-sale.transitions";
import type { AfterSalesContext, Via } from "./after-sales.context";

type Context = Pick<AfterSalesContext, "cases" | "logger">;
type Ending = {
	readonly event: "rejected" | "withdrawn" | "expired" | "order_refunded";
	readonly by: string;
	readonly reason: string;
};

/**
 * Ends a case without a refund, so that its units are free again. Where a refund may be being requested, the order decides:
 * it frees the units first, or the case is refused with INVALID_STATE. Else the case's own state decides, and the units follow;
 * the order and inventory hear the fact as well, should a call fail.
 */
export async function endCase(
	context: Context,
	via: Via,
	afterSale: AfterSale,
	{ event, by, reason }: Ending
): Promise<AfterSale> {
	const to = event === "rejected" ? event : "cancelled";
	const { _id: claimId, orderId, reservationId } = afterSale;
	const release = () => call(via, "orders.releaseUnits", { orderId, claimId });
	const mustReleaseFirst = isRefundDue(afterSale);
	if (mustReleaseFirst && !(await release()).released) throw notInState(afterSale, to);
	const payload = { ...identify(afterSale), reason, ...(reservationId !== undefined && { reservationId }) };
	const ended = await mustTransition(
		context,
		afterSale,
		{ to, event, by, reason },
		to === "rejected" ? fact("after_sale.rejected", payload) : fact("after_sale.cancelled", payload)
	);
	if (!mustReleaseFirst)
		await release().catch((err: unknown) =>
			context.logger.warn(
				{ err, afterSaleId: claimId, orderId },
				"The order did not release the units of an ended case; it does so by the case's fact"
			)
		);
	return ended;
}

/** Cancels the cases of an order whose whole money was sent back, but for those whose refund was part of it. */
export async function cancelCasesOfRefunded(
	context: Context,
	via: Via,
	{ orderId }: { readonly orderId: string }
): Promise<void> {
	const open = await context.cases.find({
		orderId,
		status: { $in: ["requested", "approved", "returned"] }
	});
	for (const afterSale of open) {
		const { _id: claimId, type, status } = afterSale;
		// An exchange that was agreed to goes on: its buyer sends goods back, and gets others.
		if (type === "exchange" && status !== "requested") continue;
		const { released } = await call(via, "orders.releaseUnits", { orderId, claimId });
		const ending = { event: "order_refunded", by: "system", reason: "order refunded" } as const;
		if (released) await endCase(context, via, afterSale, ending);
	}
}
