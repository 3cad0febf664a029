import { Refusal } from "../../schemas/errors/errors";
import type { Caller } from "../../schemas/kit/service";
import { isAboveThreshold } from "../../schemas/values/money";
import { assertSteppedUp } from "../../schemas/values/step-up";
import type { Order } from "./order.domain";
import { cancelOrder, requestRefund } from "./order.transitions";
import type { OrdersContext } from "./orders.context";

type Cancellation = { readonly by: string; readonly reason: string };

/** Cancels an unpaid order for staff, or has the money of a paid one sent back. */
export function cancelForStaff(
	context: OrdersContext,
	order: Order,
	{ by, reason }: Cancellation,
	caller: Caller | null | undefined
): Promise<Order> {
	if (order.status === "pending_payment") return cancelOrder(context, order, by, reason);
	if (caller) assertMayRefundAlone(context, caller, order);
	return requestRefund(context, order, by, reason);
}

/**
 * Refuses staff a cancellation whose refund needs more: above `security.stepUpRefundAbove` a recent proof of identity, above
 * `security.twoPersonRefundAbove` a second person, whom only a refund of the payment itself can wait for.
 */
function assertMayRefundAlone(
	{ config }: Pick<OrdersContext, "config">,
	caller: Caller,
	{ total }: Order
): void {
	if (isAboveThreshold(total, config.get("security.stepUpRefundAbove")))
		assertSteppedUp(caller, new Date());
	if (isAboveThreshold(total, config.get("security.twoPersonRefundAbove")))
		throw new Refusal(
			"SECOND_PERSON_REQUIRED",
			"So large a refund needs a second person: refund the payment instead"
		);
}
