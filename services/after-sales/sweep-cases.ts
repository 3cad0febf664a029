import { call } from "../../schemas/registry";
import type { AfterSale } from "./after-sale.domain";
import type { AfterSalesContext } from "./after-sales.context";
import { approveCase, isAbove } from "./decide-case";
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
	for (const found of due)
		// A failure is logged, not thrown: one case must not keep the others waiting.
		await act(context, found).catch(async (err: unknown) => {
			context.logger.warn(
				{ err, afterSaleId: found._id },
				"A case past its deadline is tried again later"
			);
			const { _id, deadline } = found;
			if (deadline)
				await context.cases.change(
					{ _id, deadline },
					{ $set: { deadline: new Date(now.getTime() + RETRY_MS) } }
				);
		});
}

async function act(context: AfterSalesContext, found: AfterSale): Promise<unknown> {
	const { broker } = context;
	switch (found.status) {
		case "creating":
		case "undoing":
			return undoOpening(context, broker, found);
		case "requested":
			return approveUnanswered(context, found);
		case "approved":
			return found.type === "refund"
				? requestRefund(context, broker, found)
				: endCase(context, broker, found, {
						event: "expired",
						by: "system",
						reason: "not sent back in time"
					});
		case "returned":
			return requestRefund(context, broker, found);
		case "reshipped":
			return completeExchange(context, found, "auto_received");
		default:
			return context.cases.change(
				{ _id: found._id, status: found.status },
				{ $unset: { deadline: "" } }
			);
	}
}

/** Approves a refund that nobody answered. One for which two people have to agree waits for them. */
async function approveUnanswered(context: AfterSalesContext, found: AfterSale): Promise<unknown> {
	const { _id, orderId, status } = found;
	const { maximum, refundedTotal } = await call(context.broker, "orders.priceClaim", {
		orderId,
		claimId: _id
	});
	const sum = refundedTotal + Math.min(found.amount, maximum);
	if (isAbove(context, "security.twoPersonRefundAbove", sum))
		return context.cases.change({ _id, status }, { $unset: { deadline: "" } });
	return approveCase(context, context.broker, found, { by: "system" });
}
