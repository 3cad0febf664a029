import { ulid } from "ulid";
import { jumpGuardedClock, logError } from "../../mixins/platform";
import { DAY_MS } from "../../schemas/values/durations";
import type { OrderStatus } from "../../schemas/orders.views";
import type { Order } from "./order.domain";
import { completeUnconfirmed, expireIfDue } from "./order.transitions";
import type { OrdersContext } from "./orders.context";
import { undoAbandonedPlacing } from "./undo-placing";

const BATCH_SIZE = 200;

type Act = (context: OrdersContext, order: Order) => Promise<unknown>;

/** Statuses that end by a deadline, and the work that is due then. */
const DUE: readonly (readonly [OrderStatus, Act])[] = [
	["creating", undoAbandonedPlacing],
	["pending_payment", expireIfDue],
	["shipped", completeUnconfirmed]
];

/** Does the work that is due for orders past their deadline. Any replica may run it: guarded writes make repetitions harmless. */
export async function sweepDeadlines(context: OrdersContext, now: Date): Promise<void> {
	const ahead = jumpGuardedClock.takeReportedJumpMs();
	if (ahead > 0) logError(context.logger, "CLOCK_JUMPED", { ms: Math.round(ahead) });
	for (const [status, act] of DUE) {
		const late = await context.orders.find(
			{ status, deadline: { $lte: now } },
			{ sort: { deadline: 1 }, limit: BATCH_SIZE }
		);
		for (const order of late)
			// A failure is logged, not thrown: one order must not keep the others waiting.
			await act(context, order).catch((err: unknown) =>
				logError(context.logger, "ORDER_DEADLINE_FAILED", { err, orderId: order._id })
			);
	}
}

/** Removes orders that failed `orders.failedKeepDays` ago. No client ever saw them; they are kept that long for support. */
export async function removeFailedOrders(
	{ orders, config }: Pick<OrdersContext, "orders" | "config">,
	now: Date
): Promise<void> {
	const since = ulid(now.getTime() - config.get("orders.failedKeepDays") * DAY_MS);
	await orders.remove({ status: "failed", _id: { $lt: since } });
}
