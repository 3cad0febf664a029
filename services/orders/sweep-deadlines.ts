import { ulid } from "ulid";
import { jumpGuardedClock } from "../../mixins/platform";
import { DAY_MS } from "../../schemas/durations";
import type { OrderStatus } from "../../schemas/orders.contract";
import { completeOrder, expireIfDue } from "./order.transitions";
import type { Order } from "./order.domain";
import { undoPlacing, type OrdersContext } from "./place-order";

const AT_ONCE = 200;

/** Does for every order past its deadline what its status asks for. Any replica may: the second one finds it done. */
export async function sweepDeadlines(desk: OrdersContext, now: Date): Promise<void> {
	const ahead = jumpGuardedClock.takeReportedJumpMs();
	if (ahead > 0)
		desk.logger.error(
			{ ms: Math.round(ahead) },
			"The clock jumped ahead: orders keep their time unless that lasts"
		);
	const due: Partial<Record<OrderStatus, (order: Order) => Promise<unknown>>> = {
		creating: order => undoPlacing(desk, order),
		pending_payment: order => expireIfDue(desk, order),
		shipped: order => completeOrder(desk, order, "auto_received", "system")
	};
	for (const [status, act] of Object.entries(due)) {
		const late = await desk.orders.find(
			{ status, deadline: { $lte: now } },
			{ sort: { deadline: 1 }, limit: AT_ONCE }
		);
		for (const order of late)
			// One that can't be helped now must not keep the others waiting.
			await act(order).catch((err: unknown) =>
				desk.logger.error(
					{ err, orderId: order._id },
					"An order past its deadline stays for the next sweep"
				)
			);
	}
}

/** Orders that never came about have no buyer who looks for them: kept a while for questions, then removed. */
export async function removeFailedOrders({ orders, config }: OrdersContext, now: Date): Promise<void> {
	const since = ulid(now.getTime() - config.get("orders.failedKeepDays") * DAY_MS);
	await orders.remove({ status: "failed", _id: { $lt: since } });
}
