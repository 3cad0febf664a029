import { call } from "../../schemas/registry";
import { isAboveThreshold } from "../../schemas/values/money";
import type { AfterSale } from "./after-sale.domain";
import type { AfterSalesContext } from "./after-sales.context";
import { approveCase } from "./decide-case";
import { endCase } from "./end-case";
import { completeExchange } from "./exchange-goods";
import { undoOpening } from "./open-case";
import { requestRefund } from "./refund-case";

const BATCH_SIZE = 200;
const RETRY_MS = 60_000;

/** Does the work that is due for cases past their deadline. Any replica may run it: guarded writes make repetitions harmless. */
export async function sweepCases(context: AfterSalesContext, now: Date): Promise<void> {
	const due = await context.cases.find(
		{ deadline: { $lte: now } },
		{ sort: { deadline: 1 }, limit: BATCH_SIZE }
	);
	for (const afterSale of due)
		// A failure is logged, not thrown: one case must not keep the others waiting.
		await act(context, afterSale).catch(async (err: unknown) => {
			context.logger.warn(
				{ err, afterSaleId: afterSale._id },
				"A case past its deadline is tried again later"
			);
			const { _id, deadline } = afterSale;
			if (deadline)
				await context.cases.change(
					{ _id, deadline },
					{ $set: { deadline: new Date(now.getTime() + RETRY_MS) } }
				);
		});
}

async function act(context: AfterSalesContext, afterSale: AfterSale): Promise<unknown> {
	const { broker } = context;
	switch (afterSale.status) {
		case "creating":
		case "undoing":
			return undoOpening(context, broker, afterSale);
		case "requested":
			return approveUnanswered(context, afterSale);
		case "approved":
			return afterSale.type === "refund"
				? requestRefund(context, broker, afterSale)
				: endCase(context, broker, afterSale, {
						event: "expired",
						by: "system",
						reason: "not sent back in time"
					});
		case "returned":
			return requestRefund(context, broker, afterSale);
		case "reshipped":
			return completeExchange(context, afterSale, "auto_received");
		default:
			return context.cases.change(
				{ _id: afterSale._id, status: afterSale.status },
				{ $unset: { deadline: "" } }
			);
	}
}

/** Approves a refund that nobody answered. One for which two people have to agree waits for them. */
async function approveUnanswered(context: AfterSalesContext, afterSale: AfterSale): Promise<unknown> {
	const { _id, orderId, status } = afterSale;
	const { maximum, refundedTotal } = await call(context.broker, "orders.priceClaim", {
		orderId,
		claimId: _id
	});
	const sum = refundedTotal + Math.min(afterSale.amount, maximum);
	if (isAboveThreshold(sum, context.config.get("security.twoPersonRefundAbove")))
		return context.cases.change({ _id, status }, { $unset: { deadline: "" } });
	return approveCase(context, context.broker, afterSale, { by: "system" });
}
